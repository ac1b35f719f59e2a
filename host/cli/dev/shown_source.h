// A channel whose every call is told as it comes, with the messages that it brought.
#pragma once

#include "cli/dev/console.h"
#include "pipeline/plugins.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace hearback::v1 {
class FeedbackBatch;
}

namespace hearback::cli::dev {

// How far it has come since it was made, or since expectBegin(). Any thread may ask.
struct SourceProgress {
    bool has_begun = false;  // start() was well, at least once
    bool has_failed = false; // a call was not, at least once
    bool is_drained = false; // it has nothing more for now, and all that it gave was stored
};

// What `source` does is done by it; calls that have nothing to tell are passed on in silence.
class ShownSource final : public pipeline::Source {
  public:
    ShownSource(std::unique_ptr<pipeline::Source> source, Console& console)
        : source_(std::move(source)), console_(console) {}
    SourceProgress progress() const;
    // It is about to be started once more: what came before does not count.
    void expectBegin();

    const std::string& name() const override { return source_->name(); }
    const std::string& plugin() const override { return source_->plugin(); }
    std::size_t maxInflight() const override { return source_->maxInflight(); }
    bool polls() const override { return source_->polls(); }
    bool receives() const override { return source_->receives(); }
    pipeline::Answer start(const std::optional<std::string>& checkpoint) override;
    pipeline::Answer poll(const pipeline::PollLimits& limits) override;
    pipeline::Answer receive(const std::string& path, std::string_view request) override;
    void ack(std::uint64_t batch_id, bool stored) override;
    pipeline::Answer decode(std::string_view payload) override { return source_->decode(payload); }
    std::vector<pipeline::Route> routes() const override { return source_->routes(); }
    bool acts() const override { return source_->acts(); }
    pipeline::Answer capabilities(std::string_view request) override {
        return source_->capabilities(request);
    }
    pipeline::Answer act(std::string_view action) override { return source_->act(action); }
    void cancel() override { source_->cancel(); }
    void stop() override { source_->stop(); }
    void onWake(std::function<void()> wake) override { source_->onWake(std::move(wake)); }
    pipeline::Answer health() const override { return source_->health(); }

  private:
    bool isNews(const std::string& failure);
    void tellFailure(const char* function, const pipeline::Answer& answer);
    void tellBatch(const char* function, const v1::FeedbackBatch& batch);
    void tellPolled(const pipeline::Answer& answer);

    const std::unique_ptr<pipeline::Source> source_;
    Console& console_;
    mutable std::mutex mutex_;
    SourceProgress progress_;
    std::string last_failure_;  // told already: trying again is no news until something else comes
    bool is_last_ = false;      // the last poll had nothing to come behind it
    std::size_t unsettled_ = 0; // batches that are not stored yet
};

} // namespace hearback::cli::dev
