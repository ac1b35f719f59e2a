#include "history/event_log.h"

#include "base/fingerprint.h"
#include "enrich/enrich.h"
#include "history/replayer.h"
#include "support/fake_classifier.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::history;
using hearback::testing::FakeClassifier;
using hearback::testing::TempFolder;

namespace {

v1::Decision decision(int number, const std::string& label = "good") {
    v1::Decision decision;
    decision.set_message_id(number);
    decision.mutable_message()->set_text("text " + std::to_string(number));
    decision.mutable_message()->set_received_at_us(number * base::kHour);
    v1::Annotation& said = *decision.mutable_annotations()->add_annotations();
    said.set_classifier("mood");
    said.set_label(label);
    decision.mutable_route()->set_team("support");
    return decision;
}

void write(const std::filesystem::path& file, int decisions) {
    v1::EventLogHead head;
    head.set_hearback_version("1.2.3");
    auto log = EventLogWriter::create(file, head);
    REQUIRE(log);
    for (int i = 1; i <= decisions; ++i) REQUIRE(log->add(decision(i)));
    REQUIRE(log->finish());
}

// What is wrong with a log with these bytes; empty: nothing.
std::string readAll(const TempFolder& folder, const std::string& bytes) {
    auto log = EventLogReader::open(folder.write("read", bytes));
    if (!log) return log.error().message;
    for (;;) {
        const auto next = log->next();
        if (!next) return next.error().message;
        if (!*next) return "";
    }
}

class Team final : public pipeline::Stage {
  public:
    explicit Team(std::string team) : team_(std::move(team)) {}
    void process(std::vector<pipeline::Batch>& group) override {
        group.front().items.front().route.set_team(team_);
    }

  private:
    std::string team_;
};

ReplayOutcome replayed(const std::filesystem::path& file, const FakeClassifier::Say& say,
                       Team rules) {
    auto log = EventLogReader::open(file);
    REQUIRE(log);
    FakeClassifier mood("mood", "sentiment", {});
    mood.say = say;
    ReplayClock clock;
    base::Metrics metrics;
    enrich::Enrich ask({&mood}, clock, metrics, base::kMinute);
    const auto outcome = replay(*log, {ask, rules, clock},
                                [](const pipeline::Item&) { return base::Result<void>(); }, {});
    CHECK(ask.stop(base::kMinute));
    REQUIRE(outcome);
    return *outcome;
}

} // namespace

TEST_CASE("an event log gives back what was written, and is not written over", "[history]") {
    const TempFolder folder;
    write(folder / "log", 3);
    auto log = EventLogReader::open(folder / "log");
    REQUIRE(log);
    CHECK(log->head().hearback_version() == "1.2.3");
    for (int i = 1; i <= 3; ++i) {
        const auto next = log->next();
        REQUIRE(next);
        REQUIRE(*next);
        CHECK((*next)->SerializeAsString() == decision(i).SerializeAsString());
    }
    CHECK_FALSE(*log->next());
    const auto again = EventLogWriter::create(folder / "log", {});
    REQUIRE_FALSE(again);
    CHECK(again.error().message.find("is there already") != std::string::npos);
}

TEST_CASE("an event log that was cut off or changed anywhere is refused", "[history]") {
    const TempFolder folder;
    write(folder / "log", 2);
    const std::string whole = folder.read("log");
    CHECK(readAll(folder, whole).empty());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO("cut off at " << size);
        CHECK_FALSE(readAll(folder, whole.substr(0, size)).empty());
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        INFO("changed at " << at);
        CHECK_FALSE(readAll(folder, changed).empty());
    }
    CHECK(readAll(folder, "id,text\n1,hello\n").find("is no event log") != std::string::npos);
    const auto cut = readAll(folder, whole.substr(0, whole.size() - 1));
    CHECK(cut.find("is cut off, at byte") != std::string::npos);
}

TEST_CASE("an event log of a newer format is refused with what to do", "[history]") {
    const TempFolder folder;
    write(folder / "log", 0);
    // The head as a newer program would write it.
    v1::EventLogEntry entry;
    entry.mutable_head()->set_format(kEventLogFormat + 1);
    entry.mutable_head()->set_hearback_version("9.0.0");
    const std::string body = entry.SerializeAsString();
    const auto print = static_cast<std::uint64_t>(base::Fingerprint().add(body).value());
    std::string bytes = "hearback event log\n";
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(body.size() >> (8 * i) & 0xff);
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(print >> (8 * i) & 0xff);
    const std::string told = readAll(folder, bytes + body);
    CHECK(told.find("written by Hearback 9.0.0") != std::string::npos);
    CHECK(told.find("replay it with a newer one") != std::string::npos);
}

TEST_CASE("the same classifiers and rules decide a recorded log the same way", "[history]") {
    const TempFolder folder;
    write(folder / "log", 50);
    const auto outcome = replayed(folder / "log", FakeClassifier::always("good"), Team("support"));
    CHECK(outcome.is_whole);
    CHECK(outcome.tally.messages() == 50);
    CHECK(outcome.tally.changed() == 0);
    CHECK(outcome.unanswered == 0);
}

TEST_CASE("another classifier or another rule is told by what became of what", "[history]") {
    const TempFolder folder;
    write(folder / "log", 5);
    const auto outcome = replayed(folder / "log", FakeClassifier::always("bad"), Team("sales"));
    CHECK(outcome.tally.changed() == 5);
    REQUIRE(outcome.tally.changes_size() == 2);
    CHECK(outcome.tally.changes(0).classifier() == "mood");
    CHECK(outcome.tally.changes(0).from() == "good");
    CHECK(outcome.tally.changes(0).to() == "bad");
    CHECK(outcome.tally.changes(1).subject() == "team");
    CHECK(outcome.tally.changes(1).to() == "sales");
}

TEST_CASE("a classifier that does not answer in a replay is told and is no difference",
          "[history]") {
    const TempFolder folder;
    write(folder / "log", 2);
    const auto outcome = replayed(
        folder / "log",
        [](const auto&) -> pipeline::Answer {
            return {pipeline::Verdict::Internal, "", "no network", 0};
        },
        Team("support"));
    CHECK(outcome.unanswered == 2);
    CHECK(outcome.tally.changed() == 0);
}
