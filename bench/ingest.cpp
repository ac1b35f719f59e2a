// End to end: a file of feedback → read, normalised, four classifiers, 200 rules, stored durably
// with people, counts and outbox, searchable. Beside it, in the same run and on the same disk: the
// same rows inserted by SQLite alone, with the same indexes, flushes and batches, and nothing else.
#include "corpus.h"
#include "program.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace hearback::bench;

constexpr int kBatch = 4096;

void writeConfig(const std::filesystem::path& folder) {
    std::ofstream out(folder / "hearback.toml");
    out << "data_dir = \"data\"\n";
    for (const char* plugin : {"language", "sentiment", "topic", "spam"})
        out << "[[classifier]]\nname = \"" << plugin << "\"\nplugin = \"" << plugin << "\"\n";
    out << "[[sink]]\nname = \"out\"\nplugin = \"file-out\"\nsettings.path = \"out.ndjson\"\n";
    for (int i = 0; i < 200; ++i) {
        out << "[[route]]\nname = \"rule " << i << "\"\n";
        if (i % 4 == 0)
            out << "when = { all = [{ field = \"channel\", op = \"is\", value = \"c" << i
                << "\" }, { field = \"sentiment\", op = \"is\", value = \"negative\" }] }\n";
        else if (i % 4 == 1)
            out << "when = { field = \"attributes.app_version\", op = \"is\", value = \"9." << i
                << "\" }\n";
        else if (i % 4 == 2)
            out << "when = { all = [{ field = \"rating\", op = \"<=\", value = " << i % 5
                << " }, { field = \"topic\", op = \"is\", value = \"billing\" }] }\n";
        else
            out << "when = { field = \"text\", op = \"contains\", value = \"word" << i << "\" }\n";
        out << "tags = [\"t" << i << "\"]\n";
        if (i == 2) out << "team = \"billing\"\nsinks = [\"out\"]\n";
    }
}

void check(int result, sqlite3* db) {
    if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
    std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
    std::exit(1);
}

void run(sqlite3* db, const char* sql) {
    check(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), db);
}

struct Value {
    std::int64_t number = 0;
    std::string bytes;
    bool is_number = true;
};

// All rows of the table as the product stored them.
std::vector<std::vector<Value>> loadRows(const std::string& file, std::string& columns) {
    sqlite3* db = nullptr;
    check(sqlite3_open(file.c_str(), &db), db);
    sqlite3_stmt* select = nullptr;
    check(sqlite3_prepare_v2(db, "SELECT * FROM message ORDER BY id", -1, &select, nullptr), db);
    std::vector<std::vector<Value>> rows;
    while (sqlite3_step(select) == SQLITE_ROW) {
        auto& row = rows.emplace_back();
        for (int i = 0; i < sqlite3_column_count(select); ++i) {
            Value& value = row.emplace_back();
            value.is_number = sqlite3_column_type(select, i) == SQLITE_INTEGER;
            value.number = sqlite3_column_int64(select, i);
            if (!value.is_number)
                value.bytes.assign(static_cast<const char*>(sqlite3_column_blob(select, i)),
                                   static_cast<std::size_t>(sqlite3_column_bytes(select, i)));
        }
    }
    for (int i = 0; i < sqlite3_column_count(select); ++i)
        columns += (i == 0 ? "" : ", ") + std::string(sqlite3_column_name(select, i));
    sqlite3_finalize(select);
    sqlite3_close(db);
    return rows;
}

// The reference: seconds for inserting the rows.
double insertRaw(const std::string& file, const std::vector<std::vector<Value>>& rows,
                 const std::string& columns) {
    sqlite3* db = nullptr;
    check(sqlite3_open(file.c_str(), &db), db);
    run(db, "PRAGMA journal_mode=WAL");
    run(db, "PRAGMA synchronous=FULL");
    run(db, "PRAGMA cache_size=-32768");
    run(db, "PRAGMA wal_autocheckpoint=4096");
    std::string definition = columns;
    definition.replace(definition.find("id,"), 3, "id INTEGER PRIMARY KEY,");
    run(db, ("CREATE TABLE message (" + definition + ")").c_str());
    run(db, "CREATE UNIQUE INDEX message_key ON message (source_id, external_id)");
    run(db, "CREATE INDEX message_time ON message (occurred_at)");
    run(db, "CREATE INDEX message_conversation ON message (conversation_id) "
            "WHERE conversation_id <> 0");
    std::string places = "?";
    for (std::size_t i = 1; i < rows.front().size(); ++i) places += ", ?";
    sqlite3_stmt* insert = nullptr;
    check(sqlite3_prepare_v2(db, ("INSERT INTO message VALUES (" + places + ")").c_str(), -1,
                             &insert, nullptr),
          db);
    const double begun = nowSeconds();
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (at % kBatch == 0) run(db, at == 0 ? "BEGIN" : "COMMIT; BEGIN");
        int place = 0;
        for (const Value& value : rows[at]) {
            ++place;
            if (value.is_number)
                sqlite3_bind_int64(insert, place, value.number);
            else
                sqlite3_bind_blob(insert, place, value.bytes.data(),
                                  static_cast<int>(value.bytes.size()), SQLITE_STATIC);
        }
        check(sqlite3_step(insert), db);
        sqlite3_reset(insert);
    }
    run(db, "COMMIT");
    const double seconds = nowSeconds() - begun;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return seconds;
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200000;
    const std::filesystem::path folder = argc > 2 ? argv[2] : "/tmp/hearback-bench";
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    writeCorpus(folder / "corpus.ndjson", messages);
    writeConfig(folder);
    std::printf("ingest: %llu messages, %.0f MB of NDJSON, %d rounds\n",
                static_cast<unsigned long long>(messages),
                static_cast<double>(std::filesystem::file_size(folder / "corpus.ndjson")) / 1e6,
                rounds);
    std::printf("%-7s %12s %10s %10s %14s %8s\n", "round", "messages/s", "CPU s", "peak MiB",
                "raw rows/s", "ratio");
    for (int round = 1; round <= rounds; ++round) {
        std::filesystem::remove_all(folder / "data");
        std::filesystem::remove(folder / "out.ndjson");
        const Used used =
            hearback::bench::run({hearbackProgram(), "-c", (folder / "hearback.toml").string(),
                                  "import", "--no-deliver", (folder / "corpus.ndjson").string()});
        if (used.code != 0) return 1;
        std::string columns;
        const auto rows = loadRows(folder / "data/hearback.db", columns);
        std::filesystem::remove(folder / "raw.db");
        const double raw_s = insertRaw(folder / "raw.db", rows, columns);
        const double ours = static_cast<double>(messages) / used.wall_s;
        const double raw = static_cast<double>(rows.size()) / raw_s;
        std::printf("%-7d %12.0f %10.2f %10.0f %14.0f %8.3f\n", round, ours, used.cpu_s,
                    used.peak_mib, raw, ours / raw);
    }
    std::filesystem::remove_all(folder);
    return 0;
}
