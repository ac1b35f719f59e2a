// Sources live through weeks: what is usual is no alarm, what stops is one.
#include "intake/rhythm.h"

#include "base/random.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <functional>

using namespace hearback;
using base::kDay;
using base::kHour;
using base::kMinute;
using base::Micros;

namespace {

constexpr Micros kStep = 5 * kMinute;

int hourOfDay(Micros at) { return static_cast<int>(at / kHour % 24); }
// 1970 began on a Thursday.
bool isWeekend(Micros at) { return (at / kDay + 4) % 7 == 0 || (at / kDay + 4) % 7 == 6; }

// A source, looked at every five minutes; something comes with a chance that depends on the time.
class Life {
  public:
    using Chance = std::function<double(Micros)>;

    // Gives how often it was said to be silent, for a stretch of time each.
    int live(Micros duration, const Chance& chance, bool is_well = true) {
        int alarms = 0;
        bool was_silent = rhythm.isSilent();
        for (const Micros end = clock.now() + duration; clock.now() < end;) {
            clock.advance(kStep);
            rhythm.pass(clock.now(), is_well);
            if (random.unit() < chance(clock.now())) rhythm.arrived(clock.now());
            if (rhythm.isSilent() && !was_silent) ++alarms;
            was_silent = rhythm.isSilent();
        }
        return alarms;
    }
    // Nothing comes any more: how long until that is said, at most `patience`.
    Micros untilAlarm(Micros patience) {
        const Micros begun = clock.now();
        while (!rhythm.isSilent() && clock.now() < begun + patience) {
            clock.advance(kStep);
            rhythm.pass(clock.now(), true);
        }
        return clock.now() - begun;
    }
    void goTo(int hour, const Chance& chance) {
        do {
            live(kStep, chance);
        } while (hourOfDay(clock.now()) != hour || isWeekend(clock.now()));
    }

    testing::ManualClock clock;
    base::SeededRandom random{3};
    intake::Rhythm rhythm;
};

// Eight hours on five days.
double inTheOffice(Micros at) {
    return !isWeekend(at) && hourOfDay(at) >= 8 && hourOfDay(at) < 16 ? 0.3 : 0;
}

} // namespace

TEST_CASE("nights and weekends on which nothing ever comes are no silence", "[rhythm]") {
    Life life;
    CHECK(life.live(26 * 7 * kDay, inTheOffice) == 0);
}

TEST_CASE("a source that stops on a working day is silent on that day", "[rhythm]") {
    Life life;
    life.live(8 * 7 * kDay, inTheOffice);
    life.goTo(10, inTheOffice);
    const Micros after = life.untilAlarm(kDay);
    CHECK(after >= kHour);
    CHECK(after <= 6 * kHour);
    // What comes again ends it.
    life.rhythm.arrived(life.clock.now());
    CHECK_FALSE(life.rhythm.isSilent());
}

TEST_CASE("where something comes day and night, few hours without are a silence", "[rhythm]") {
    Life life;
    const auto always = [](Micros) { return 0.8; };
    CHECK(life.live(8 * 7 * kDay, always) == 0);
    CHECK(life.untilAlarm(kDay) <= 3 * kHour);
}

TEST_CASE("clocks that go forward make no alarm", "[rhythm]") {
    Life life;
    CHECK(life.live(8 * 7 * kDay, inTheOffice) == 0);
    const auto later = [](Micros at) { return inTheOffice(at - kHour); };
    CHECK(life.live(8 * 7 * kDay, later) == 0);
    const auto earlier = [](Micros at) { return inTheOffice(at + kHour); };
    CHECK(life.live(8 * 7 * kDay, earlier) == 0);
}

TEST_CASE("what comes now and then is not silent within its usual waits", "[rhythm]") {
    Life life;
    // About three in a week.
    CHECK(life.live(30 * 7 * kDay, [](Micros) { return 3.0 / (7 * 24 * 12); }) <= 1);
    CHECK(life.untilAlarm(60 * kDay) < 40 * kDay);
}

TEST_CASE("nothing is said of a source that never had messages, or is not known yet", "[rhythm]") {
    Life life;
    CHECK(life.live(10 * 7 * kDay, [](Micros) { return 0.0; }) == 0);
    CHECK(life.live(2 * 7 * kDay, inTheOffice) == 0);
    CHECK(life.live(2 * 7 * kDay, [](Micros) { return 0.0; }) == 0);
}

TEST_CASE("while a source is not well it is not silent", "[rhythm]") {
    Life life;
    life.live(8 * 7 * kDay, inTheOffice);
    life.goTo(10, inTheOffice);
    CHECK(life.live(
              kDay, [](Micros) { return 0.0; }, false) == 0);
}

TEST_CASE("a source that has become slower is called silent twice at most", "[rhythm]") {
    Life life;
    life.live(8 * 7 * kDay, inTheOffice);
    const auto slower = [](Micros at) { return inTheOffice(at) / 40; };
    (void)life.live(8 * 7 * kDay, slower);
    CHECK(life.live(12 * 7 * kDay, slower) <= 2);
}

TEST_CASE("what was learned outlives a restart, which is no silence itself", "[rhythm]") {
    Life life;
    life.live(8 * 7 * kDay, inTheOffice);
    life.goTo(10, inTheOffice);
    const auto kept = intake::Rhythm::read(life.rhythm.text());
    REQUIRE(kept);
    CHECK(kept->lastAt() == life.rhythm.lastAt());
    life.rhythm = *kept;
    life.clock.advance(3 * kDay);
    CHECK(life.untilAlarm(kDay) >= kHour);
    CHECK(life.rhythm.isSilent());
}

TEST_CASE("what is no kept rhythm is none", "[rhythm]") {
    for (const std::string text : {"", "2 0 0", "1 1 1 1 1 1 0 0", "what"})
        CHECK_FALSE(intake::Rhythm::read(text));
    const std::string text = intake::Rhythm().text();
    CHECK(intake::Rhythm::read(text));
    CHECK_FALSE(intake::Rhythm::read(text.substr(0, text.size() - 2)));
}
