#include "intake/rhythm.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <locale>
#include <numeric>
#include <sstream>
#include <utility>
#include <vector>

namespace hearback::intake {

namespace {

constexpr int kVersion = 1;
constexpr base::Micros kStepMax = 5 * base::kMinute;
// Before that all hours weigh the same, and what is measured so is not compared with what comes.
constexpr base::Micros kWeighedAfter = 14 * base::kDay;
constexpr base::Micros kSilenceMin = base::kHour;
constexpr std::size_t kGapsMax = 28;
constexpr double kTooLong = 2;
// Of an hour in which nothing ever came, so that what stops for good is found at some time.
constexpr double kLeastWeight = 0.05;
constexpr double kFade = 0.9; // a week

std::size_t hourOfWeek(base::Micros at, std::size_t hours) {
    return static_cast<std::size_t>(at / base::kHour) % hours;
}

} // namespace

Rhythm::Rhythm() { weights_.fill(1); }

void Rhythm::pass(base::Micros now, bool is_well) {
    const base::Micros step = now - std::exchange(looked_at_, now);
    if (!is_well || last_at_ == 0 || step <= 0 || step > kStepMax) return;
    watched_ += step;
    silence_ += step;
    quiet_ += static_cast<double>(step) / base::kHour * weights_[hourOfWeek(now, kHours)];
}

void Rhythm::arrived(base::Micros now) {
    const base::Micros before = std::exchange(last_at_, now);
    if (before / base::kDay != now / base::kDay) {
        if (longest_ > 0) gaps_.push_back(longest_);
        if (gaps_.size() > kGapsMax) gaps_.pop_front();
        longest_ = 0;
    }
    if (watched_ >= kWeighedAfter) longest_ = std::max(longest_, quiet_);
    quiet_ = 0;
    silence_ = 0;
    if (before / base::kHour == now / base::kHour) return;
    if (before / (7 * base::kDay) != now / (7 * base::kDay))
        for (double& hits : hits_) hits *= kFade;
    ++hits_[hourOfWeek(now, kHours)];
    if (watched_ >= kWeighedAfter) weigh();
}

// Each hour in proportion to how often something comes in it or beside it; 1 on the average.
void Rhythm::weigh() {
    const double mean = std::accumulate(hits_.begin(), hits_.end(), 0.0) / kHours;
    if (mean <= 0) return;
    for (std::size_t i = 0; i < kHours; ++i) {
        const double around =
            (hits_[(i + kHours - 1) % kHours] + 2 * hits_[i] + hits_[(i + 1) % kHours]) / 4;
        weights_[i] = around / mean + kLeastWeight;
    }
}

bool Rhythm::isSilent() const {
    if (watched_ < kLearnedAfter || gaps_.size() < kGapsMin || silence_ < kSilenceMin) return false;
    std::vector<double> gaps(gaps_.begin(), gaps_.end());
    gaps.push_back(longest_);
    // The longest one may have been an outage that nobody wants to see again.
    std::nth_element(gaps.begin(), gaps.begin() + 1, gaps.end(), std::greater<>());
    return quiet_ > kTooLong * gaps[1];
}

std::string Rhythm::text() const {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << kVersion << ' ' << last_at_ << ' ' << watched_ << ' ' << silence_ << ' ' << quiet_ << ' '
        << longest_;
    for (const double hits : hits_) out << ' ' << hits;
    out << ' ' << gaps_.size();
    for (const double gap : gaps_) out << ' ' << gap;
    return out.str();
}

std::optional<Rhythm> Rhythm::read(const std::string& text) {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    Rhythm rhythm;
    int version = 0;
    std::size_t gaps = 0;
    in >> version >> rhythm.last_at_ >> rhythm.watched_ >> rhythm.silence_ >> rhythm.quiet_ >>
        rhythm.longest_;
    for (double& hits : rhythm.hits_) in >> hits;
    in >> gaps;
    if (!in || version != kVersion || gaps > kGapsMax) return std::nullopt;
    rhythm.gaps_.resize(gaps);
    for (double& gap : rhythm.gaps_) in >> gap;
    if (!in) return std::nullopt;
    if (rhythm.watched_ >= kWeighedAfter) rhythm.weigh();
    return rhythm;
}

} // namespace hearback::intake
