// Texts, chance and time: what both the history and the program need.
#pragma once

#include "tables.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace sample {

using Seconds = std::int64_t; // since 1970-01-01T00:00:00Z

inline constexpr Seconds kMinute = 60;
inline constexpr Seconds kHour = 60 * kMinute;
inline constexpr Seconds kDay = 24 * kHour;
inline constexpr std::uint64_t kHistory = 60; // days that the tables speak of

struct Options {
    std::uint64_t messages = 420;
    std::uint64_t days = kHistory;
    std::uint64_t seed = 1;
    Seconds end = 0;
    std::string texts;
};

enum class Sentiment { Positive, Neutral, Negative };

struct Text {
    int language = 0;
    int topic = 0;
    Sentiment sentiment = Sentiment::Neutral;
    std::string hint;
    std::string text;
    bool about_lamp = false; // else it is about the app or the subscription
    int uses = 0;
};

// Without the distributions of the standard library: they differ from one to the other.
class Random {
  public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::uint64_t any() {
        const std::uint64_t high = engine_();
        return high << 32 | engine_();
    }
    std::uint64_t below(std::uint64_t end) { return any() % end; }
    bool percent(int chance) { return below(100) < static_cast<std::uint64_t>(chance); }
    std::string word(Words words) {
        std::uint64_t left =
            below(1 + static_cast<std::uint64_t>(std::count(words.begin(), words.end(), '|')));
        for (; left > 0; --left) words.remove_prefix(words.find('|') + 1);
        return std::string(words.substr(0, words.find('|')));
    }
    std::string number(std::uint64_t from, std::uint64_t to) {
        return std::to_string(from + below(to - from + 1));
    }

  private:
    std::mt19937 engine_;
};

inline std::string timeText(Seconds at) {
    const std::chrono::sys_seconds time{std::chrono::seconds(at)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + "-" +
           two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
           "T" + two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
           two(clock.seconds().count()) + "Z";
}

inline std::vector<Text> readTexts(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::vector<Text> texts;
    std::string line;
    std::getline(file, line); // the names of the columns
    for (int number = 2; std::getline(file, line); ++number) {
        std::vector<std::string> cells(1);
        for (const char c : line)
            if (c == '\t')
                cells.emplace_back();
            else
                cells.back() += c;
        Text text;
        const auto language =
            std::find_if(kLanguageTable.begin(), kLanguageTable.end(),
                         [&](const Language& each) { return each.tag == cells[0]; });
        if (cells.size() != 5 || language == kLanguageTable.end() || cells[4].empty())
            throw std::runtime_error(path + ", line " + std::to_string(number) +
                                     ": wants language, topic, sentiment, kind_hint, text");
        const auto topic = std::find(kTopicNames.begin(), kTopicNames.end(), cells[1]);
        if (topic == kTopicNames.end())
            throw std::runtime_error(path + ", line " + std::to_string(number) +
                                     ": there is no topic \"" + cells[1] + "\"");
        text.language = static_cast<int>(language - kLanguageTable.begin());
        text.topic = static_cast<int>(topic - kTopicNames.begin());
        if (cells[2] == "positive") text.sentiment = Sentiment::Positive;
        if (cells[2] == "negative") text.sentiment = Sentiment::Negative;
        text.hint = cells[3];
        text.text = cells[4];
        text.about_lamp = text.text.find("{product}") != std::string::npos;
        texts.push_back(std::move(text));
    }
    return texts;
}

// Replies are chosen apart: they need something that they answer.
inline bool suits(const Text& text, int channel) {
    const std::string& hint = text.hint;
    const bool any = hint == "any";
    switch (channel) {
    case AppStore:
    case GooglePlay: return (hint == "review" || any) && !text.about_lamp;
    case Email: return hint == "mail" || any;
    case Webshop:
        return (text.about_lamp || kTopicNames[static_cast<std::size_t>(text.topic)] == "spam") &&
               (hint == "review" || hint == "comment");
    case Mastodon: return hint == "mention" || any;
    default: return hint == "survey_answer" || any;
    }
}

inline bool suitsReply(const Text& text) { return text.hint == "comment" && !text.about_lamp; }

} // namespace sample
