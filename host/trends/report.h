// What people talk about, read from the counts. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::trends {

// What the rows of a report are.
enum class Dimension { Day, Hour, Source, Channel, Language, Topic, Sentiment };
inline constexpr std::array<std::string_view, 7> kDimensionNames = {
    "day", "hour", "source", "channel", "language", "topic", "sentiment"};

std::optional<Dimension> dimensionOf(std::string_view name);

struct ReportQuestion {
    // Whole hours or days of UTC: from `since` on, up to but not including `until`; 0: no limit.
    // Points within a bucket count with their whole bucket.
    base::Micros since = 0;
    base::Micros until = 0;
    std::vector<Dimension> by{Dimension::Channel, Dimension::Day}; // one or two
    // Only these; empty: all.
    std::string source;
    std::string channel;
};

struct ReportRow {
    std::vector<std::string> keys; // one for each dimension; "2015-02-17", "twitter", "" for none
    std::int64_t messages = 0;
    std::int64_t spam = 0;
    std::int64_t positive = 0;
    std::int64_t neutral = 0;
    std::int64_t negative = 0;
    std::int64_t rated = 0;
    double rating = 0;     // mean on a scale of 0 to 1, of those rated
    std::string top_topic; // the most frequent one; empty where none is known
    std::int64_t top_topic_messages = 0;
};

struct Report {
    std::vector<ReportRow> rows; // sorted by the keys
    ReportRow total;
};

base::Result<Report> makeReport(storage::Database& database, storage::Dictionary& dictionary,
                                const ReportQuestion& question);

} // namespace hearback::trends
