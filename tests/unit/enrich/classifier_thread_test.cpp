#include "enrich/classifier_thread.h"
#include "support/eventually.h"
#include "support/fake_classifier.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

using namespace hearback;
using enrich::ClassifierThread;
using enrich::Question;
using hearback::testing::Eventually;
using hearback::testing::FakeClassifier;
using hearback::testing::ManualClock;

namespace {

std::shared_ptr<Question> question() {
    return std::make_shared<Question>(std::make_shared<const std::string>());
}

// A classifier that does not answer before it is let go.
class HeldClassifier {
  public:
    HeldClassifier() {
        classifier.say = [this](const v1::ClassifyRequest&) {
            held.note([&] { ++asked; });
            held.comesTrue([&] { return free; });
            return pipeline::Answer{pipeline::Verdict::Ok, "", "answered", 0};
        };
    }
    void letGo() {
        held.note([&] { free = true; });
    }
    bool isAsked(int times) {
        return held.comesTrue([&] { return asked == times; });
    }

    FakeClassifier classifier{"mood", "sentiment", {"positive"}};

  private:
    Eventually held;
    int asked = 0;
    bool free = false;
};

} // namespace

TEST_CASE("a classifier answers one question after the other", "[enrich]") {
    ManualClock clock;
    FakeClassifier classifier("mood", "sentiment", {"positive"});
    ClassifierThread thread(classifier);
    for (int i = 0; i < 100; ++i) {
        const auto asked = question();
        REQUIRE(thread.ask(asked));
        REQUIRE(asked->waitFor(clock, base::kHour));
    }
    CHECK(classifier.requests.size() == 100);
    CHECK(thread.stop(clock, base::kMinute));
}

TEST_CASE("a classifier that still works on a question takes no other", "[enrich]") {
    ManualClock clock;
    HeldClassifier held;
    ClassifierThread thread(held.classifier);
    const auto first = question();
    const auto second = question();
    REQUIRE(thread.ask(first));
    CHECK_FALSE(thread.ask(second));
    REQUIRE(held.isAsked(1));
    CHECK_FALSE(thread.ask(second));
    held.letGo();
    REQUIRE(first->waitFor(clock, base::kHour));
    CHECK(thread.ask(second));
    CHECK(second->waitFor(clock, base::kHour));
    CHECK(thread.stop(clock, base::kMinute));
}

TEST_CASE("who waits for an answer waits until the deadline and no longer", "[enrich]") {
    ManualClock clock;
    HeldClassifier held;
    ClassifierThread thread(held.classifier);
    const auto asked = question();
    REQUIRE(thread.ask(asked));
    CHECK_FALSE(asked->waitFor(clock, 0));
    clock.advance(base::kSecond);
    CHECK_FALSE(asked->waitFor(clock, base::kSecond));
    held.letGo();
    // What comes too late is thrown away with the question; the next one is answered.
    REQUIRE(asked->waitFor(clock, base::kHour));
    CHECK_FALSE(asked->waitFor(clock, base::kSecond));
    CHECK(thread.stop(clock, base::kMinute));
}

TEST_CASE("a question under way is finished before the thread ends", "[enrich]") {
    ManualClock clock;
    FakeClassifier classifier("mood", "sentiment", {"positive"});
    const auto asked = question();
    {
        ClassifierThread thread(classifier);
        REQUIRE(thread.ask(asked));
    }
    CHECK(asked->waitFor(clock, 0));
}

TEST_CASE("a thread that was stopped takes no question", "[enrich]") {
    ManualClock clock;
    FakeClassifier classifier("mood", "sentiment", {"positive"});
    ClassifierThread thread(classifier);
    CHECK(thread.stop(clock, base::kMinute));
    CHECK_FALSE(thread.ask(question()));
    CHECK(thread.stop(clock, base::kMinute));
    CHECK(classifier.requests.empty());
}

TEST_CASE("a classifier that does not return is left behind", "[enrich]") {
    ManualClock clock;
    HeldClassifier held;
    const auto asked = question();
    {
        ClassifierThread thread(held.classifier);
        REQUIRE(thread.ask(asked));
        REQUIRE(held.isAsked(1));
        CHECK_FALSE(thread.stop(clock, 0));
    }
    held.letGo();
    CHECK(asked->waitFor(clock, base::kHour));
}
