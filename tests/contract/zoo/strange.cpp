// A channel whose data are strange in the way that its settings say; and after that, or beside it,
// ten good messages.
#include <hearback/sdk/plugin.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace {

using hearback::Status;

class Strange final : public hearback::Channel {
  public:
    struct Settings {
        std::string does;
    };
    static constexpr auto kAbout =
        hearback::about("strange", "1.0.0", "Brings what no channel should bring");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("does", &Settings::does, "What is strange").defaultsTo(""));

    explicit Strange(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    Status start(std::optional<std::string_view>) override { return Status::ok(); }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override {
        const bool is_first = polls_++ == 0;
        const std::string& does = settings_.does;
        if (is_first || does == "same-batch") good(batch);
        batch.checkpoint(does == "same-batch" ? "same" : std::to_string(polls_));
        // For ever, whatever it brings.
        batch.hasMore(does == "same-batch" || does == "nothing-more");
        if (does == "same-batch" || does == "nothing-more") return Status::ok();
        if (is_first) strange(batch, does);
        if (does == "long-checkpoint") batch.checkpoint(std::string((64 << 10) + 1, 'c'));
        return Status::end();
    }

  private:
    static void good(hearback::BatchOut& batch) {
        for (int i = 0; i < 10; ++i)
            batch.add().externalId("good-" + std::to_string(i)).text("good message");
    }
    static void strange(hearback::BatchOut& batch, const std::string& does) {
        if (does == "control-ids") batch.add().externalId("a\x01\x1b[31mb").text("odd id");
        if (does == "no-id") batch.add().text("no id");
        if (does == "years") {
            batch.add().externalId("year-1").text("old").occurredAt(-62135596800000000);
            batch.add().externalId("year-9999").text("far").occurredAt(253402300799000000);
            batch.add().externalId("never").text("never").occurredAt(
                std::numeric_limits<std::int64_t>::max());
        }
        if (does == "nan") batch.add().externalId("nan").text("rated").rating(std::nan(""), 1, 5);
        if (does == "reused-id")
            for (int i = 0; i < 5; ++i)
                batch.add().externalId("one").text("text " + std::to_string(i));
        if (does == "huge") batch.add().externalId("huge").text(std::string(3 << 20, 'x'));
        if (does == "broken-text")
            batch.add().externalId("broken").text("caf\xe9 \xff\xfe \x1b[31m");
        if (does == "tiny")
            for (int i = 0; i < 20000; ++i)
                batch.add().externalId("t" + std::to_string(i)).text("x");
    }

    Settings settings_;
    int polls_ = 0;
};

} // namespace

HEARBACK_PLUGIN(Strange)
