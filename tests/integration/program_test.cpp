// A channel that is a program, in a language that Hearback knows nothing of.
#include "integration/nginx.h"
#include "integration/server.h"

#include <catch2/catch.hpp>

using namespace hearback::testing;

TEST_CASE("a channel in Python brings its reviews in, and what it cannot read is kept",
          "[program]") {
    if (Process({"python3", "--version"}).wait().code != 0) {
        WARN("SKIPPED: python3 is not installed");
        return;
    }
    const TempFolder folder;
    const std::string example = HEARBACK_SOURCE_DIR "/examples/languages/python";
    std::filesystem::copy(example, folder.path());
    const std::string trust = "trust = { file = \"" + (folder / "trust.toml").string() + "\" }\n";
    const std::string top = "plugin_dirs = [\"" + folder.path().string() + "\"]\n" + trust;
    const std::string config = folder.write("hearback.toml", top);
    const Ended trusted =
        runHearback({"-c", config, "plugin", "trust", (folder / "reviews.plugin.json").string()});
    INFO(trusted.err);
    REQUIRE(trusted.code == 0);
    const Nginx nginx;
    nginx.page("reviews.json",
               R"([{"id": "r1", "text": "Warm light.", "stars": 5, "at": 1772445600}, {"id": 2}])");
    const Server server("[[source]]\nname = \"shop\"\nplugin = \"reviews\"\nsettings = { url = \"" +
                            nginx.url("reviews.json") + "\", every_s = 1 }\n" + nginx.allowed(),
                        {}, top);
    REQUIRE(eventually([&] { return server.messages() == 1; }));
    const auto shown = server.json({"show", "1"});
    CHECK(shown["message"]["rating"]["value"] == 5);
    REQUIRE(eventually([&] { return server.json({"dead-letters", "list"}).size() == 1; }));
    nginx.page("reviews.json",
               R"([{"id": "r1", "text": "Warm light, silent.", "stars": 5, "at": 1772445600}])");
    REQUIRE(eventually([&] {
        return server.json({"show", "1"})["message"]["text"] == "Warm light, silent.";
    }));
    CHECK(server.messages() == 1);
}
