#include "storage/sql.h"
#include "trends/rollup_ledger.h"

#include <cmath>
#include <map>
#include <tuple>

namespace hearback::trends {

namespace {

using soci::use;

// bucket, source, channel, language, topic, sentiment
using Cell = std::tuple<long long, long long, long long, long long, long long, long long>;

struct Counts {
    long long messages = 0;
    long long spam = 0;
    long long rated = 0;
    long long rating_sum = 0; // thousandths
};

// Sorted, so that neighbouring cells of the table are written one after the other.
using Cells = std::map<Cell, Counts>;

long long bucketOf(base::Micros at, base::Micros size) {
    const long long bucket = at / size;
    return at % size < 0 ? bucket - 1 : bucket;
}

void count(Cells& cells, base::Micros size, const pipeline::Facts& facts, long long by) {
    Counts& counts = cells[{bucketOf(facts.occurred_at, size), facts.source, facts.channel,
                            facts.language, facts.topic, facts.sentiment}];
    counts.messages += by;
    counts.spam += facts.spam ? by : 0;
    if (facts.rating) {
        counts.rated += by;
        counts.rating_sum += by * std::llround(*facts.rating * 1000);
    }
}

struct HourTable {
    static constexpr const char* kName = "rollup_hour";
};
struct DayTable {
    static constexpr const char* kName = "rollup_day";
};

template <class Table>
struct AddToCell {
    long long bucket = 0, source = 0, channel = 0, language = 0, topic = 0, sentiment = 0;
    Counts counts;
    soci::statement statement;
    explicit AddToCell(soci::session& sql)
        : statement((sql.prepare << text(), use(bucket), use(source), use(channel), use(language),
                     use(topic), use(sentiment), use(counts.messages), use(counts.spam),
                     use(counts.rated), use(counts.rating_sum))) {}

    static std::string text() {
        const std::string table = Table::kName;
        std::string sql =
            "INSERT INTO " + table +
            " (bucket, source_id, channel_id, language_id, topic_id, sentiment_id, "
            "messages, spam, rated, rating_sum) "
            "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j) ON CONFLICT (bucket, "
            "source_id, channel_id, language_id, topic_id, sentiment_id) DO UPDATE SET ";
        for (const char* column : {"messages", "spam", "rated", "rating_sum"}) {
            if (column != std::string("messages")) sql += ", ";
            sql += std::string(column) + " = " + table + "." + column + " + excluded." + column;
        }
        return sql;
    }
};

template <class Table>
void addAll(storage::Transaction& tx, const Cells& cells) {
    auto& add = tx.kept<AddToCell<Table>>();
    for (const auto& [cell, counts] : cells) {
        std::tie(add.bucket, add.source, add.channel, add.language, add.topic, add.sentiment) =
            cell;
        add.counts = counts;
        add.statement.execute(true);
    }
}

} // namespace

storage::Migration rollupMigration() {
    static constexpr std::string_view kHour =
        "CREATE TABLE rollup_hour (bucket BIGINT NOT NULL, source_id BIGINT NOT NULL, "
        "channel_id BIGINT NOT NULL, language_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, "
        "sentiment_id BIGINT NOT NULL, messages BIGINT NOT NULL, spam BIGINT NOT NULL, "
        "rated BIGINT NOT NULL, rating_sum BIGINT NOT NULL, PRIMARY KEY (bucket, source_id, "
        "channel_id, language_id, topic_id, sentiment_id)) $clustered";
    static constexpr std::string_view kDay =
        "CREATE TABLE rollup_day (bucket BIGINT NOT NULL, source_id BIGINT NOT NULL, "
        "channel_id BIGINT NOT NULL, language_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, "
        "sentiment_id BIGINT NOT NULL, messages BIGINT NOT NULL, spam BIGINT NOT NULL, "
        "rated BIGINT NOT NULL, rating_sum BIGINT NOT NULL, PRIMARY KEY (bucket, source_id, "
        "channel_id, language_id, topic_id, sentiment_id)) $clustered";
    return {"trends", 1, {kHour, kDay}};
}

void RollupLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    Cells hours;
    Cells days;
    for (const pipeline::Batch& batch : group) {
        for (const pipeline::Item& item : batch.items) {
            if (item.before) {
                count(hours, base::kHour, *item.before, -1);
                count(days, base::kDay, *item.before, -1);
            }
            if (item.now) {
                count(hours, base::kHour, *item.now, 1);
                count(days, base::kDay, *item.now, 1);
            }
        }
    }
    addAll<HourTable>(tx, hours);
    addAll<DayTable>(tx, days);
}

} // namespace hearback::trends
