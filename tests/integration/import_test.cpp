#include "integration/server.h"

#include "app/store.h"
#include "base/random.h"
#include "storage/database.h"
#include "storage/sql.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

using namespace hearback;
using namespace hearback::testing;

namespace {

const std::string kAirline = std::string(HEARBACK_DATASETS) + "/airline_feedback/feedback.csv";

bool airlineIsThere() {
    if (std::filesystem::exists(kAirline)) return true;
    WARN("SKIPPED: the public data set " << kAirline << " is not there");
    return false;
}

// An installation without a running server.
struct Installation {
    explicit Installation(const std::string& config = "") {
        folder.write("hearback.toml", "data_dir = \"data\"\n" + config);
    }
    Ended run(std::vector<std::string> words) const {
        words.insert(words.begin(), {"-c", (folder / "hearback.toml").string()});
        return runHearback(words);
    }
    nlohmann::json json(std::vector<std::string> words, int code = 0) const {
        words.insert(words.begin(), "--json");
        const Ended ended = run(words);
        INFO(ended.err);
        REQUIRE(ended.code == code);
        return nlohmann::json::parse(ended.out);
    }
    TempFolder folder;
};

// The rows of a CSV file, read by hand.
std::vector<std::vector<std::string>> readCsv(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool quoted = false;
    for (char c; in.get(c);) {
        if (quoted) {
            if (c != '"')
                rows.back().back() += c;
            else if (in.peek() == '"')
                rows.back().back() += static_cast<char>(in.get());
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else if (c == '\n') {
            rows.emplace_back(1);
        } else if (c != '\r') {
            rows.back().back() += c;
        }
    }
    if (rows.back().size() == 1 && rows.back().front().empty()) rows.pop_back();
    return rows;
}

// 2015-02-16T23:36:05-08:00 is the 17th in UTC.
std::string utcDay(const std::string& local) {
    int day = std::stoi(local.substr(8, 2));
    if (std::stoi(local.substr(11, 2)) >= 16) ++day;
    return local.substr(0, 8) + (day < 10 ? "0" : "") + std::to_string(day);
}

// A number for all that an import leaves behind: messages in their order, counts, deliveries.
std::string endState(const Installation& installation) {
    storage::DatabaseOptions options;
    options.file = installation.folder / "data/hearback.db";
    options.readers = 1;
    auto database = storage::Database::open(options, app::allMigrations());
    REQUIRE(database);
    std::ostringstream state;
    const auto read = (*database)->read("compare", [&](storage::Session& session) {
        for (const char* query :
             {"SELECT count(*) || ' ' || group_concat(id || ':' || external_id || ':' || revision "
              "|| ':' || content_hash || ':' || occurred_at, ',') FROM (SELECT * FROM message "
              "ORDER BY id)",
              "SELECT group_concat(bucket || ':' || channel_id || ':' || messages, ',') FROM "
              "(SELECT * FROM rollup_hour ORDER BY 1, 2, 3, 4, 5, 6)",
              "SELECT group_concat(message_id || ':' || revision || ':' || state, ',') FROM "
              "(SELECT * FROM outbox ORDER BY message_id)",
              "SELECT count(*) || '' FROM dead_letter"}) {
            std::string text;
            soci::indicator there{};
            session.sql() << query, soci::into(text, there);
            state << (there == soci::i_ok ? text : "") << "\n";
        }
    });
    REQUIRE(read);
    return state.str();
}

std::multiset<std::string> deliveredIds(const Installation& installation) {
    std::multiset<std::string> ids;
    std::istringstream in(installation.folder.read("out.ndjson"));
    for (std::string line; std::getline(in, line);)
        ids.insert(nlohmann::json::parse(line)["external_id"].get<std::string>());
    return ids;
}

constexpr const char* kRouted = R"(
[[classifier]]
name = "words"
plugin = "keywords"
settings.sets = [{ label = "refund", words = ["refund"] }]
[[sink]]
name = "out"
plugin = "file-out"
settings.path = "OUT"
[[route]]
name = "refunds"
when = { field = "words", op = "is", value = "refund" }
sinks = ["out"]
)";

std::string routedTo(const std::filesystem::path& file) {
    std::string config = kRouted;
    config.replace(config.find("OUT"), 3, file.string());
    return config;
}

} // namespace

TEST_CASE("the airline data set is stored as a hand count of it says", "[import]") {
    if (!airlineIsThere()) return;
    const auto rows = readCsv(kAirline);
    const auto& head = rows.front();
    const auto column = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find(head.begin(), head.end(), name) - head.begin());
    };
    std::map<std::string, std::int64_t> per_day;
    std::int64_t refunds = 0;
    const std::regex refund("(^|[^A-Za-z0-9])refund(s|ed|ing|able)?($|[^A-Za-z0-9])",
                            std::regex::icase);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        ++per_day[utcDay(rows[i][column("created_at")])];
        if (std::regex_search(rows[i][column("text")], refund)) ++refunds;
    }
    const Installation installation;
    const auto imported = installation.json({"import", kAirline});
    CHECK(imported["inserted"] == rows.size() - 1);
    CHECK(imported["dead_letters"] == 0);
    const auto report = installation.json({"report", "--by", "day"});
    CHECK(report["rows"].size() == per_day.size());
    for (const auto& row : report["rows"])
        CHECK(row["messages"] == per_day[row["day"].get<std::string>()]);
    CHECK(report["total"]["messages"] == rows.size() - 1);
    const auto found = installation.json({"search", "refund", "--limit", "1000"});
    CHECK(found["total"] == refunds);
    // The first row, as its channel told it.
    const auto shown = installation.json({"show", "1"});
    CHECK(shown["message"]["external_id"] == rows[1][column("id")]);
    CHECK(shown["message"]["text"] == rows[1][column("text")]);
    CHECK(shown["message"]["occurred_at_us"] == "1424158565000000");

    const auto again = installation.json({"import", kAirline});
    CHECK(again["inserted"] == 0);
    // Also where nothing tells that the file was read before.
    const auto copy = installation.folder / "feedback.csv";
    std::filesystem::copy(kAirline, copy);
    std::ofstream(copy, std::ios::app) << "\n";
    const auto touched = installation.json({"import", copy.string()});
    CHECK(touched["inserted"] == 0);
    CHECK(installation.json({"report"})["total"]["messages"] == rows.size() - 1);
}

TEST_CASE("an import that is killed at 200 points ends as if it never was", "[import]") {
    if (!airlineIsThere()) return;
    const auto install = [] {
        auto installation = std::make_unique<Installation>();
        installation->folder.write("hearback.toml",
                                   "data_dir = \"data\"\n" +
                                       routedTo(installation->folder / "out.ndjson"));
        return installation;
    };
    const auto reference = install();
    const auto begun = std::chrono::steady_clock::now();
    REQUIRE(reference->run({"import", kAirline}).code == 0);
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun);
    const std::string wanted = endState(*reference);
    const auto delivered = deliveredIds(*reference);
    REQUIRE(delivered.size() > 50);
    base::SeededRandom random(20151122);
    int hits = 0; // only what was killed before it was done counts
    int tries = 0;
    while (hits < 200) {
        const auto installation = install();
        // Several times in one installation: the point at which it goes on is one it was killed at.
        for (int i = 0; i < 4; ++i) {
            REQUIRE(++tries < 2000);
            Process process({hearbackProgram(), "-c",
                             (installation->folder / "hearback.toml").string(), "import",
                             kAirline});
            std::this_thread::sleep_for(std::chrono::microseconds(
                static_cast<std::int64_t>(random.unit() * static_cast<double>(whole.count()))));
            process.signal(SIGKILL);
            if (process.wait().signal != SIGKILL) break;
            ++hits;
        }
        INFO("after " << hits << " kills");
        REQUIRE(installation->run({"import", kAirline}).code == 0);
        // As truths: the states are long.
        const bool same_state = endState(*installation) == wanted;
        const bool same_deliveries = deliveredIds(*installation) == delivered;
        REQUIRE(same_state);
        REQUIRE(same_deliveries);
    }
}

TEST_CASE("files are read in the letters and forms that people have", "[import]") {
    const Installation installation;
    const auto importing = [&](const std::string& name, const std::string& content,
                               std::vector<std::string> words = {}) {
        const std::string file = installation.folder.write(name, content);
        words.insert(words.begin(), {"import", file});
        return installation.json(words)["inserted"].get<std::int64_t>();
    };
    const auto textOf = [&](const std::string& source) {
        return installation.json({"search", "source:" + source})["hits"][0]["message"]["text"]
            .get<std::string>();
    };
    CHECK(importing("bom.csv", "\xEF\xBB\xBFid,text\r\n1,\"a, b\"\"c\"\"\nsecond line\"\r\n") == 1);
    CHECK(textOf("bom") == "a, b\"c\"\nsecond line");
    CHECK(importing("latin.csv", "id;text\n1;Gr\xF6\xDF"
                                 "e \x80 5\n") == 1);
    CHECK(textOf("latin") == "Größe € 5");
    CHECK(importing("tabs.tsv", "id\ttext\n1\thello\n", {"--source", "tabs"}) == 1);
    CHECK(importing("lines.ndjson", "{\"id\":1,\"text\":\"x\",\"author\":{\"name\":\"Ada\"}}\n") ==
          1);
    CHECK(importing("own.csv", "No,Words\n7,mapped\n",
                    {"--column", "text=Words", "--column", "external_id=No"}) == 1);
    CHECK(textOf("own") == "mapped");
    CHECK(importing("repeated.csv", "comment\nGood\nGood\nGood\n") == 3);
    CHECK(importing("empty.csv", "") == 0);
    CHECK(importing("head.csv", "id,text\n") == 0);
}

TEST_CASE("rows that cannot be read are kept and the others are stored", "[import]") {
    const Installation installation;
    const std::string file = installation.folder.write(
        "mixed.csv",
        "id,text,created_at\n1,fine,2026-01-02\n2,too,many,cells\n3,bad time,soon\n"
        "4,also fine,2026-01-03 10:00\n5,\"never closed,2026-01-04\n6,last,2026-01-05\n");
    const auto imported = installation.json({"import", file}, 3);
    CHECK(imported["inserted"] == 3);
    CHECK(imported["dead_letters"] == 3);
    const auto letters = installation.json({"dead-letters", "list"});
    REQUIRE(letters.size() == 3);
    CHECK(letters[2]["position"] == "line 3");
    CHECK(letters[2]["cause"] == "it has 4 cells, the header has 3");
    CHECK(letters[1]["cause"].get<std::string>().find("created_at") != std::string::npos);
    const auto shown = installation.json({"dead-letters", "show", "1"});
    CHECK(shown["payload"] == "id,text,created_at\n2,too,many,cells\n");
    const auto again = installation.json({"import", file});
    CHECK(again["inserted"] == 0);
    CHECK(installation.run({"dead-letters", "replay", "--all"}).code == 3);
    CHECK(installation.json({"dead-letters", "list"}).size() == 3);
    CHECK(installation.run({"dead-letters", "show", "99"}).code == 4);
}

TEST_CASE("a dead letter is stored when its cause is mended", "[import]") {
    const Installation installation;
    const std::string file =
        installation.folder.write("wrong.csv", "id,comment,date\n1,hello,12th of May\n");
    CHECK(installation.json({"import", file}, 3)["dead_letters"] == 1);
    // The column is no time after all: the settings of the last import are those of the replay.
    CHECK(installation.json({"import", file, "--column", "occurred_at=when"})["inserted"] == 0);
    const auto replayed = installation.run({"dead-letters", "replay", "1"});
    INFO(replayed.out << replayed.err);
    CHECK(replayed.code == 0);
    CHECK(installation.json({"show", "1"})["message"]["attributes"]["date"] == "12th of May");
    CHECK(installation.json({"dead-letters", "list"}).empty());
}

TEST_CASE("rows that are appended later are all that is read", "[import]") {
    const Installation installation;
    const std::string file = installation.folder.write("grows.csv", "id,text\n1,one\n2,two\n");
    CHECK(installation.json({"import", file})["inserted"] == 2);
    std::ofstream(file, std::ios::app) << "3,three\n";
    const auto more = installation.json({"import", file});
    CHECK(more["inserted"] == 1);
    CHECK(more["duplicates"] == 0);
}

TEST_CASE("an edited row is a new revision and an edit is found by its new words", "[import]") {
    const Installation installation;
    const std::string file = installation.folder.write("e.csv", "id,text\n1,apple\n2,pear\n");
    CHECK(installation.json({"import", file})["inserted"] == 2);
    installation.folder.write("e.csv", "id,text\n1,banana\n2,pear\n");
    const auto second = installation.json({"import", file});
    CHECK(second["revised"] == 1);
    CHECK(second["duplicates"] == 1);
    CHECK(installation.json({"search", "apple"})["total"] == 0);
    CHECK(installation.json({"search", "banana"})["total"] == 1);
    CHECK(installation.json({"show", "1"})["revisions"].size() == 1);
}

TEST_CASE("an import beside a running server stores and leaves deliveries to it", "[import]") {
    Server server("");
    const auto out = server.folder / "out.ndjson";
    server.stop();
    const std::string config = server.folder.read("hearback.toml");
    server.folder.write("hearback.toml", config + routedTo(out));
    server.start();
    const std::string file = server.folder.write("f.csv", "id,text\n1,refund please\n2,thanks\n");
    const auto imported = server.run({"import", file});
    INFO(imported.err);
    CHECK(imported.code == 0);
    CHECK(imported.out.find("left to the hearback serve") != std::string::npos);
    CHECK(eventually([&] { return server.folder.read("out.ndjson").size() > 0; }));
    CHECK(server.messages() == 2);
    CHECK(server.stop().code == 0);
}
