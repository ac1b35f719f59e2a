#include "config/settings.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace hearback;
using config::Loaded;
using config::parseSettings;
using hearback::testing::TempFolder;

namespace {

std::vector<std::string> toldOf(const Loaded& loaded) {
    std::vector<std::string> lines;
    for (const auto& each : loaded.problems) lines.push_back(config::describe("h.toml", each));
    return lines;
}

std::vector<std::string> toldOf(const std::string& text) {
    return toldOf(parseSettings(text, "/"));
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("an empty configuration has defaults that listen on this machine only", "[config]") {
    const Loaded loaded = parseSettings("", "/etc/hearback");
    CHECK(loaded.problems.empty());
    const config::Settings& settings = loaded.settings;
    CHECK(settings.data_dir == "/etc/hearback/data");
    CHECK(settings.http.listen.host == "127.0.0.1");
    CHECK(settings.http.listen.port == 8080);
    CHECK(settings.intake.listen.host == "127.0.0.1");
    CHECK(settings.intake.listen.port == 8081);
    CHECK_FALSE(settings.log_format);
    CHECK(settings.egress_allow.empty());
}

TEST_CASE("the database is a file unless an address is given, and that holds no password",
          "[config]") {
    CHECK(parseSettings("", "/").settings.storage.url.empty());
    const Loaded loaded =
        parseSettings("[storage]\nurl = \"postgresql://hearback@db.example.org:5433/feedback\"\n"
                      "password = \"file:database_password\"\n",
                      "/etc/hearback");
    CHECK(toldOf(loaded) == Lines{});
    CHECK(loaded.settings.storage.url == "postgresql://hearback@db.example.org:5433/feedback");
    CHECK(loaded.settings.storage.password == "file:database_password");
    CHECK(loaded.settings.storage.folder == "/etc/hearback");

    CHECK(toldOf("[storage]\n") == Lines{"h.toml:1:1: storage.url is required"});
    CHECK(toldOf("[storage]\nurl = \"mysql://db\"\n") ==
          Lines{"h.toml:2:7: storage.url must be an address: "
                "\"postgresql://user@host:5432/database\""});
    for (const char* url : {"postgresql://hearback:hush@db/feedback", "postgres://:hush@db",
                            "postgresql://db/feedback?user=hearback&password=hush"}) {
        const Lines told = toldOf("[storage]\nurl = \"" + std::string(url) + "\"\n");
        REQUIRE(told.size() == 1);
        CHECK(told.front() == "h.toml:2:7: storage.url must not hold the password: put a reference "
                              "to it into storage.password, such as \"file:database_password\"");
    }
    CHECK(toldOf("[storage]\nurl = \"postgresql://db:5432/x\"\npassword = \"hush\"\n") ==
          Lines{"h.toml:3:12: storage.password must refer to a secret: \"env:NAME\" or "
                "\"file:PATH\""});
}

TEST_CASE("a whole configuration is read as it was written", "[config]") {
    const Loaded loaded = parseSettings("data_dir = \"store\"\n"
                                        "plugin_dirs = [\"plugins\", \"/opt/plugins\"]\n"
                                        "[log]\nformat = \"json\"\nlevel = \"warning\"\n"
                                        "[http]\nlisten = \"0.0.0.0:80\"\nthreads = 8\n"
                                        "[intake]\nlisten = \"[::1]:81\"\nmax_body_kib = 2\n"
                                        "timeout_ms = 500\nrequests_per_minute = 60\n"
                                        "[pipeline]\nclassify_budget_ms = 50\n"
                                        "[egress]\nallow = [\"localhost:8080\"]\n"
                                        "[[source]]\nname = \"shop\"\nplugin = \"file\"\n"
                                        "batch_items = 100\n"
                                        "settings = { path = \"x.csv\" }\n"
                                        "[[classifier]]\nname = \"mood\"\nplugin = \"sentiment\"\n"
                                        "[[sink]]\nname = \"crm\"\nplugin = \"webhook-out\"\n",
                                        "/etc");
    CHECK(toldOf(loaded) == Lines{});
    const config::Settings& settings = loaded.settings;
    CHECK(settings.data_dir == "/etc/store");
    REQUIRE(settings.plugin_dirs.size() == 2);
    CHECK(settings.plugin_dirs[0] == "/etc/plugins");
    CHECK(settings.plugin_dirs[1] == "/opt/plugins");
    CHECK(settings.log_format == base::LogFormat::Json);
    CHECK(settings.log_level == base::LogLevel::Warning);
    CHECK(settings.http.listen.host == "0.0.0.0");
    CHECK(settings.http.listen.port == 80);
    CHECK(settings.http.threads == 8);
    CHECK(settings.intake.listen.host == "::1");
    CHECK(settings.intake.listen.port == 81);
    CHECK(settings.intake.max_body_bytes == 2048);
    CHECK(settings.intake.requests_per_minute == 60);
    CHECK(settings.webhook_timeout_ms == 500);
    CHECK(settings.classify_budget_ms == 50);
    CHECK(settings.egress_allow == Lines{"localhost:8080"});
    REQUIRE(settings.sources.size() == 1);
    CHECK(settings.sources[0].name == "shop");
    CHECK(settings.sources[0].plugin == "file");
    CHECK(settings.sources[0].batch_items == 100);
    CHECK(settings.sources[0].path == "source[0]");
    CHECK(config::toJson(settings.sources[0].settings)["path"] == "x.csv");
    CHECK(settings.classifiers.at(0).name == "mood");
    CHECK(settings.sinks.at(0).name == "crm");
}

TEST_CASE("everything that is wrong is told at once in the order of the file", "[config]") {
    CHECK(toldOf("data_dirr = \"x\"\n"               // 1
                 "[log]\n"                           // 2
                 "format = \"xml\"\n"                // 3
                 "level = 3\n"                       // 4
                 "[http]\n"                          // 5
                 "listen = \"localhost\"\n"          // 6
                 "threads = 1\n"                     // 7
                 "[intake]\n"                        // 8
                 "timeout_ms = \"5 s\"\n"            // 9
                 "[[source]]\n"                      // 10
                 "name = \"Shop\"\n"                 // 11
                 "plugin = \"file\"\n"               // 12
                 "batch_items = 5000\n"              // 13
                 "[[source]]\n"                      // 14
                 "plugin = \"file\"\n"               // 15
                 "settings = \"x.csv\"\n"            // 16
                 "[[sink]]\n"                        // 17
                 "name = \"crm\"\n"                  // 18
                 "plugin = \"webhook-out\"\n"        // 19
                 "[[sink]]\n"                        // 20
                 "name = \"crm\"\n"                  // 21
                 "plugin = \"file-out\"\n"           // 22
                 "[[classifier]]\n"                  // 23
                 "name = \"mood\"\n"                 // 24
                 "plugin = \"sentiment\"\n"          // 25
                 "batch_items = 5\n"                 // 26
                 "[[route]]\n"                       // 27
                 "team = \"support\"\n"              // 28
                 "when = { field = \"text\" }\n") == // 29
          Lines{"h.toml:1:13: data_dirr is no setting (did you mean \"data_dir\"?)",
                "h.toml:3:10: log.format must be \"auto\", \"text\" or \"json\"",
                "h.toml:4:9: log.level must be text, not an integer",
                "h.toml:6:10: http.listen must be an address and a port: \"127.0.0.1:8080\"",
                "h.toml:7:11: http.threads must be between 2 and 4096",
                "h.toml:9:14: intake.timeout_ms must be an integer, not text",
                "h.toml:11:8: source[0].name must begin with a small letter and hold small "
                "letters, digits, - and _ only",
                "h.toml:13:15: source[0].batch_items must be between 1 and 4096",
                "h.toml:14:1: source[1].name is required",
                "h.toml:16:12: source[1].settings must be a table, not text",
                "h.toml:20:1: sink[1].name \"crm\" is the name of sink[0] already",
                "h.toml:26:15: classifier[0].batch_items is no setting",
                "h.toml:27:1: route[0].name is required",
                "h.toml:29:8: route[0].when.op is required"});
}

TEST_CASE("names are small letters and digits so that they fit into addresses", "[config]") {
    const auto problems = [](const std::string& name) {
        return toldOf("[[source]]\nname = \"" + name + "\"\nplugin = \"file\"\n").size();
    };
    for (const char* name : {"a", "shop-reviews_2", "x9"}) CHECK(problems(name) == 0);
    CHECK(problems(std::string(64, 'a')) == 0);
    for (const char* name :
         {"Shop", "9shop", "-shop", "_shop", "my shop", "shop/eu", "caf\xC3\xA9", "shop.eu", ".."})
        CHECK(problems(name) == 1);
    CHECK(problems(std::string(65, 'a')) == 1);
}

TEST_CASE("a source and a sink may have the same name and two sources not", "[config]") {
    const std::string shop = "name = \"shop\"\nplugin = \"file\"\n";
    CHECK(toldOf("[[source]]\n" + shop + "[[sink]]\n" + shop).empty());
    CHECK(toldOf("[[source]]\n" + shop + "[[source]]\n" + shop).size() == 1);
}

TEST_CASE("an address needs a host and a port that exists", "[config]") {
    const auto listen = [](const std::string& address) {
        return parseSettings("[http]\nlisten = \"" + address + "\"\n", "/");
    };
    CHECK(listen("example.org:65535").settings.http.listen.port == 65535);
    CHECK(listen("[2001:db8::1]:80").settings.http.listen.host == "2001:db8::1");
    for (const char* wrong : {"127.0.0.1", ":8080", "127.0.0.1:", "127.0.0.1:http",
                              "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80 ", "8080"}) {
        INFO(wrong);
        CHECK(listen(wrong).problems.size() == 1);
    }
}

TEST_CASE("encryption needs both files and they must be there", "[config]") {
    const TempFolder folder;
    folder.write("server.crt", "x");
    folder.write("server.key", "x");
    const auto read = [&](const std::string& members) {
        return parseSettings("[http.tls]\n" + members, folder.path());
    };
    const Loaded good = read("certificate = \"server.crt\"\nkey = \"server.key\"\n");
    CHECK(toldOf(good) == Lines{});
    CHECK(good.settings.http.tls_key == folder / "server.key");
    CHECK(toldOf(read("certificate = \"server.crt\"\nkey = \"other.key\"\n")) ==
          Lines{"h.toml:3:7: http.tls.key no such file: " + (folder / "other.key").string()});
    CHECK(toldOf(read("certificate = \"server.crt\"\n")) ==
          Lines{"h.toml:1:1: http.tls.key is required"});
}

TEST_CASE("a mistake of syntax is the only thing that is told", "[config]") {
    const Lines lines = toldOf("[http]\nlisten = \n[[nonsense]]\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("h.toml:2:") == 0);
    CHECK(lines[0].find("is not TOML: ") != std::string::npos);
}

TEST_CASE("paths in a file are relative to the folder that it is in", "[config]") {
    const TempFolder folder;
    const std::string file = folder.write("conf/h.toml", "data_dir = \"../store\"\n");
    const auto loaded = config::loadSettings(file);
    REQUIRE(loaded);
    CHECK(loaded->settings.file == file);
    CHECK(loaded->settings.data_dir == folder / "conf/../store");
    CHECK_FALSE(config::loadSettings(folder / "missing.toml"));
}

TEST_CASE("the parts in which two files differ have their names", "[config]") {
    const auto of = [](const char* text) { return config::parseSettings(text, "/").settings; };
    const auto before = of("[log]\nlevel = \"info\"\n[egress]\nallow = [\"a\"]\n");
    CHECK(config::changedParts(before.document, before.document).empty());
    const auto after = of("# moved\n\n[egress]\nallow = [\"a\"]\n[log]\nlevel = \"debug\"\n"
                          "[[route]]\nname = \"all\"\n");
    CHECK(config::changedParts(before.document, after.document) ==
          std::vector<std::string>{"log.level", "route"});
    CHECK(config::changedParts(before.document, of("").document) ==
          std::vector<std::string>{"egress.allow", "log.level"});
}
