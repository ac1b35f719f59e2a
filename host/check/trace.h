// The calls of a test as they happen, for a trace viewer (ui.perfetto.dev, chrome://tracing).
// Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace hearback::check {

// Each event is written at once, a line of JSON: a crash leaves the call that it happened in. Any
// thread.
class Trace {
  public:
    // No file: nothing is written.
    explicit Trace(const std::filesystem::path& file);
    ~Trace();
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    bool isOn() const { return fd_ >= 0; }
    // `side`: "plugin" for a call into it, "host" for one that it makes.
    void begin(const char* name, const char* side, const nlohmann::json& args = {}) const;
    void end(const char* name, const nlohmann::json& args = {}) const;

  private:
    void write(const nlohmann::json& event) const;
    int fd_ = -1;
};

} // namespace hearback::check
