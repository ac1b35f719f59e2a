// A plugin goes from its author to those who run it: keys, signatures, packages, trust.
#include "support/process.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <fstream>

using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

// An author's folder and an operator's.
struct Market {
    TempFolder author;
    TempFolder shop;
    std::string plugin = (author / "numbers.so").string();
    std::string key = (author / "my.key").string();
    std::string package = (author / "numbers-1.0.0.hbplugin").string();
    std::string public_key;

    Market() {
        std::filesystem::copy_file(HEARBACK_ZOO "/zoo_numbers.so", plugin);
        shop.write("hearback.toml", "data_dir = \"data\"\n");
        const Ended made = runHearback({"--json", "plugin", "keygen", key});
        REQUIRE(made.code == 0);
        public_key = nlohmann::json::parse(made.out)["public_key"];
    }
    Ended pack(std::vector<std::string> more = {}) const {
        std::vector<std::string> words = {"plugin", "pack", plugin, "--out",
                                          author.path().string()};
        words.insert(words.end(), more.begin(), more.end());
        return runHearback(words);
    }
    Ended run(std::vector<std::string> words) const {
        words.insert(words.begin(), {"-c", (shop / "hearback.toml").string()});
        return runHearback(words);
    }
    std::string standing() const {
        for (const auto& file : nlohmann::json::parse(run({"--json", "plugin", "list"}).out))
            for (const auto& each : file["plugins"])
                if (each["id"] == "numbers") return file["standing"];
        return "";
    }
    std::filesystem::path installed() const { return shop / "data/plugins/numbers/numbers.so"; }
};

} // namespace

TEST_CASE("a package of a trusted signer is installed, and found with all it needs", "[package]") {
    const Market market;
    const auto rights = std::filesystem::status(market.key).permissions();
    CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
    REQUIRE(market.pack({"--key", market.key}).code == 0);
    const Ended unknown = market.run({"plugin", "install", market.package});
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.err, Contains(market.public_key));
    CHECK_THAT(unknown.err, Contains("plugin trust-signer"));
    CHECK(market.standing().empty());
    REQUIRE(market.run({"plugin", "trust-signer", market.public_key, "--name", "ACME"}).code == 0);
    CHECK(market.run({"plugin", "install", market.package}).code == 0);
    CHECK(market.standing() == "trusted");
    SECTION("until it is changed") {
        std::ofstream(market.installed(), std::ios::app) << "x";
        CHECK(market.standing() == "not trusted");
        market.shop.write("hearback.toml", R"(data_dir = "data"
[[source]]
name = "numbers"
plugin = "numbers"
settings = { go = "go" }
)");
        const Ended check = market.run({"check"});
        CHECK(check.code == 2);
        CHECK_THAT(check.err, Contains("is not a signature of"));
    }
    SECTION("until its signer is not trusted any more") {
        REQUIRE(market.run({"plugin", "untrust-signer", market.public_key}).code == 0);
        CHECK(market.standing() == "not trusted");
        CHECK(market.run({"plugin", "untrust-signer", market.public_key}).code == 4);
    }
    SECTION("and replaced by the next version, as a whole") {
        std::ofstream(market.plugin, std::ios::app) << "version 2";
        CHECK_THAT(market.pack().err, Contains("is not a signature of"));
        REQUIRE(market.pack({"--key", market.key}).code == 0);
        CHECK(market.run({"plugin", "install", market.package}).code == 0);
        CHECK(market.standing() == "trusted");
        CHECK(std::filesystem::file_size(market.installed()) ==
              std::filesystem::file_size(market.plugin));
        // Nothing is left of the old one.
        std::size_t folders = 0;
        for (const auto& each : std::filesystem::directory_iterator(market.shop / "data/plugins")) {
            (void)each;
            ++folders;
        }
        CHECK(folders == 1);
    }
}

TEST_CASE("a package that nobody signed needs a word", "[package]") {
    const Market market;
    REQUIRE(market.pack().code == 0);
    const Ended refused = market.run({"plugin", "install", market.package});
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, Contains("signed by nobody"));
    CHECK(market.run({"plugin", "install", market.package, "--trust"}).code == 0);
    CHECK(market.standing() == "trusted");
}

TEST_CASE("a signature of another file is none", "[package]") {
    const Market market;
    REQUIRE(runHearback({"plugin", "sign", market.plugin, "--key", market.key}).code == 0);
    std::filesystem::copy_file(HEARBACK_ZOO "/zoo_good.so", market.author / "good.so");
    std::filesystem::rename(market.plugin + ".sig", market.author / "good.so.sig");
    const Ended packed = runHearback({"plugin", "pack", (market.author / "good.so").string()});
    CHECK(packed.code == 1);
    CHECK_THAT(packed.err, Contains("is not a signature of"));
}

TEST_CASE("a program is packed with its parts and runs where it is installed", "[package]") {
    const Market market;
    const auto manifest = market.author.write("echo.plugin.json", R"({
"manifest": 1, "abi": [1, 0], "schema_level": 1, "program": ["./lib/echo.sh"],
"files": ["words.txt"], "plugins": [{"id": "echo", "version": "2.0.0", "kind": "channel",
"summary": "Says it again", "licence": "MIT", "extensions": ["hearback.source/1"], "needs": [],
"max_inflight": 1, "max_concurrency": 1,
"settings": {"type": "object", "additionalProperties": false, "properties": {}}}]})");
    market.author.write("lib/echo.sh", "#!/bin/sh\ncat\n");
    market.author.write("words.txt", "one\n");
    const Ended packed =
        runHearback({"plugin", "pack", manifest, "--out", market.author.path().string()});
    INFO(packed.err);
    REQUIRE(packed.code == 0);
    const Ended installed = market.run(
        {"plugin", "install", (market.author / "echo-2.0.0.hbplugin").string(), "--trust"});
    INFO(installed.err);
    REQUIRE(installed.code == 0);
    const auto home = market.shop / "data/plugins/echo";
    CHECK(std::filesystem::exists(home / "words.txt"));
    const auto rights = std::filesystem::status(home / "lib/echo.sh").permissions();
    CHECK((rights & std::filesystem::perms::owner_exec) != std::filesystem::perms::none);
}

TEST_CASE("what is no package, or a bad one, changes nothing", "[package]") {
    const Market market;
    REQUIRE(market.pack().code == 0);
    std::string bytes;
    {
        std::ifstream in(market.package, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto refuses = [&](const std::string& content) {
        const auto file = market.author.write("bad.hbplugin", content);
        const Ended ended = market.run({"plugin", "install", file, "--trust"});
        CHECK(ended.code == 1);
        CHECK_FALSE(ended.err.empty());
        CHECK(market.standing().empty());
    };
    refuses("");
    refuses("no archive at all");
    refuses(bytes.substr(0, bytes.size() / 2));
    // A name that leads out of the folder.
    std::string out = bytes;
    for (std::size_t at = 0; (at = out.find("numbers.so", at)) != std::string::npos; ++at)
        out.replace(at, 10, "../bers.so");
    refuses(out);
    // A byte within the packed data.
    for (const std::size_t at : {bytes.size() / 3, bytes.size() / 2}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        refuses(damaged);
    }
    // A plugin of the same id that lies elsewhere is not put in the shade.
    std::filesystem::create_directories(market.shop / "mine");
    std::filesystem::copy_file(market.plugin, market.shop / "mine/numbers.so");
    market.shop.write("hearback.toml", "data_dir = \"data\"\nplugin_dirs = [\"mine\"]\n");
    const Ended twice = market.run({"plugin", "install", market.package, "--trust"});
    CHECK(twice.code == 1);
    CHECK_THAT(twice.err, Contains("is there already"));
}
