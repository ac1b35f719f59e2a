#include "storage/copy.h"

#include "storage/sql.h"
#include "support/test_database.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::engines;
using hearback::testing::TestDatabase;
using hearback::testing::TestEngine;
using storage::copyAll;
using storage::Database;

namespace {

const std::vector<storage::Migration> kLetters = {
    {"letters",
     1,
     {"CREATE TABLE letter (id $id, words TEXT NOT NULL, raw $bytes NOT NULL)",
      "CREATE TABLE count (day BIGINT NOT NULL, word TEXT NOT NULL, n BIGINT NOT NULL, "
      "PRIMARY KEY (day, word)) $clustered",
      "CREATE TABLE unused (id $id)"}}};

// What a copy by text would lose: ends of lines, escapes, bytes that mean something to COPY, zero
// bytes in what is no text, the ends of the numbers.
const std::vector<std::string> kOddWords = {"",
                                            "\\N",
                                            "\\.",
                                            "a\tb\nc\r\nd",
                                            "\\x41 \\\\ '\"",
                                            "\xF0\x9F\x98\x80 \xC3\xA9",
                                            std::string(300000, 'w')};

void fillLetters(Database& database) {
    REQUIRE(database.write("fill", [](storage::Transaction& tx) {
        long long id = 0;
        for (const std::string& words : kOddWords) {
            std::string raw = words + std::string("\0\xFF\x00\x01", 4);
            if (id == 0) raw.clear();
            ++id;
            tx.sql() << "INSERT INTO letter (id, words, raw) VALUES (:id, :words, :raw)",
                soci::use(id), soci::use(words), storage::useBytes(tx.sql(), raw);
        }
        for (const long long n : {std::numeric_limits<long long>::min(), -1LL, 0LL,
                                  std::numeric_limits<long long>::max()})
            tx.sql() << "INSERT INTO count (day, word, n) VALUES (:n, 'a', :n)", soci::use(n, "n");
        for (long long i = 0; i < 3000; ++i) {
            const std::string word = std::to_string(i);
            tx.sql() << "INSERT INTO count (day, word, n) VALUES (7, :word, :n)", soci::use(word),
                soci::use(i);
        }
    }));
}

std::pair<std::string, std::string> letter(Database& database, long long id) {
    const auto found =
        database.query<std::pair<std::string, std::string>>("look", [&](storage::Session& session) {
            std::pair<std::string, std::string> row;
            session.sql() << "SELECT words, raw FROM letter WHERE id = :id", soci::use(id),
                soci::into(row.first), storage::intoBytes(session.sql(), row.second);
            return row;
        });
    REQUIRE(found);
    return *found;
}

} // namespace

TEST_CASE("a copy to each engine and back holds the same, whatever the values", "[storage]") {
    for (const TestEngine there_engine : engines()) {
        TestDatabase here(TestEngine::Sqlite);
        TestDatabase there(there_engine);
        TestDatabase back(TestEngine::Sqlite);
        const auto from = here.open(kLetters);
        fillLetters(*from);
        const auto middle = there.open(kLetters);
        std::int64_t seen = 0;
        const auto first = copyAll(*from, *middle, kLetters,
                                   [&](std::int64_t, std::int64_t total) { seen = total; });
        REQUIRE(first);
        const auto to = back.open(kLetters);
        const auto second = copyAll(*middle, *to, kLetters, {});
        REQUIRE(second);
        CHECK(*first == *second);
        REQUIRE(first->size() == 4); // and the versions
        CHECK((*first)[0].table == "count");
        CHECK((*first)[0].rows == 3004);
        CHECK((*first)[3].rows == 0);
        for (std::size_t i = 1; i <= kOddWords.size(); ++i) {
            CHECK(letter(*from, static_cast<long long>(i)) ==
                  letter(*middle, static_cast<long long>(i)));
            CHECK(letter(*from, static_cast<long long>(i)) ==
                  letter(*to, static_cast<long long>(i)));
        }
    }
}

TEST_CASE("only an empty database is copied into, and one that is not stays as it is",
          "[storage]") {
    TestDatabase full;
    TestDatabase other(TestEngine::Sqlite);
    const auto to = full.open(kLetters);
    fillLetters(*to);
    const auto from = other.open(kLetters);
    const auto copied = copyAll(*from, *to, kLetters, {});
    REQUIRE_FALSE(copied);
    CHECK(copied.error().code == base::Code::Conflict);
    CHECK(copied.error().message.find("is not empty (its table \"count\" has rows)") !=
          std::string::npos);
    CHECK(letter(*to, 4).first == kOddWords[3]);
}

TEST_CASE("a copy that fails on the way leaves nothing, and the target usable", "[storage]") {
    TestDatabase target;
    TestDatabase other(TestEngine::Sqlite);
    // The source lacks the last table.
    const auto from = other.open({{"letters",
                                   1,
                                   {kLetters[0].statements[0], kLetters[0].statements[1],
                                    "CREATE TABLE elsewhere (id $id)"}}});
    fillLetters(*from);
    const auto to = target.open(kLetters);
    REQUIRE_FALSE(copyAll(*from, *to, kLetters, {}));
    TestDatabase good(TestEngine::Sqlite);
    const auto better = good.open(kLetters);
    fillLetters(*better);
    const auto copied = copyAll(*better, *to, kLetters, {});
    if (!copied) FAIL(copied.error().message);
}

TEST_CASE("a backup holds its own sums, and one that was cut or changed is refused", "[storage]") {
    TestDatabase source;
    const auto from = source.open(kLetters);
    fillLetters(*from);
    const auto file = source.folder / "kept.db";
    const auto written = storage::writeBackup(*from, file, kLetters, {});
    REQUIRE(written);
    CHECK_FALSE(std::filesystem::exists(source.folder / "kept.db-wal"));

    SECTION("as it is") {
        const auto opened = storage::openBackup(file, {});
        if (!opened) FAIL(opened.error().message);
        CHECK(*opened == *written);
        TestDatabase place(TestEngine::Sqlite);
        place.options.file = file;
        CHECK(letter(*place.open(kLetters), 6).first == kOddWords[5]);
    }
    SECTION("cut off") {
        const auto size = std::filesystem::file_size(file);
        for (const auto length : {size / 2, size - 4096, size - 1, std::uintmax_t(0)}) {
            std::filesystem::resize_file(file, length);
            CHECK_FALSE(storage::openBackup(file, {}));
        }
    }
    SECTION("changed") {
        {
            soci::session stranger("sqlite3", "dbname=" + file.string());
            stranger << "UPDATE count SET n = n + 1 WHERE word = '17'";
        }
        const auto opened = storage::openBackup(file, {});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message.find("the table \"count\" has 3004 rows") !=
              std::string::npos);
    }
    SECTION("not one at all") {
        TestDatabase plain(TestEngine::Sqlite);
        fillLetters(*plain.open(kLetters));
        const auto opened = storage::openBackup(plain.options.file, {});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message == "it is no backup that `hearback backup` made");
    }
}
