#include "hearback/sdk/time.hpp"
#include "storage/sql.h"
#include "trends/report.h"

#include <algorithm>
#include <limits>
#include <map>

namespace hearback::trends {

namespace {

using soci::into;
using soci::use;

// One row of the counts, with what a report needs.
struct CellRow {
    long long bucket = 0, source = 0, channel = 0, language = 0, topic = 0, sentiment = 0;
    long long messages = 0, spam = 0, rated = 0, rating_sum = 0;
};

struct Sums {
    ReportRow row;
    long long rating_sum = 0;
    std::map<std::string, long long> topics;
};

bool needsHours(const ReportQuestion& question) {
    return std::find(question.by.begin(), question.by.end(), Dimension::Hour) != question.by.end();
}

std::string bucketName(long long bucket, base::Micros size) {
    const std::string text = formatRfc3339(bucket * size);
    return size == base::kDay ? text.substr(0, 10) : text.substr(0, 13) + ":00";
}

class ReportReader {
  public:
    ReportReader(storage::Session& session, storage::Dictionary& dictionary,
                 const ReportQuestion& question)
        : session_(session), dictionary_(dictionary), question_(question),
          size_(needsHours(question) ? base::kHour : base::kDay) {}

    Report read() {
        CellRow cell;
        const long long first = question_.since / size_;
        const long long end = question_.until == 0 ? std::numeric_limits<long long>::max()
                                                   : (question_.until + size_ - 1) / size_;
        const long long source = idOf(storage::Term::Source, question_.source);
        const long long channel = idOf(storage::Term::Channel, question_.channel);
        soci::statement select =
            (session_.sql().prepare << selectText(), into(cell.bucket), into(cell.source),
             into(cell.channel), into(cell.language), into(cell.topic), into(cell.sentiment),
             into(cell.messages), into(cell.spam), into(cell.rated), into(cell.rating_sum),
             use(first, "first"), use(end, "end"), use(source, "source"), use(channel, "channel"));
        select.execute();
        while (select.fetch()) add(cell);
        return finish();
    }

  private:
    // Days collapse to one where no row of the report is about time: then the rows of a cell that
    // differ in nothing else are summed by the database.
    std::string selectText() const {
        const std::string table = size_ == base::kHour ? "rollup_hour" : "rollup_day";
        const bool by_time = has(Dimension::Day) || has(Dimension::Hour);
        const std::string bucket = by_time ? "bucket" : "min(bucket)";
        return "SELECT " + bucket +
               ", source_id, channel_id, language_id, topic_id, sentiment_id, sum(messages), "
               "sum(spam), sum(rated), sum(rating_sum) FROM " +
               table +
               " WHERE bucket >= :first AND bucket < :end AND (:source = 0 OR source_id = :source) "
               "AND (:channel = 0 OR channel_id = :channel) GROUP BY " +
               std::string(by_time ? "bucket, " : "") +
               "source_id, channel_id, language_id, topic_id, sentiment_id HAVING sum(messages) > "
               "0";
    }
    bool has(Dimension dimension) const {
        return std::find(question_.by.begin(), question_.by.end(), dimension) != question_.by.end();
    }
    // -1, which no row has, for a name that nobody ever used.
    long long idOf(storage::Term term, const std::string& word) {
        return dictionary_.find(session_, term, word).value_or(-1);
    }
    std::string keyOf(Dimension dimension, const CellRow& cell) {
        switch (dimension) {
        case Dimension::Day:
            return bucketName(size_ == base::kHour ? cell.bucket / 24 : cell.bucket, base::kDay);
        case Dimension::Hour: return bucketName(cell.bucket, base::kHour);
        case Dimension::Source: return dictionary_.wordOf(session_, cell.source);
        case Dimension::Channel: return dictionary_.wordOf(session_, cell.channel);
        case Dimension::Language: return dictionary_.wordOf(session_, cell.language);
        case Dimension::Topic: return dictionary_.wordOf(session_, cell.topic);
        case Dimension::Sentiment: return dictionary_.wordOf(session_, cell.sentiment);
        }
        return {};
    }
    void add(const CellRow& cell) {
        std::vector<std::string> keys;
        for (const Dimension dimension : question_.by) keys.push_back(keyOf(dimension, cell));
        const std::string topic = dictionary_.wordOf(session_, cell.topic);
        const std::string sentiment = dictionary_.wordOf(session_, cell.sentiment);
        for (Sums* sums : {&rows_[keys], &total_}) {
            ReportRow& row = sums->row;
            row.messages += cell.messages;
            row.spam += cell.spam;
            row.rated += cell.rated;
            row.positive += sentiment == "positive" ? cell.messages : 0;
            row.neutral += sentiment == "neutral" ? cell.messages : 0;
            row.negative += sentiment == "negative" ? cell.messages : 0;
            sums->rating_sum += cell.rating_sum;
            if (!topic.empty()) sums->topics[topic] += cell.messages;
        }
    }
    static ReportRow finished(Sums& sums) {
        if (sums.row.rated > 0)
            sums.row.rating =
                static_cast<double>(sums.rating_sum) / 1000 / static_cast<double>(sums.row.rated);
        for (const auto& [topic, messages] : sums.topics) {
            if (messages <= sums.row.top_topic_messages) continue;
            sums.row.top_topic = topic;
            sums.row.top_topic_messages = messages;
        }
        return sums.row;
    }
    Report finish() {
        Report report;
        for (auto& [keys, sums] : rows_) {
            report.rows.push_back(finished(sums));
            report.rows.back().keys = keys;
        }
        report.total = finished(total_);
        return report;
    }

    storage::Session& session_;
    storage::Dictionary& dictionary_;
    const ReportQuestion& question_;
    base::Micros size_;
    std::map<std::vector<std::string>, Sums> rows_;
    Sums total_;
};

} // namespace

std::optional<Dimension> dimensionOf(std::string_view name) {
    for (std::size_t i = 0; i < kDimensionNames.size(); ++i)
        if (kDimensionNames[i] == name) return static_cast<Dimension>(i);
    return std::nullopt;
}

base::Result<Report> makeReport(storage::Database& database, storage::Dictionary& dictionary,
                                const ReportQuestion& question) {
    return database.query<Report>("report", [&](storage::Session& session) {
        return ReportReader(session, dictionary, question).read();
    });
}

} // namespace hearback::trends
