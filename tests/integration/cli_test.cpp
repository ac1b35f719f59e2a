#include "integration/server.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace hearback;
using namespace hearback::testing;

namespace {

Ended run(std::vector<std::string> words) { return runHearback(std::move(words)); }

} // namespace

TEST_CASE("wrong words are an error of usage and say what is right", "[cli]") {
    CHECK(run({}).code == 2);
    CHECK(run({"nonsense"}).code == 2);
    CHECK(run({"import"}).code == 2);
    CHECK(run({"report", "--format", "xml"}).code == 2);
    CHECK(run({"search", "--limit", "0", "x"}).code == 2);
    CHECK(run({"--help"}).code == 0);
    for (const char* command : {"serve", "check", "doctor", "reload", "import", "search", "show",
                                "report", "route", "dead-letters", "plugin", "train", "evaluate",
                                "reclassify", "record", "replay", "version", "completion", "man"}) {
        const Ended help = run({command, "--help"});
        CHECK(help.code == 0);
        CHECK(help.out.find("Usage: hearback") != std::string::npos);
    }
}

TEST_CASE("without a configuration the program says how to give one", "[cli]") {
    TempFolder folder;
    const Ended ended = run({"-c", (folder / "none.toml").string(), "search", "x"});
    CHECK(ended.code == 2);
    CHECK(ended.err.find("No such file") != std::string::npos);
    CHECK(ended.err.find("--config FILE") != std::string::npos);
}

TEST_CASE("check tells every mistake with its line and column", "[cli]") {
    TempFolder folder;
    const std::string file = folder.write("hearback.toml", R"(colour = "blue"
[http]
listen = "nowhere"
[[source]]
name = "Upper Case"
plugin = "file"
[[classifier]]
name = "words"
plugin = "keywords"
settings.sets = [{ label = "refund", words = ["refund"] }]
[[sink]]
name = "out"
plugin = "webhook-out"
settings.url = "https://example.org"
settings.secret = "env:HEARBACK_TEST_NOT_SET"
[[route]]
name = "r"
when = { all = [{ field = "words", op = "is", value = "refnd" }, { field = "txt", op = "is", value = "x" }] }
sinks = ["oout"]
)");
    const Ended ended = run({"-c", file, "check"});
    CHECK(ended.code == 2);
    INFO(ended.err);
    for (const char* wanted :
         {":1:10: colour is no setting", ":3:10: http.listen must be an address",
          ":5:8: source[0].name must begin with a small letter",
          "source[0].settings.path is required by the plugin \"file\"",
          "HEARBACK_TEST_NOT_SET is not set",
          ":18:55: route[0].when.all[0].value \"words\" is never \"refnd\" (did you mean "
          "\"refund\"?)",
          "there is no field \"txt\" (did you mean \"text\"?)",
          "there is no sink \"oout\" (did you mean \"out\"?)"})
        CHECK(ended.err.find(wanted) != std::string::npos);
    const auto json = nlohmann::json::parse(run({"-c", file, "--json", "check"}).out);
    CHECK(json["problems"].size() == 8);
    const Ended syntax = run({"-c", folder.write("broken.toml", "a = [1,\n"), "check"});
    CHECK(syntax.code == 2);
    CHECK(syntax.err.find("is not TOML") != std::string::npos);
}

TEST_CASE("check asks every plugin whether it can work", "[cli]") {
    TempFolder folder;
    folder.write("f.csv", "id,text\n");
    const std::string file = folder.write(
        "hearback.toml", "[[source]]\nname = \"good\"\nplugin = \"file\"\nsettings.path = \"" +
                             (folder / "f.csv").string() +
                             "\"\n[[source]]\nname = \"bad\"\nplugin = \"file\"\nsettings.path = "
                             "\"/nowhere/f.csv\"\n");
    CHECK(run({"-c", file, "check"}).code == 0);
    const Ended ended = run({"-c", file, "check", "--connect"});
    CHECK(ended.code == 1);
    CHECK(ended.out.find("ok   channel good: ") != std::string::npos);
    CHECK(ended.out.find("FAIL channel bad: /path cannot open /nowhere/f.csv") !=
          std::string::npos);
}

TEST_CASE("completion and the manual page name every command", "[cli]") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const Ended ended = run({"completion", shell});
        CHECK(ended.code == 0);
        CHECK(ended.out.find("dead-letters") != std::string::npos);
    }
    CHECK(run({"completion", "tcsh"}).code == 2);
    const Ended script = run({"completion", "bash"});
    TempFolder folder;
    const std::string file = folder.write("c.bash", script.out + R"(
COMP_WORDS=(hearback dead-letters rep); COMP_CWORD=2; _hearback; echo "${COMPREPLY[@]}"
COMP_WORDS=(hearback im); COMP_CWORD=1; _hearback; echo "${COMPREPLY[@]}"
COMP_WORDS=(hearback reclassify --sh); COMP_CWORD=2; _hearback; echo "${COMPREPLY[@]}"
)");
    const Ended completed = Process({"bash", file}).wait();
    CHECK(completed.err.empty());
    CHECK(completed.out == "replay\nimport\n--shadow\n");
    const Ended man = run({"man"});
    CHECK(man.out.find(".SH EXIT STATUS") != std::string::npos);
    CHECK(man.out.find("dead\\-letters replay") != std::string::npos);
}

TEST_CASE("a plugin is inspected without being run", "[cli]") {
    const Ended listed = run({"--json", "plugin", "list"});
    CHECK(listed.code == 0);
    CHECK(nlohmann::json::parse(listed.out).size() >= 7);
    CHECK(run({"plugin", "inspect", "feed"}).out.find("hearback.source/1") != std::string::npos);
    CHECK(run({"plugin", "inspect", HEARBACK_ZOO "/zoo_good.so"}).code == 0);
    CHECK(run({"plugin", "inspect", "/etc/hostname"}).code == 1);
    CHECK(run({"plugin", "inspect", "nobody"}).code == 4);
}

TEST_CASE("the rules that match and do not match a message are explained", "[cli]") {
    TempFolder folder;
    const std::string config = folder.write("hearback.toml", R"(
data_dir = "data"
[[classifier]]
name = "words"
plugin = "keywords"
settings.sets = [{ label = "refund", words = ["refund"] }]
[[route]]
name = "refunds"
when = { field = "words", op = "is", value = "refund" }
team = "billing"
[[route]]
name = "praise"
when = { field = "rating", op = ">=", value = 4 }
tags = ["happy"]
)");
    const std::string file = folder.write("f.csv", "id,text,rating\n1,refund please,2\n");
    REQUIRE(run({"-c", config, "import", file}).code == 0);
    const Ended explained = run({"-c", config, "route", "explain", "1"});
    CHECK(explained.code == 0);
    CHECK(explained.out.find("matched refunds\n        gives team billing") != std::string::npos);
    CHECK(explained.out.find("rating >= 4, but it is 2") != std::string::npos);
    CHECK(run({"-c", config, "route", "explain", "2"}).code == 4);
    CHECK(run({"-c", config, "show", "2"}).code == 4);
}

TEST_CASE("the server tells what runs and listens on loopback only", "[cli]") {
    Server server(
        "[[source]]\nname = \"open\"\nplugin = \"webhook\"\nsettings.verify = \"none\"\n");
    HttpClient client("127.0.0.1", server.port);
    const HttpResult page = client.get("/");
    CHECK(page.status == 200);
    CHECK(page.body.find("<td>open</td>") != std::string::npos);
    CHECK(page.headers.at("Content-Security-Policy").find("default-src 'none'") == 0);
    CHECK(client.get("/healthz").status == 200);
    CHECK(client.get("/nothing").status == 404);
    CHECK(client.post("/", "x").status == 405);
    CHECK(client.get("/metrics").body.find("hearback_storing 1") != std::string::npos);
    // /proc/net/tcp: 0100007F is 127.0.0.1.
    std::ifstream sockets("/proc/" + std::to_string(server.process->pid()) + "/net/tcp");
    char port[8];
    std::snprintf(port, sizeof port, ":%04X", server.port);
    bool found = false;
    for (std::string line; std::getline(sockets, line);)
        found = found || line.find("0100007F" + std::string(port)) != std::string::npos;
    CHECK(found);
    const Ended ended = server.stop();
    CHECK(ended.code == 0);
    // One line an event, as JSON where nobody looks.
    std::istringstream lines(ended.err);
    for (std::string line; std::getline(lines, line);)
        CHECK(nlohmann::json::parse(line, nullptr, false).is_object());
    CHECK(ended.err.find("\"event\":\"stopped\"") != std::string::npos);
}

TEST_CASE("two servers cannot have one port and the second says so", "[cli]") {
    Server server("");
    TempFolder folder;
    const std::string config =
        folder.write("hearback.toml", "data_dir = \"data\"\n[http]\nlisten = \"127.0.0.1:" +
                                          std::to_string(server.port) + "\"\n");
    const Ended second = run({"-c", config, "serve"});
    CHECK(second.code == 1);
    CHECK(second.err.find("cannot listen on 127.0.0.1:") != std::string::npos);
    CHECK(server.stop().code == 0);
}

TEST_CASE("two servers cannot have one data folder and the second says who has it", "[cli]") {
    Server server("");
    const Ended second = run({"-c", (server.folder / "hearback.toml").string(), "serve"});
    CHECK(second.code == 1);
    CHECK(second.err.find("another `hearback serve` runs on ") != std::string::npos);
    CHECK(second.err.find("(process ") != std::string::npos);
    CHECK(server.stop().code == 0);
}

TEST_CASE("a database of a newer version is refused in words", "[cli]") {
    TempFolder folder;
    const std::string config = folder.write("hearback.toml", "data_dir = \"data\"\n");
    REQUIRE(run({"-c", config, "report"}).code == 0);
    const Ended changed =
        Process({"sqlite3", (folder / "data/hearback.db").string(),
                 "UPDATE schema_version SET version = 99 WHERE room = 'messages'"})
            .wait();
    if (changed.code != 0) {
        WARN("SKIPPED: the sqlite3 program is not there");
        return;
    }
    const Ended ended = run({"-c", config, "report"});
    CHECK(ended.code == 1);
    CHECK(ended.err.find("was written by a newer Hearback") != std::string::npos);
}

TEST_CASE("what people wrote cannot be read by other users of the machine", "[cli]") {
    TempFolder folder;
    folder.write("feedback.csv", "id,text\n1,hello\n");
    const std::string config = folder.write("hearback.toml", "data_dir = \"data\"\n");
    REQUIRE(run({"-c", config, "import", (folder / "feedback.csv").string()}).code == 0);
    using std::filesystem::perms;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "data")) {
        INFO(entry.path());
        CHECK((entry.status().permissions() & (perms::others_all | perms::group_write)) ==
              perms::none);
    }
    CHECK((std::filesystem::status(folder / "data").permissions() & perms::others_all) ==
          perms::none);
}
