#include "integration/server.h"

#include "app/store.h"
#include "storage/database.h"
#include "storage/sql.h"
#include "support/postgres_server.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using namespace hearback::testing;

namespace {

bool postgresIsThere() {
    if (PostgresServer::isInstalled()) return true;
    WARN("SKIPPED: no PostgreSQL server is installed");
    return false;
}

// An installation in a folder; without an address on SQLite.
class Place {
  public:
    Place(const std::string& url, const std::string& config) : url_(url) {
        std::string storage;
        if (!url.empty()) storage = "[storage]\nurl = \"" + url + "\"\n";
        folder.write("hearback.toml", config + storage);
    }

    std::vector<std::string> words(std::vector<std::string> command) const {
        command.insert(command.begin(), {"-c", (folder / "hearback.toml").string()});
        return command;
    }
    // What a command prints, as JSON.
    nlohmann::json json(std::vector<std::string> command) const {
        command.insert(command.begin(), "--json");
        const Ended ended = runHearback(words(std::move(command)));
        INFO(ended.err);
        REQUIRE(ended.code == 0);
        return nlohmann::json::parse(ended.out);
    }
    // What a query of one number gives.
    std::int64_t number(const std::string& query) const {
        storage::DatabaseOptions options;
        options.file = folder / "data/hearback.db";
        options.url = url_;
        const auto database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        const auto value = (*database)->query<std::int64_t>("look", [&](storage::Session& session) {
            long long found = 0;
            session.sql() << query, soci::into(found);
            return found;
        });
        REQUIRE(value);
        return *value;
    }

    TempFolder folder;

  private:
    std::string url_;
};

// Message ids and texts of what a search finds.
nlohmann::json found(const Place& place, const std::string& words) {
    auto list = nlohmann::json::array();
    const auto answer = place.json({"search", words, "--limit", "1000"});
    for (const auto& hit : answer["hits"])
        list.push_back(
            {hit["id"], hit["message"]["external_id"], hit["message"]["text"], hit["annotations"]});
    return {answer["total"], list};
}

} // namespace

TEST_CASE("the quickstart says the same on PostgreSQL as on SQLite", "[postgres]") {
    if (!postgresIsThere()) return;
    const Ended sample = Process({HEARBACK_BINARY_DIR "/bin/sample_feedback", "--texts",
                                  HEARBACK_SOURCE_DIR "/examples/quickstart/sample/texts.tsv",
                                  "--end", "2026-10-01"})
                             .wait();
    REQUIRE(sample.code == 0);
    TempFolder examples;
    std::filesystem::copy(HEARBACK_SOURCE_DIR "/examples/quickstart/hearback.toml",
                          examples / "hearback.toml");
    const std::string config = examples.read("hearback.toml");
    const std::string file = examples.write("sample.ndjson", sample.out);
    const Place sqlite("", config);
    const Place postgres(PostgresServer::shared().newDatabase(), config);
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"import", file},
             {"report", "--by", "day,channel"},
             {"report", "--by", "hour,sentiment", "--source", "sample"},
             {"dead-letters", "list"},
             {"import", file}}) {
        auto here = sqlite.json(command);
        auto there = postgres.json(command);
        for (auto* each : {&here, &there})
            if (each->is_object()) each->erase("seconds");
        CHECK(here == there);
    }
    for (const char* words : {"refund", "topic:billing", "sentiment:negative channel:email",
                              "app -crash since:2026-09-01", "\"the app\" is:ham"}) {
        INFO(words);
        CHECK(found(sqlite, words) == found(postgres, words));
    }
    CHECK(sqlite.folder.read("data/product.csv").size() ==
          postgres.folder.read("data/product.csv").size());
    // All is there: the second import and the searches have nothing in the folder to read.
    CHECK_FALSE(std::filesystem::exists(postgres.folder / "data/hearback.db"));
}

TEST_CASE("a server that is killed while an import runs loses nothing and doubles nothing",
          "[postgres]") {
    if (!postgresIsThere()) return;
    PostgresServer server;
    constexpr int kRows = 20000;
    constexpr int kKills = 6;
    const Place place(server.newDatabase(), "[[sink]]\nname = \"out\"\nplugin = \"file-out\"\n"
                                            "settings.path = \"out.ndjson\"\n"
                                            "[[route]]\nname = \"all\"\nsinks = [\"out\"]\n");
    std::string rows;
    for (int i = 0; i < kRows; ++i)
        rows += "{\"id\": \"" + std::to_string(i) + "\", \"text\": \"The lamp number " +
                std::to_string(i) + " hums.\", \"created_at\": \"2026-03-02T10:00:00Z\"}\n";
    const std::string file = place.folder.write("rows.ndjson", rows);
    Process import(
        {hearbackProgram(), "-c", (place.folder / "hearback.toml").string(), "import", file});
    // Each time in the middle of what it does then: nothing else tells when that is.
    int kills = 0;
    for (; kills < kKills; ++kills) {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        if (!import.runs()) break; // a quick machine
        server.kill();
        server.start();
    }
    const Ended ended = import.wait();
    INFO(ended.out << ended.err << "signal " << ended.signal);
    CHECK(kills > 0);
    CHECK(ended.code == 0);
    CHECK(place.number("SELECT count(*) FROM message") == kRows);
    CHECK(place.number("SELECT max(id) FROM message") == kRows);
    CHECK(place.number("SELECT count(*) FROM message_revision") == 0);
    CHECK(place.number("SELECT sum(messages) FROM rollup_day") == kRows);
    CHECK(place.number("SELECT count(DISTINCT message_id) FROM outbox") == kRows);
    CHECK(place.number("SELECT count(*) FROM outbox") == kRows);
    CHECK(place.number("SELECT count(*) FROM dead_letter") == 0);
    CHECK(place.json({"report"})["total"]["messages"] == kRows);
}
