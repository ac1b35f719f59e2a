#include "integration/server.h"
#include "integration/small_disk.h"

#include "app/store.h"
#include "storage/copy.h"
#include "storage/sql.h"
#include "support/invariants.h"
#include "support/postgres_server.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <set>
#include <thread>

using namespace hearback;
using namespace hearback::testing;

namespace {

// An installation in a folder; without an address on SQLite.
struct Kept {
    Kept() : Kept("") {}
    explicit Kept(const std::string& address) : url(address) {
        std::string storage;
        if (!url.empty()) storage = "[storage]\nurl = \"" + url + "\"\n";
        folder.write("hearback.toml",
                     "data_dir = \"data\"\n[[classifier]]\nname = \"sentiment\"\nplugin = "
                     "\"sentiment\"\n[[sink]]\nname = \"out\"\nplugin = \"file-out\"\n"
                     "settings.path = \"out.ndjson\"\n[[route]]\nname = \"all\"\n"
                     "sinks = [\"out\"]\n" +
                         storage);
    }

    Ended run(std::vector<std::string> words) const {
        words.insert(words.begin(), {"-c", (folder / "hearback.toml").string()});
        return runHearback(words);
    }
    nlohmann::json json(std::vector<std::string> words) const {
        words.insert(words.begin(), "--json");
        const Ended ended = run(std::move(words));
        INFO(ended.err);
        REQUIRE(ended.code == 0);
        return nlohmann::json::parse(ended.out);
    }
    std::unique_ptr<storage::Database> open() const {
        storage::DatabaseOptions options;
        options.file = folder / "data/hearback.db";
        options.url = url;
        auto database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        return std::move(*database);
    }
    std::int64_t number(const std::string& query) const {
        const auto database = open();
        const auto value = database->query<std::int64_t>("look", [&](storage::Session& session) {
            long long found = 0;
            session.sql() << query, soci::into(found);
            return found;
        });
        REQUIRE(value);
        return *value;
    }
    std::string database() const {
        return url.empty() ? (folder / "data/hearback.db").string() : url;
    }

    TempFolder folder;
    std::string url;
};

std::string lampRows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "{\"id\": \"" + std::to_string(i) + "\", \"author\": \"a" + std::to_string(i % 50) +
                "\", \"text\": \"The lamp number " + std::to_string(i) +
                (i % 3 == 0 ? " is great \xF0\x9F\x98\x80\\n" : " hums,\\t\\\\ sadly.") +
                "\", \"created_at\": \"2026-03-" + std::to_string(10 + i % 15) + "T10:00:00Z\"}\n";
    return text;
}

// `serve` makes the index of a copy, and so does an import, here of a row that is known.
void makeIndex(const Kept& place) {
    REQUIRE(place.run({"import", place.folder.write("rows.ndjson", lampRows(1))}).code == 0);
}

void checkSame(const Kept& one, const Kept& other) {
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"report"},
                                               {"report", "--by", "hour,sentiment"},
                                               {"deliveries", "list"},
                                               {"dead-letters", "list", "--all"},
                                               {"search", "lamp", "great"},
                                               {"search", "sentiment:negative", "hums"}})
        CHECK(one.json(command) == other.json(command));
}

std::vector<std::string> addresses() {
    std::vector<std::string> all = {""};
    if (PostgresServer::isInstalled()) all.push_back(PostgresServer::shared().newDatabase());
    return all;
}

void checkWhole(const Kept& place) {
    const std::int64_t messages = place.number("SELECT count(*) FROM message");
    CHECK(place.number("SELECT coalesce(sum(messages), 0) FROM rollup_day") == messages);
    CHECK(place.number("SELECT coalesce(sum(messages), 0) FROM rollup_hour") == messages);
    CHECK(place.number("SELECT count(*) FROM outbox") == messages);
    CHECK(place.number("SELECT coalesce(max(id), 0) FROM message") == messages);
}

// Whatever room made it, and whenever.
std::set<std::string> tablesOf(const Kept& sqlite) {
    std::set<std::string> names;
    const auto looked = sqlite.open()->read("look", [&](storage::Session& session) {
        std::string name;
        soci::statement select =
            (session.sql().prepare << "SELECT name FROM sqlite_master WHERE type = 'table'",
             soci::into(name));
        select.execute();
        while (select.fetch()) names.insert(name);
    });
    REQUIRE(looked);
    return names;
}

std::set<std::string> tablesOf(const nlohmann::json& copied) {
    std::set<std::string> names;
    for (const auto& each : copied["tables"]) names.insert(each["table"].get<std::string>());
    return names;
}

// Feedback that comes in until it is told to stop.
class Sender {
  public:
    explicit Sender(std::uint16_t port)
        : thread_([this, port](const std::stop_token& stop) { send(port, stop); }) {}

    int taken() const { return taken_; }
    void stop() { thread_ = {}; }

  private:
    void send(std::uint16_t port, const std::stop_token& stop) {
        HttpClient client("127.0.0.1", port);
        for (int i = 0; !stop.stop_requested(); ++i) {
            const std::string id = "m" + std::to_string(i);
            if (client.post("/in/open", R"({"id": ")" + id + R"(", "text": "a lamp"})").status ==
                204)
                ++taken_;
        }
    }

    std::atomic<int> taken_ = 0;
    std::jthread thread_;
};

} // namespace

TEST_CASE("a backup is restored elsewhere, on each engine, and every figure is the same",
          "[backup]") {
    for (const std::string& from : addresses())
        for (const std::string& to : addresses()) {
            const Kept here(from);
            const Kept there(to);
            REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(3000))}).code ==
                    0);
            const std::string file = (here.folder / "kept.hearback").string();
            const auto written = here.json({"backup", file});
            CHECK_FALSE(std::filesystem::exists(file + ".part"));
            const auto restored = there.json({"restore", file});
            CHECK(written["tables"] == restored["tables"]);
            checkSame(here, there);
            checkWhole(there);
            CHECK_FALSE(std::filesystem::exists(there.folder / "data/restore.part"));
            // A second one is refused, and says why.
            CHECK(there.run({"restore", file}).code == 1);
            const Ended again = here.run({"backup", file});
            CHECK(again.code == 1);
            CHECK(again.err.find("exists: name another file, or remove it") != std::string::npos);
            checkWhole(there);
        }
}

TEST_CASE("a backup beside an import that writes holds one moment of it", "[backup]") {
    for (const std::string& from : addresses()) {
        const Kept here(from);
        Process import({hearbackProgram(), "-c", (here.folder / "hearback.toml").string(), "import",
                        "--no-deliver", here.folder.write("rows.ndjson", lampRows(40000))});
        REQUIRE(eventually([&] { return here.number("SELECT count(*) FROM message") > 0; }));
        int backups = 0;
        for (; backups < 3 && import.runs(); ++backups) {
            const std::string file = (here.folder / ("kept" + std::to_string(backups))).string();
            const Ended written = here.run({"backup", file});
            INFO(written.err);
            REQUIRE(written.code == 0);
            const Kept there;
            REQUIRE(there.run({"restore", file}).code == 0);
            CHECK(there.number("SELECT count(*) FROM message") > 0);
            checkWhole(there);
        }
        CHECK(backups > 0);
        CHECK(import.wait().code == 0);
        checkWhole(here);
    }
}

TEST_CASE("serve goes on taking feedback while it is backed up, and the backup is sound",
          "[backup]") {
    for (const std::string& from : addresses()) {
        std::string storage;
        if (!from.empty()) storage = "[storage]\nurl = \"" + from + "\"\n";
        Server server("[[source]]\nname = \"open\"\nplugin = \"webhook\"\nsettings = "
                      "{ verify = \"none\" }\n[[sink]]\nname = \"out\"\nplugin = \"file-out\"\n"
                      "settings.path = \"out.ndjson\"\n[[route]]\nname = \"all\"\n"
                      "sinks = [\"out\"]\n" +
                      storage);
        Sender sender(server.intake_port);
        for (const std::string& to : addresses()) {
            const int before = sender.taken();
            REQUIRE(eventually([&] { return sender.taken() > before + 30; }));
            const int answered = sender.taken();
            const std::string file =
                (server.folder / (to.empty() ? "for-sqlite" : "for-postgres")).string();
            const Ended written = server.run({"backup", file});
            INFO(written.err);
            REQUIRE(written.code == 0);
            REQUIRE(eventually([&] { return sender.taken() > answered + 30; }));
            const Kept there(to);
            REQUIRE(there.run({"restore", file}).code == 0);
            CHECK(there.number("SELECT count(*) FROM message") >= answered);
            CHECK(there.number("SELECT count(*) FROM message") < server.messages());
            CHECK(checkInvariants(*there.open()) == "");
        }
        sender.stop();
        CHECK(server.stop().code == 0);
    }
}

TEST_CASE("a backup holds every table that there is", "[backup]") {
    const Kept here;
    REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(10))}).code == 0);
    const auto written = here.json({"backup", (here.folder / "kept").string()});
    CHECK(tablesOf(written) == tablesOf(here));
}

TEST_CASE("a copy that is killed leaves nothing and is begun again", "[backup]") {
    const Kept here;
    // So many that a copy takes seconds: it must not be done before it is killed.
    REQUIRE(here.run({"import", "--no-deliver", here.folder.write("rows.ndjson", lampRows(200000))})
                .code == 0);
    for (const std::string& to : addresses()) {
        const Kept there(to);
        REQUIRE(there.number("SELECT count(*) FROM message") == 0);
        Process copy({hearbackProgram(), "-c", (here.folder / "hearback.toml").string(), "db",
                      "copy", "--to", there.database()});
        const auto is_under_way = [&] {
            if (!to.empty())
                return there.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") >
                       0;
            std::error_code error;
            const auto size = std::filesystem::file_size(there.database() + "-wal", error);
            return !error && size > 1024 * 1024;
        };
        REQUIRE(eventually(is_under_way));
        copy.signal(SIGKILL);
        REQUIRE(copy.wait().signal == SIGKILL);
        CHECK(there.number("SELECT count(*) FROM message") == 0);
        const Ended again = here.run({"db", "copy", "--to", there.database()});
        INFO(again.err);
        REQUIRE(again.code == 0);
        checkWhole(there);
    }
}

TEST_CASE("a backup, a restore and a copy that find no room say so and leave nothing", "[backup]") {
    const Kept here;
    REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(3000))}).code == 0);
    const std::string file = (here.folder / "kept").string();
    REQUIRE(here.run({"backup", file}).code == 0);
    const Kept there;
    const SmallDisk disk(there.folder / "data", "512k");
    if (!disk.mounted()) {
        WARN("SKIPPED: no rights to mount a small disk");
        return;
    }
    const Ended written = here.run({"backup", (there.folder / "data/kept").string()});
    CHECK(written.code == 1);
    CHECK(written.err.find("the disk is full") != std::string::npos);
    CHECK(written.err.find("nothing is kept of it") != std::string::npos);
    CHECK(std::filesystem::is_empty(there.folder / "data"));
    const Ended restored = there.run({"restore", file});
    CHECK(restored.code == 1);
    INFO(restored.err);
    CHECK(restored.err.find(" bytes, the backup has ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(there.folder / "data/hearback.db"));
    CHECK_FALSE(std::filesystem::exists(there.folder / "data/restore.part"));
    const Ended copied = here.run({"db", "copy", "--to", there.database()});
    CHECK(copied.code == 1);
    CHECK(copied.err.find("the disk is full") != std::string::npos);
    disk.grow("64m");
    CHECK(here.run({"db", "copy", "--to", there.database()}).code == 0);
    checkWhole(there);
}

TEST_CASE("a backup of a newer version is refused and leaves nothing behind", "[backup]") {
    auto newer = app::allMigrations();
    newer.push_back({"messages", 99, {"CREATE TABLE newer (id $id)"}});
    const Kept here;
    storage::DatabaseOptions options;
    options.file = here.folder / "newer.db";
    const auto database = storage::Database::open(options, newer);
    REQUIRE(database);
    REQUIRE(storage::writeBackup(**database, here.folder / "kept", newer, {}));
    const Ended ended = here.run({"restore", (here.folder / "kept").string()});
    CHECK(ended.code == 1);
    CHECK(ended.err.find("written by a newer Hearback") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(here.folder / "data/hearback.db"));
    CHECK_FALSE(std::filesystem::exists(here.folder / "data/restore.part"));
}

TEST_CASE("only its owner may read a backup, and one that nobody may change is restored",
          "[backup]") {
    const Kept here;
    REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(10))}).code == 0);
    const std::filesystem::path file = here.folder / "kept";
    REQUIRE(here.run({"backup", file.string()}).code == 0);
    using std::filesystem::perms;
    CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
    std::filesystem::permissions(file, perms::owner_read);
    const Kept there;
    CHECK(there.run({"restore", file.string()}).code == 0);
    const auto mode = std::filesystem::status(there.folder / "data/hearback.db").permissions();
    CHECK((mode & perms::owner_write) != perms::none);
    // And it says where it cannot write.
    const Ended nowhere = here.run({"backup", (here.folder / "no/such/place").string()});
    CHECK(nowhere.code == 1);
    CHECK(nowhere.err.find("cannot write ") != std::string::npos);
}

TEST_CASE("a backup that was cut off is refused and leaves nothing behind", "[backup]") {
    const Kept here;
    REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(500))}).code == 0);
    const std::string file = (here.folder / "kept").string();
    REQUIRE(here.run({"backup", file}).code == 0);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const Kept there;
    const Ended ended = there.run({"restore", file});
    CHECK(ended.code == 1);
    CHECK(ended.err.find("kept cannot be restored: ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(there.folder / "data/hearback.db"));
    CHECK_FALSE(std::filesystem::exists(there.folder / "data/restore.part"));
}

TEST_CASE("all data moves to PostgreSQL and back, and what is not empty is refused", "[backup]") {
    if (!PostgresServer::isInstalled()) {
        WARN("SKIPPED: no PostgreSQL server is installed");
        return;
    }
    const Kept here;
    REQUIRE(here.run({"import", here.folder.write("rows.ndjson", lampRows(2000))}).code == 0);
    const Kept there(PostgresServer::shared().newDatabase());
    const auto went = here.json({"db", "copy", "--to", there.database()});
    const Kept back;
    const auto came = there.json({"db", "copy", "--to", back.database()});
    CHECK(went["tables"] == came["tables"]);
    makeIndex(there);
    checkSame(here, there);
    checkWhole(there);
    makeIndex(back);
    checkSame(here, back);
    const Ended again = here.run({"db", "copy", "--to", there.database()});
    CHECK(again.code == 1);
    CHECK(again.err.find("is not empty") != std::string::npos);
    CHECK(here.run({"db", "copy", "--from", there.database(), "--to", back.database()}).code == 1);
    // What is imported afterwards goes on where the copy ends.
    REQUIRE(there.run({"import", there.folder.write("rows.ndjson", lampRows(2500))}).code == 0);
    checkWhole(there);
}

TEST_CASE("a copy and a restore wait for no host: they refuse while one runs", "[backup]") {
    Server server("");
    const std::string file = (server.folder / "kept").string();
    REQUIRE(server.run({"backup", file}).code == 0);
    const Ended copied = server.run({"db", "copy", "--to", (server.folder / "other.db").string()});
    CHECK(copied.code == 1);
    CHECK(copied.err.find("stop it first") != std::string::npos);
    const Ended restored = server.run({"restore", file});
    CHECK(restored.code == 1);
    CHECK(restored.err.find("stop it first") != std::string::npos);
}

// Times stand in docs/operations.md.
TEST_CASE("a million messages are backed up, restored and moved", "[.nightly][backup]") {
    const Kept here;
    REQUIRE(
        here.run({"import", "--no-deliver", here.folder.write("rows.ndjson", lampRows(1000000))})
            .code == 0);
    const std::string file = (here.folder / "kept").string();
    const auto written = here.json({"backup", file});
    const Kept there;
    const auto restored = there.json({"restore", file});
    CHECK(written["tables"] == restored["tables"]);
    checkWhole(there);
    std::printf("backup %s s, restore %s s, %ju bytes\n", written["seconds"].dump().c_str(),
                restored["seconds"].dump().c_str(),
                static_cast<std::uintmax_t>(std::filesystem::file_size(file)));
    if (!PostgresServer::isInstalled()) return;
    const Kept postgres(PostgresServer::shared().newDatabase());
    const auto went = here.json({"db", "copy", "--to", postgres.database()});
    CHECK(went["tables"] == written["tables"]);
    const Kept back;
    const auto came = postgres.json({"db", "copy", "--to", back.database()});
    CHECK(came["tables"] == written["tables"]);
    std::printf("to PostgreSQL %s s, back %s s\n", went["seconds"].dump().c_str(),
                came["seconds"].dump().c_str());
}
