// When something usually comes from a source, learned from when it came; so whether it has been
// silent for too long. A silence is measured in hours of the week in which something usually comes:
// nights and weekends on which nothing ever comes hardly count. Pure: time comes in by the calls.
#pragma once

#include "base/clock.h"

#include <array>
#include <deque>
#include <optional>
#include <string>

namespace hearback::intake {

class Rhythm {
  public:
    // So much time, in which the source was well, and so many days on which something came after
    // the first two weeks, have to be known before a silence is called one.
    static constexpr base::Micros kLearnedAfter = 28 * base::kDay;
    static constexpr std::size_t kGapsMin = 10;

    Rhythm();

    // It is `now`. `is_well`: what would have come since the last call would be here. Steps of more
    // than five minutes count for nothing: nobody looked.
    void pass(base::Micros now, bool is_well);
    // Something came.
    void arrived(base::Micros now);

    // Twice as long as the second longest silence of the last four weeks on which something came,
    // and an hour at least. Never where nothing ever came, or too little is known.
    bool isSilent() const;
    // How long nothing came while the source was well.
    base::Micros silence() const { return silence_; }
    base::Micros lastAt() const { return last_at_; }

    // Everything, to be kept over a restart.
    std::string text() const;
    static std::optional<Rhythm> read(const std::string& text);

  private:
    static constexpr std::size_t kHours = 168;

    void weigh();

    base::Micros looked_at_ = 0; // not kept: nobody looks while nothing runs
    base::Micros last_at_ = 0;   // 0: nothing ever came
    base::Micros watched_ = 0;
    base::Micros silence_ = 0;
    double quiet_ = 0;                  // the same in weighted hours
    std::array<double, kHours> hits_{}; // hours of the week with something in them; old ones fade
    std::array<double, kHours> weights_{};
    double longest_ = 0;      // of the day of last_at_
    std::deque<double> gaps_; // the longest of each day before
};

} // namespace hearback::intake
