#include "integration/server.h"

#include "app/store.h"
#include "support/invariants.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace hearback;
using namespace hearback::testing;

namespace {

constexpr int kRows = 1200;

// An installation whose topics come from a model, which is then trained anew: with `swapped`, what
// was good is bad.
class ModelHouse {
  public:
    ModelHouse() {
        train("one", false);
        train("two", true);
        use("one");
        std::string rows = "id,text\n";
        for (int i = 0; i < kRows; ++i)
            rows += std::to_string(i) + (i % 3 == 0 ? ",broken lamp " : ",lovely lamp ") +
                    std::to_string(i) + "\n";
        const Ended imported = run({"import", folder.write("f.csv", rows), "--source", "shop"});
        INFO(imported.err);
        REQUIRE(imported.code == 0);
        sent = folder.read("out.ndjson");
        REQUIRE_FALSE(sent.empty());
    }

    void use(const std::string& model) {
        folder.write("hearback.toml",
                     "data_dir = \"data\"\n[[classifier]]\nname = \"about\"\nplugin = \"topic\"\n"
                     "settings.model = \"" +
                         model +
                         ".model\"\n[[classifier]]\nname = \"words\"\nplugin = \"keywords\"\n"
                         "settings.sets = [{ label = \"lamp\", words = [\"lamp\"] }]\n"
                         "[[sink]]\nname = \"out\"\nplugin = \"file-out\"\nsettings.path = \"" +
                         (folder / "out.ndjson").string() +
                         "\"\n[[route]]\nname = \"complaints\"\nwhen = { field = \"about\", op = "
                         "\"is\", value = \"bad\" }\nteam = \"" +
                         team + "\"\npriority = \"high\"\nsinks = [\"out\"]\n");
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
    // By topic.
    std::map<std::string, int> topics() const {
        std::map<std::string, int> counts;
        const auto report = json({"report", "--by", "topic"});
        for (const auto& row : report["rows"])
            counts[row["topic"].get<std::string>()] = row["messages"].get<int>();
        return counts;
    }
    // Counts are a recount, and no sink has anything new.
    void checkData() const {
        storage::DatabaseOptions options;
        options.file = folder / "data/hearback.db";
        auto database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        CHECK(checkInvariants(**database).empty());
        CHECK(folder.read("out.ndjson") == sent);
    }

    TempFolder folder;
    std::string team = "support";
    std::string sent; // what the sink has after the import

  private:
    void train(const std::string& name, bool swapped) {
        std::string rows = "label\ttext\n";
        for (int i = 0; i < 60; ++i) {
            const std::string n = std::to_string(i);
            rows += std::string(swapped ? "bad" : "good") + "\tlovely lamp number " + n + "\n";
            rows += std::string(swapped ? "good" : "bad") + "\tbroken lamp number " + n + "\n";
        }
        REQUIRE(runHearback({"train", "--in", folder.write("rows.tsv", rows), "--task", "topic",
                             "--name", name, "--out", (folder / (name + ".model")).string()})
                    .code == 0);
    }
};

const nlohmann::json* changeOf(const nlohmann::json& said, const std::string& subject,
                               const std::string& to) {
    for (const auto& change : said["changes"])
        if (change["subject"] == subject && change["to"] == to) return &change;
    return nullptr;
}

} // namespace

TEST_CASE("a reclassification that is killed goes on with the same words", "[reclassify]") {
    ModelHouse house;
    house.use("two");
    {
        Process process({hearbackProgram(), "-c", (house.folder / "hearback.toml").string(),
                         "reclassify", "--rate", "400"});
        // It is killed in the middle: when its first steps are stored.
        const bool is_begun = eventually([&] { return house.topics()["bad"] > kRows / 3 + 100; });
        INFO(process.out() + process.err());
        REQUIRE(is_begun);
        process.signal(SIGKILL);
        REQUIRE(process.wait().signal == SIGKILL);
    }
    house.checkData();
    const Ended other = house.run({"reclassify", "--classifier", "words"});
    CHECK(other.code == 2);
    CHECK(other.err.find("finish it with the same words") != std::string::npos);
    const Ended rest = house.run({"reclassify", "--rate", "0"});
    INFO(rest.out + rest.err);
    CHECK(rest.code == 0);
    CHECK(rest.out.find("goes on behind message ") != std::string::npos);
    CHECK(rest.out.find("reclassified: 1,200 messages looked at") != std::string::npos);
    CHECK(house.topics() ==
          std::map<std::string, int>{{"bad", kRows / 3 * 2}, {"good", kRows / 3}});
    house.checkData();
    // Teams stay what they were, as people know them.
    const auto shown = house.json({"show", "1"});
    CHECK(shown["annotations"][0]["label"] == "good");
    CHECK(shown["route"]["team"] == "support");
    const auto again = house.json({"reclassify", "--rate", "0", "--classifier", "about"});
    CHECK(again["written"] == 0);
    CHECK(again["complete"] == true);
}

TEST_CASE("a reclassification runs beside a server and stops at a signal", "[reclassify]") {
    ModelHouse house;
    house.use("two");
    std::ofstream(house.folder / "hearback.toml", std::ios::app)
        << "[http]\nlisten = \"127.0.0.1:0\"\n[intake]\nlisten = \"127.0.0.1:0\"\n";
    Process server({hearbackProgram(), "-c", (house.folder / "hearback.toml").string(), "serve"});
    REQUIRE(eventually([&] { return server.err().find("running") != std::string::npos; }));
    Process process({hearbackProgram(), "-c", (house.folder / "hearback.toml").string(),
                     "reclassify", "--rate", "400"});
    const bool is_begun = eventually([&] { return house.topics()["bad"] > kRows / 3 + 100; });
    INFO(process.out() + process.err());
    REQUIRE(is_begun);
    const Ended second = house.run({"reclassify"});
    CHECK(second.code == 1);
    CHECK(second.err.find("another reclassification runs") != std::string::npos);
    process.signal(SIGINT);
    const Ended stopped = process.wait();
    CHECK(stopped.code == 1);
    CHECK(stopped.err.find("run it again and it goes on where it was") != std::string::npos);
    CHECK(house.run({"reclassify", "--rate", "0"}).code == 0);
    CHECK(house.topics()["bad"] == kRows / 3 * 2);
    server.signal(SIGTERM);
    CHECK(server.wait().code == 0);
    house.checkData();
}

TEST_CASE("a shadow run tells what would be decided otherwise and changes nothing",
          "[reclassify]") {
    ModelHouse house;
    const auto before = house.topics();
    house.use("two");
    const auto said = house.json({"reclassify", "--shadow", "--rate", "0"});
    CHECK(said["changed"] == kRows);
    CHECK(said["written"] == 0);
    const auto* bad = changeOf(said, "label", "bad");
    REQUIRE(bad != nullptr);
    CHECK((*bad)["classifier"] == "about");
    CHECK((*bad)["from"] == "good");
    CHECK((*bad)["count"] == kRows / 3 * 2);
    CHECK((*bad)["examples"][0]["id"] == 2);
    CHECK((*bad)["examples"][0]["text"] == "lovely lamp 1");
    const auto* sinks = changeOf(said, "sinks", "out");
    REQUIRE(sinks != nullptr);
    CHECK((*sinks)["count"] == kRows / 3 * 2);
    CHECK(house.topics() == before);
    house.checkData();
    // Rules alone too.
    house.use("one");
    house.team = "service";
    house.use("one");
    const auto rules = house.json({"reclassify", "--shadow", "--rate", "0"});
    CHECK(rules["changed"] == kRows / 3);
    REQUIRE(rules["changes"].size() == 1);
    CHECK(rules["changes"][0]["from"] == "support");
    CHECK(rules["changes"][0]["to"] == "service");
    const Ended shown = house.run({"reclassify", "--shadow", "--rate", "0"});
    CHECK(shown.out.find("400 of 1,200 messages would be decided otherwise; nothing was changed") !=
          std::string::npos);
}

TEST_CASE("what a reclassification cannot do is said in words", "[reclassify]") {
    const ModelHouse house;
    const Ended nobody = house.run({"reclassify", "--classifier", "nobody"});
    CHECK(nobody.code == 2);
    CHECK(nobody.err.find("no classifier named \"nobody\"") != std::string::npos);
    CHECK(house.run({"reclassify", "--task", "nothing"}).code == 2);
    const Ended source = house.run({"reclassify", "--source", "nowhere"});
    CHECK(source.code == 4);
    CHECK(source.err.find("no messages of a source \"nowhere\"") != std::string::npos);
    CHECK(house.run({"reclassify", "--since", "soon"}).code == 2);
}

TEST_CASE("a recorded log is decided the same way again, and differences are told",
          "[reclassify]") {
    ModelHouse house;
    const std::string log = (house.folder / "events.log").string();
    CHECK(house.json({"record", log})["decisions"] == kRows);
    CHECK(house.run({"record", log}).err.find("is there already") != std::string::npos);
    // Without the data.
    std::filesystem::remove_all(house.folder / "data");
    const Ended same = house.run({"replay", log});
    INFO(same.out + same.err);
    CHECK(same.code == 0);
    CHECK(same.out.find("every decision is the same") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(house.folder / "data/hearback.db"));
    house.team = "service";
    house.use("one");
    const auto rule = house.json({"replay", log}, 5);
    CHECK(rule["changed"] == kRows / 3);
    REQUIRE(rule["changes"].size() == 1);
    CHECK(rule["changes"][0]["subject"] == "team");
    CHECK(rule["changes"][0]["to"] == "service");
    CHECK(rule["since_then"][0] == "the configuration file is another one");
    house.use("two");
    const std::string baseline = (house.folder / "baseline.log").string();
    const auto model = house.json({"replay", log, "--out", baseline}, 5);
    CHECK(model["changed"] == kRows);
    REQUIRE(changeOf(model, "label", "good") != nullptr);
    CHECK((*changeOf(model, "label", "good"))["count"] == kRows / 3);
    // What was decided then is the same again.
    CHECK(house.json({"replay", baseline})["changed"] == 0);
    std::string bytes = house.folder.read("events.log");
    bytes.resize(bytes.size() / 2);
    const Ended cut = house.run({"replay", house.folder.write("cut.log", bytes)});
    CHECK(cut.code == 1);
    CHECK(cut.err.find("is cut off, at byte") != std::string::npos);
    CHECK(house.folder.read("out.ndjson") == house.sent);
}
