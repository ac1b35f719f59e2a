// Figures about the host, in the form that Prometheus reads
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace hearback::base {

class Metrics {
  public:
    using Labels = std::map<std::string, std::string>;

    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // Counters end in _total, times in _seconds.
    void count(const std::string& name, const Labels& labels, double by = 1);
    void set(const std::string& name, const Labels& labels, double value);
    void observe(const std::string& name, const Labels& labels, double seconds);

    // The text that a scrape is answered with.
    std::string text() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hearback::base
