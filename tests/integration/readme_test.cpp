#include "integration/nginx.h"
#include "integration/server.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace hearback::testing;

namespace {

const std::string kSource = HEARBACK_SOURCE_DIR;

std::string textOf(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void mustRun(const std::vector<std::string>& words) {
    const Ended ended = Process(words).wait(std::chrono::seconds(120));
    INFO(words[1] << ": " << ended.out << ended.err);
    REQUIRE(ended.code == 0);
}

} // namespace

TEST_CASE(
    "the plugin of the README is built against the installed SDK alone and brings its reviews in",
    "[plugin]") {
    const TempFolder folder;
    const std::string sdk = (folder / "sdk").string();
    const std::string own = (folder / "plugin").string();
    const std::string built = (folder / "build").string();
    mustRun({"cmake", "--install", HEARBACK_BINARY_DIR, "--component", "sdk", "--prefix", sdk});
    // Away from the tree, so that nothing but the SDK can be found.
    std::filesystem::copy(kSource + "/examples/languages/cpp", own);
    mustRun({"cmake", "-S", own, "-B", built, "-DCMAKE_PREFIX_PATH=" + sdk});
    mustRun({"cmake", "--build", built});

    // Nobody runs what nobody trusts.
    const std::string config = folder.write(
        "trust.toml", "plugin_dirs = [\"" + built +
                          "/plugins\"]\n[[source]]\nname = "
                          "\"shop\"\nplugin = \"reviews\"\nsettings.url = \"https://x\"\n");
    const Ended refused = runHearback({"-c", config, "check"});
    CHECK(refused.code == 2);
    CHECK(refused.err.find("hearback plugin trust " + built + "/plugins/reviews.so") !=
          std::string::npos);
    const Ended trusted = runHearback({"-c", config, "plugin", "trust", "reviews"});
    INFO(trusted.out << trusted.err);
    REQUIRE(trusted.code == 0);
    CHECK(trusted.out.find("reviews needs http") != std::string::npos);
    CHECK(runHearback({"-c", config, "check"}).code == 0);
    CHECK(runHearback({"-c", config, "plugin", "list"}).out.find("trusted") != std::string::npos);

    const Nginx nginx;
    const auto page = [&](const std::string& text) {
        nginx.page("reviews.json",
                   R"([{"id": "r1", "text": ")" + text + R"(", "stars": 5, "at": 1772445600}])");
    };
    page("Warm light.");
    const Server server("[[source]]\nname = \"shop\"\nplugin = \"reviews\"\nsettings = { url = \"" +
                            nginx.url("reviews.json") + "\", every_s = 1 }\n" + nginx.allowed(),
                        {},
                        "plugin_dirs = [\"" + built + "/plugins\"]\ntrust = { file = \"" +
                            (folder / "plugins.trust.toml").string() + "\" }\n");
    REQUIRE(eventually([&] { return server.messages() == 1; }));
    page("Warm light, silent switch.");
    REQUIRE(eventually([&] {
        return server.json({"show", "1"})["message"]["text"] == "Warm light, silent switch.";
    }));
    const auto shown = server.json({"show", "1"});
    CHECK(shown["revisions"].size() == 1);
    CHECK(shown["message"]["rating"]["value"] == 5);
    CHECK(server.messages() == 1);
}

TEST_CASE("the plugin that the README shows is the one that is built", "[plugin]") {
    const std::string plugin = textOf(kSource + "/examples/languages/cpp/reviews.cpp");
    REQUIRE(plugin.size() > 500);
    CHECK(textOf(kSource + "/README.md").find("```cpp\n" + plugin + "```") != std::string::npos);
}

TEST_CASE("the configuration that the README shows is right", "[plugin]") {
    const std::string readme = textOf(kSource + "/README.md");
    const auto from = readme.find("```toml\n");
    REQUIRE(from != std::string::npos);
    const TempFolder folder;
    const std::string file = folder.write(
        "hearback.toml", readme.substr(from + 8, readme.find("```", from + 8) - from - 8));
    const Ended checked =
        runHearback({"-c", file, "check"}, {{"SHOP_SECRET", "c2VjcmV0LXNlY3JldA=="}});
    INFO(checked.out << checked.err);
    CHECK(checked.code == 0);
}
