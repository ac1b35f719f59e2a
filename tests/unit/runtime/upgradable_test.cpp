#include "runtime/upgradable.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <map>

using namespace hearback;
using loader::Call;
using loader::Method;
using pipeline::Answer;
using pipeline::Verdict;
using runtime::Upgradable;
using runtime::UpgradeStep;

namespace {

// A version of a plugin that answers as the test says and tells what was asked of it.
class FakeVersion final : public loader::PluginInstance {
  public:
    FakeVersion(std::string version, std::string kind, std::vector<std::string>& calls)
        : calls_(calls) {
        manifest_.id = "fake";
        manifest_.kind = std::move(kind);
        manifest_.version = std::move(version);
    }
    ~FakeVersion() override { calls_.push_back(manifest_.version + " gone"); }

    const std::string& name() const override { return name_; }
    const loader::PluginManifest& manifest() const override { return manifest_; }
    bool can(Method) const override { return true; }
    Answer run(const Call& call) override {
        calls_.push_back(manifest_.version + " " + loader::nameOf(call.method) +
                         (call.method == Method::Start && call.has_checkpoint
                              ? " at " + std::string(call.bytes)
                              : ""));
        Answer answer = answers[call.method];
        if (call.method == Method::Start && call.bytes == refuses) answer.verdict = Verdict::Config;
        return answer;
    }
    void cancel() override {}
    std::vector<pipeline::Route> routes() const override { return {}; }
    void onWake(std::function<void()> to) override { wake = std::move(to); }
    Answer health() const override { return ill; }

    std::map<Method, Answer> answers;
    std::string refuses = "none"; // a checkpoint that it cannot read
    std::function<void()> wake;
    Answer ill;

  private:
    std::string name_ = "it";
    loader::PluginManifest manifest_;
    std::vector<std::string>& calls_;
};

class UpgradeFixture {
  public:
    explicit UpgradeFixture(std::string kind = "channel") : kind_(std::move(kind)) {
        auto first = std::make_shared<FakeVersion>("1", kind_, calls);
        versions.push_back(first);
        it = std::make_unique<Upgradable>(runtime::Version{first, "hash 1"}, clock);
    }
    std::shared_ptr<FakeVersion> offer() {
        const std::string number = std::to_string(versions.size() + 1);
        auto next = std::make_shared<FakeVersion>(number, kind_, calls);
        versions.push_back(next);
        if (refuses_to_start)
            next->answers[Method::Start] = {Verdict::Unavailable, "", "no model", 0};
        it->offer({next, "hash " + number}, [this](UpgradeStep step, const std::string& why) {
            steps.push_back(step);
            reason = why;
        });
        return next;
    }
    std::shared_ptr<FakeVersion> version(std::size_t number) const {
        return versions[number - 1].lock();
    }
    Answer start(const std::string& checkpoint = "") {
        return it->run(
            {.method = Method::Start, .bytes = checkpoint, .has_checkpoint = !checkpoint.empty()});
    }
    Answer run(Method method) { return it->run({.method = method}); }
    std::vector<std::string> takeCalls() { return std::exchange(calls, {}); }

    testing::ManualClock clock;
    std::vector<std::string> calls; // outlives the versions
    std::vector<std::weak_ptr<FakeVersion>> versions;
    std::vector<UpgradeStep> steps;
    std::string reason;
    bool refuses_to_start = false; // those that are offered next
    std::unique_ptr<Upgradable> it;

  private:
    std::string kind_;
};

using Calls = std::vector<std::string>;
using Steps = std::vector<UpgradeStep>;

} // namespace

TEST_CASE("a channel's new version takes over when it is started again", "[runtime]") {
    UpgradeFixture fixture;
    CHECK(fixture.start().isOk());
    CHECK(fixture.run(Method::Poll).isOk());
    fixture.offer();
    CHECK(fixture.it->newestHash() == "hash 2");
    CHECK(fixture.it->version() == "1");
    CHECK(fixture.run(Method::Poll).isOk());
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("17").isOk());
    CHECK(fixture.run(Method::Poll).isOk());
    CHECK(fixture.it->version() == "2");
    CHECK(fixture.takeCalls() ==
          Calls{"1 start", "1 poll", "1 poll", "1 stop", "2 start at 17", "2 poll"});
    CHECK(fixture.steps == Steps{UpgradeStep::TookOver});
    // After its trial the old one goes.
    fixture.clock.advance(Upgradable::kTrial);
    CHECK(fixture.run(Method::Poll).isOk());
    CHECK(fixture.takeCalls() == Calls{"1 gone", "2 poll"});
    CHECK(fixture.steps == Steps{UpgradeStep::TookOver, UpgradeStep::Kept});
}

TEST_CASE("a version that does not start leaves the old one at its checkpoint", "[runtime]") {
    UpgradeFixture fixture;
    CHECK(fixture.start().isOk());
    fixture.offer()->answers[Method::Start] = {Verdict::Config, "", "not a checkpoint of mine", 0};
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("17").isOk());
    CHECK(fixture.takeCalls() ==
          Calls{"1 start", "1 stop", "2 start at 17", "2 gone", "1 start at 17"});
    CHECK(fixture.steps == Steps{UpgradeStep::RolledBack});
    CHECK(fixture.reason == "not a checkpoint of mine");
    CHECK(fixture.it->version() == "1");
    CHECK(fixture.it->newestHash() == "hash 1");
}

TEST_CASE("a version that fails on trial is rolled back at the next start", "[runtime]") {
    UpgradeFixture fixture;
    CHECK(fixture.start().isOk());
    const auto second = fixture.offer();
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("17").isOk());
    SECTION("by what it returns: no reason for the channel to be given up") {
        second->answers[Method::Poll] = {Verdict::Config, "", "no such setting", 0};
        CHECK(fixture.run(Method::Poll).verdict == Verdict::Internal);
    }
    SECTION("by its end") { second->ill = {Verdict::Internal, "", "no such setting", 0}; }
    CHECK(fixture.run(Method::Stop).isOk());
    fixture.takeCalls();
    CHECK(fixture.start("18").isOk());
    CHECK(fixture.takeCalls().back() == "1 start at 18");
    CHECK(fixture.steps == Steps{UpgradeStep::TookOver, UpgradeStep::RolledBack});
    CHECK(fixture.reason == "no such setting");
    CHECK(fixture.it->version() == "1");
}

TEST_CASE("an old version that cannot read the new one's checkpoint goes back to where that began",
          "[runtime]") {
    UpgradeFixture fixture;
    CHECK(fixture.start().isOk());
    const auto second = fixture.offer();
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("17").isOk());
    second->answers[Method::Poll] = {Verdict::Internal, "", "crashed", 0};
    CHECK_FALSE(fixture.run(Method::Poll).isOk());
    fixture.version(1)->refuses = "v2:18";
    fixture.takeCalls();
    CHECK(fixture.start("v2:18").isOk());
    const Calls calls = fixture.takeCalls();
    CHECK(calls[calls.size() - 2] == "1 start at v2:18");
    CHECK(calls.back() == "1 start at 17");
}

TEST_CASE("a classifier's new version takes over between two calls and goes back likewise",
          "[runtime]") {
    UpgradeFixture fixture("classifier");
    CHECK(fixture.start().isOk());
    CHECK(fixture.run(Method::Classify).isOk());
    const auto second = fixture.offer();
    // At once, where it has nothing to do.
    CHECK(fixture.it->version() == "2");
    CHECK(fixture.run(Method::Classify).isOk());
    CHECK(fixture.takeCalls() == Calls{"1 start", "1 classify", "2 start", "1 stop", "2 classify"});
    second->answers[Method::Classify] = {Verdict::Internal, "", "crashed", 0};
    CHECK_FALSE(fixture.run(Method::Classify).isOk());
    CHECK(fixture.run(Method::Classify).isOk());
    CHECK(fixture.takeCalls() == Calls{"2 classify", "2 stop", "1 start", "1 classify"});
    CHECK(fixture.steps == Steps{UpgradeStep::TookOver, UpgradeStep::RolledBack});
    // One that does not start is not asked.
    fixture.refuses_to_start = true;
    fixture.offer();
    CHECK(fixture.run(Method::Classify).isOk());
    CHECK(fixture.takeCalls() == Calls{"3 start", "3 gone", "1 classify"});
    CHECK(fixture.reason == "no model");
}

TEST_CASE("a sink that is not started yet starts as the new version", "[runtime]") {
    UpgradeFixture fixture("sink");
    fixture.offer();
    CHECK(fixture.takeCalls().empty());
    CHECK(fixture.start().isOk());
    CHECK(fixture.run(Method::Write).isOk());
    CHECK(fixture.takeCalls() == Calls{"2 start", "2 write"});
}

TEST_CASE("a failure after the trial is no reason to go back", "[runtime]") {
    UpgradeFixture fixture;
    CHECK(fixture.start().isOk());
    const auto second = fixture.offer();
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("17").isOk());
    fixture.clock.advance(Upgradable::kTrial);
    CHECK(fixture.run(Method::Poll).isOk());
    second->answers[Method::Poll] = {Verdict::Auth, "", "key expired", 0};
    CHECK(fixture.run(Method::Poll).verdict == Verdict::Auth);
    CHECK(fixture.run(Method::Stop).isOk());
    CHECK(fixture.start("18").isOk());
    CHECK(fixture.it->version() == "2");
}

TEST_CASE("whatever version runs wakes the host", "[runtime]") {
    UpgradeFixture fixture;
    int wakes = 0;
    fixture.it->onWake([&] { ++wakes; });
    fixture.version(1)->wake();
    const auto second = fixture.offer();
    second->wake();
    CHECK(wakes == 2);
    // An offer that another one replaces goes at once.
    fixture.offer();
    CHECK(fixture.it->newestHash() == "hash 3");
}
