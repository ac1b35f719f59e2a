// What whoever keeps it running does: asks what is wrong, changes rules, ends it.
#include "integration/server.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

using namespace hearback;
using namespace hearback::testing;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

constexpr const char* kHook = R"(
[[source]]
name = "shop"
plugin = "webhook"
settings = { verify = "none" }
[[sink]]
name = "out"
plugin = "file-out"
settings = { path = "out.ndjson" }
)";

// What doctor finds: "severity about".
std::vector<std::string> findings(const Server& server, int code) {
    const Ended ended = server.run({"--json", "doctor"});
    INFO(ended.out + ended.err);
    REQUIRE(ended.code == code);
    std::vector<std::string> all;
    const auto found = nlohmann::json::parse(ended.out);
    for (const auto& each : found["findings"])
        all.push_back(each["severity"].get<std::string>() + " " + each["about"].get<std::string>());
    return all;
}

// A configuration with these rules behind what the server has.
class Rules {
  public:
    explicit Rules(const Server& server) : file_(server.folder / "hearback.toml") {
        std::ifstream in(file_);
        top_.assign(std::istreambuf_iterator<char>(in), {});
    }
    void become(const std::string& rules) const { std::ofstream(file_) << top_ << rules; }

  private:
    fs::path file_;
    std::string top_;
};

} // namespace

TEST_CASE("doctor has nothing to say about a fresh server", "[doctor]") {
    Server server("");
    const Ended ended = server.run({"doctor"});
    INFO(ended.out + ended.err);
    CHECK(ended.code == 0);
    CHECK(ended.out == "nothing to do\n");
    CHECK(findings(server, 0).empty());
}

TEST_CASE("doctor works where nothing runs and nothing was made yet", "[doctor]") {
    const Server server("", {}, "", Server::Start::Later);
    const auto found = findings(server, 0);
    CHECK_THAT(found, Catch::VectorContains(std::string("note server")));
    CHECK_THAT(found, Catch::VectorContains(std::string("note data")));
    CHECK_THAT(server.run({"doctor"}).out, Contains("nothing to do"));
}

TEST_CASE("doctor tells what is open to everybody and what is wrong in the configuration",
          "[doctor]") {
    Server server("");
    Rules(server).become("colour = \"blue\"\n");
    fs::permissions(server.folder / "data", fs::perms::others_read, fs::perm_options::add);
    fs::permissions(server.folder / "hearback.toml", fs::perms::others_write,
                    fs::perm_options::add);
    const auto found = findings(server, 1);
    CHECK_THAT(found, Catch::VectorContains(std::string("warning data")));
    CHECK_THAT(found, Catch::VectorContains(std::string("error configuration")));
    CHECK(std::count(found.begin(), found.end(), "error configuration") == 2);
    CHECK_THAT(server.run({"doctor"}).out, Contains("do: chmod o= "));
}

TEST_CASE("doctor tells of dead letters, and of a source that needs people", "[doctor]") {
    TempFolder files;
    const std::string input = files.write("in.csv", "id,text\n1,good\n2\n");
    Server server(R"(
[[source]]
name = "gone"
plugin = "file"
settings = { path = "/nowhere/at/all.csv" }
)");
    (void)server.run({"import", input});
    const auto found = findings(server, 1);
    CHECK_THAT(found, Catch::VectorContains(std::string("warning dead letters")));
    CHECK(std::any_of(found.begin(), found.end(),
                      [](const std::string& each) { return each.ends_with(" source gone"); }));
}

TEST_CASE("doctor tells when a server runs and does not answer", "[doctor]") {
    Server server("");
    server.process->signal(SIGSTOP);
    const auto begun = std::chrono::steady_clock::now();
    CHECK_THAT(findings(server, 1), Catch::VectorContains(std::string("error server")));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
    server.process->signal(SIGCONT);
}

TEST_CASE("rules are changed while the server runs, and a wrong file changes nothing", "[reload]") {
    Server server(kHook);
    const Rules rules(server);
    CHECK(server.status()["rules"].empty());

    rules.become("[[route]]\nname = \"all\"\nteam = \"support\"\n");
    const Ended taken = server.run({"reload"});
    INFO(taken.out + taken.err);
    CHECK(taken.code == 0);
    CHECK(server.status()["rules"] == nlohmann::json({"all"}));
    const auto sent = HttpClient("127.0.0.1", server.intake_port)
                          .post("/in/shop", R"({"id":"1","text":"where is it"})",
                                {{"Content-Type", "application/json"}});
    INFO(sent.body);
    REQUIRE(sent.status / 100 == 2);
    CHECK_THAT(server.run({"show", "1"}).out, Contains("support"));

    rules.become("[[route]]\nname = \"all\"\nsinks = [\"nowhere\"]\n");
    server.process->signal(SIGHUP);
    CHECK(eventually(
        [&] { return server.process->err().find("there is no sink") != std::string::npos; }));
    CHECK(server.status()["rules"] == nlohmann::json({"all"}));
    CHECK(server.run({"reload"}).code != 0);

    rules.become("[log]\nlevel = \"debug\"\n[pipeline]\nclassify_budget_ms = 100\n");
    CHECK(server.run({"reload"}).code == 0);
    CHECK(server.status()["rules"].empty());
    CHECK(eventually([&] {
        return server.process->err().find("pipeline.classify_budget_ms") != std::string::npos;
    }));
    CHECK(server.stop().code == 0);
}

TEST_CASE("reload says where no server runs", "[reload]") {
    const Server server("", {}, "", Server::Start::Later);
    CHECK(server.run({"reload"}).code == 4);
}

TEST_CASE("a signal to stop ends a start soon", "[stop]") {
    Server server(kHook, {}, "", Server::Start::Later);
    server.launch();
    const std::string exe = "/proc/" + std::to_string(server.process->pid()) + "/exe";
    REQUIRE(eventually([&] { return fs::read_symlink(exe) == fs::canonical(hearbackProgram()); }));
    // Wherever the start is then: before or after the first thread.
    server.process->signal(SIGTERM);
    const auto begun = std::chrono::steady_clock::now();
    (void)server.process->wait(std::chrono::seconds(60));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
}

TEST_CASE("a stop ends at its deadline though a plugin does not return", "[stop]") {
    const TempFolder plugins;
    fs::copy(HEARBACK_ZOO "/zoo_sleeps.so", plugins / "zoo.so");
    Server server("[[source]]\nname = \"sleeper\"\nplugin = \"zoo\"\nisolation = "
                  "\"in-process\"\n",
                  {}, trusting(plugins), Server::Start::Later);
    server.serve_words = {"--stop-within", "2"};
    server.start();
    const auto begun = std::chrono::steady_clock::now();
    const Ended ended = server.stop();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
    CHECK(ended.code == 1);
    CHECK_THAT(ended.err, Contains("not stopped in time"));
}

TEST_CASE("every figure of the board is exported", "[board]") {
    std::ifstream in(HEARBACK_SOURCE_DIR "/docs/grafana/hearback.json");
    const auto board = nlohmann::json::parse(in);
    std::set<std::string> used;
    for (const auto& panel : board["panels"])
        for (const auto& target : panel.value("targets", nlohmann::json::array())) {
            const std::string text = target["expr"].get<std::string>();
            for (std::size_t at = text.find("hearback_"); at != std::string::npos;
                 at = text.find("hearback_", at + 1))
                used.insert(text.substr(
                    at, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at) - at));
        }
    REQUIRE(used.size() > 15);
    // Counters appear with their first event: the handbook has them all, and the source has those.
    std::string known;
    std::ifstream handbook(HEARBACK_SOURCE_DIR "/docs/operations.md");
    known.assign(std::istreambuf_iterator<char>(handbook), {});
    Server server(kHook);
    const std::string exported = HttpClient("127.0.0.1", server.port).get("/metrics").body;
    std::string source;
    for (const auto& file : fs::recursive_directory_iterator(HEARBACK_SOURCE_DIR "/host"))
        if (file.path().extension() == ".cpp") {
            std::ifstream text(file.path());
            source.append(std::istreambuf_iterator<char>(text), {});
        }
    for (std::string name : used) {
        for (const std::string part : {"_bucket", "_sum", "_count"})
            if (name.ends_with("_seconds" + part)) name.resize(name.size() - part.size());
        INFO(name);
        CHECK_THAT(known, Contains("`" + name + "`"));
        const bool is_set = exported.find("\n" + name) != std::string::npos;
        CHECK((is_set || source.find("\"" + name + "\"") != std::string::npos));
    }
}
