// When, where, about what and in which language somebody writes. All weights are whole numbers, so
// that every machine draws the same.
#pragma once

#include "chance.hpp"

#include <map>
#include <tuple>

namespace sample {

// One message to be: everything that the weights decide.
struct Slot {
    Seconds at = 0;
    int channel = 0;
    int topic = 0;
    int language = 0;
};

class Plan {
  public:
    Plan(const Options& options, std::vector<Text> texts, Random& random)
        : options_(options), random_(random), texts_(std::move(texts)),
          begin_(options.end - static_cast<Seconds>(options.days) * kDay) {
        for (Text& text : texts_) {
            for (int channel = 0; channel < kChannels; ++channel)
                if (suits(text, channel))
                    candidates_[{channel, text.topic, text.language}].push_back(&text);
            if (suitsReply(text)) candidates_[{kReply, text.topic, text.language}].push_back(&text);
        }
    }
    // The candidates point into the texts.
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    std::vector<Slot> drawSlots() {
        std::vector<Slot> cells;
        std::vector<std::uint64_t> sums; // of the weights up to and including each cell
        std::uint64_t sum = 0;
        for (int topic = 0; topic < kTopics * kChannels; ++topic) {
            for (int day = 0; day < static_cast<int>(options_.days); ++day) {
                for (int language = 0; language < kLanguages; ++language) {
                    const Slot slot{begin_ + day * kDay, topic / kTopics, topic % kTopics,
                                    language};
                    const std::uint64_t weight = weigh(slot, day);
                    if (weight == 0) continue;
                    sum += weight;
                    cells.push_back(slot);
                    sums.push_back(sum);
                }
            }
        }
        const std::uint64_t step = sum / options_.messages;
        if (step == 0) throw std::runtime_error("there are no texts to choose from");
        // One draw from each of N equal parts: every topic of every channel gets what it is due.
        std::vector<Slot> slots;
        for (std::uint64_t i = 0; i < options_.messages; ++i) {
            const std::uint64_t drawn = i * step + random_.below(step);
            const auto found = std::upper_bound(sums.begin(), sums.end(), drawn);
            Slot slot = cells[static_cast<std::size_t>(found - sums.begin())];
            slot.at += drawTime(kChannelTable[static_cast<std::size_t>(slot.channel)].hours);
            slots.push_back(slot);
        }
        std::stable_sort(slots.begin(), slots.end(),
                         [](const Slot& a, const Slot& b) { return a.at < b.at; });
        return slots;
    }

    // The text that was used least, so that few are seen twice; null where none suits.
    const Text* chooseText(const Slot& slot, bool reply) {
        const auto found =
            candidates_.find({reply ? kReply : slot.channel, slot.topic, slot.language});
        if (found == candidates_.end()) return nullptr;
        int least = found->second.front()->uses;
        for (const Text* text : found->second) least = std::min(least, text->uses);
        std::vector<Text*> rested;
        for (Text* text : found->second)
            if (text->uses == least) rested.push_back(text);
        Text* text = rested[random_.below(rested.size())];
        ++text->uses;
        return text;
    }

    // Replies are short and few: they are not used as often as other texts.
    bool hasReply(const Slot& slot) const {
        const auto found = candidates_.find({kReply, slot.topic, slot.language});
        const auto most = static_cast<int>(options_.messages / Options().messages);
        return found != candidates_.end() &&
               std::any_of(found->second.begin(), found->second.end(),
                           [&](const Text* text) { return text->uses < std::max(1, most); });
    }

    std::string versionAt(Seconds at) const {
        std::string_view version;
        for (const Release& release : kReleases)
            if (scaled(release.day) <= (at - begin_) / kDay) version = release.version;
        return std::string(version);
    }

  private:
    static constexpr int kReply = kChannels; // beside the channels in candidates_

    // A day of the tables as a day of this history.
    int scaled(int day) const {
        return day * static_cast<int>(options_.days) / static_cast<int>(kHistory);
    }

    // The two stories, in percent of the usual.
    int storyPercent(int day, int channel, int topic, int language) const {
        const auto name = kTopicNames[static_cast<std::size_t>(topic)];
        const int since_release = day - scaled(kReleases[kBadRelease].day);
        if ((channel == AppStore || channel == GooglePlay || channel == Mastodon) &&
            (name == "bug" || name == "performance") && since_release >= 0 &&
            since_release < static_cast<int>(kBadReleasePercent.size()))
            return kBadReleasePercent[static_cast<std::size_t>(since_release)];
        const auto tag = kLanguageTable[static_cast<std::size_t>(language)].tag;
        const int last_days = scaled(12);
        const int step = day - (static_cast<int>(options_.days) - last_days);
        if (channel == Email && name == "delivery" && (tag == "de" || tag == "fr") && step >= 0) {
            const auto [from, to] = kLateParcelsPercent;
            return from + (to - from) * step / std::max(1, last_days - 1);
        }
        return 100;
    }

    std::uint64_t weigh(const Slot& slot, int day) const {
        const auto texts = candidates_.find({slot.channel, slot.topic, slot.language});
        if (texts == candidates_.end()) return 0;
        const Channel& where = kChannelTable[static_cast<std::size_t>(slot.channel)];
        const int share = where.share * where.topics[static_cast<std::size_t>(slot.topic)] *
                          kLanguageTable[static_cast<std::size_t>(slot.language)].share;
        const int percent = storyPercent(day, slot.channel, slot.topic, slot.language);
        // A story does not wait for the weekend.
        const auto weekday = static_cast<std::size_t>((slot.at / kDay + 4) % 7);
        const int of_weekday = percent != 100 ? 100 : where.weekdays[weekday];
        // Where there is little to choose from less is said: nobody shall read it twice.
        const std::uint64_t choice = std::min<std::size_t>(texts->second.size(), 2);
        return static_cast<std::uint64_t>(share) * static_cast<std::uint64_t>(percent) *
               static_cast<std::uint64_t>(of_weekday) * choice;
    }

    Seconds drawTime(const Hours& hours) {
        int sum = 0;
        for (const int weight : hours) sum += weight;
        int left = static_cast<int>(random_.below(static_cast<std::uint64_t>(sum)));
        Seconds hour = 0;
        for (std::size_t i = 0; left >= hours[i]; ++i, ++hour) left -= hours[i];
        return hour * kHour +
               static_cast<Seconds>(random_.below(static_cast<std::uint64_t>(kHour)));
    }

    const Options& options_;
    Random& random_;
    std::vector<Text> texts_;
    Seconds begin_;
    // Channel (or kReply), topic and language of a text.
    std::map<std::tuple<int, int, int>, std::vector<Text*>> candidates_;
};

} // namespace sample
