#include "app/findings.h"

#include "app/version.h"
#include "support/manual_clock.h"
#include "support/process.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace hearback;
using app::Finding;
using app::Findings;
using app::Severity;
using base::kDay;
using base::kHour;
using base::Micros;
using Catch::Contains;
using nlohmann::json;

namespace {

constexpr Micros kNow = 1772452800 * base::kSecond;

Findings ofStatus(const json& changes) {
    json status{{"version", app::kVersion}, {"storing", true}, {"search_behind", 0}};
    status.update(changes);
    Findings findings;
    app::readStatus(status.dump(), kNow, findings);
    return findings;
}

Findings ofSource(const json& changes) {
    json source{
        {"name", "shop"}, {"condition", "waiting"}, {"problem", ""}, {"last_success_at_us", kNow}};
    source.update(changes);
    return ofStatus({{"sources", json::array({source})}});
}

// The only one.
Finding theOne(const Findings& findings) {
    REQUIRE(findings.size() == 1);
    return findings.front();
}

config::Settings settingsIn(const testing::TempFolder& folder) {
    config::Settings settings;
    settings.file = folder.write("hearback.toml", "");
    settings.data_dir = folder / "data";
    std::filesystem::create_directory(settings.data_dir);
    std::filesystem::permissions(settings.data_dir, std::filesystem::perms::owner_all);
    return settings;
}

Findings ofFiles(const config::Settings& settings, Micros now) {
    Findings findings;
    app::examineFiles(settings, now, findings);
    // How full the disk of the tests is, is none of theirs.
    std::erase_if(findings, [](const Finding& each) { return each.about == "disk"; });
    return findings;
}

} // namespace

TEST_CASE("of a server that does well nothing is found", "[findings]") {
    CHECK(ofStatus(json::object()).empty());
    CHECK(ofSource(json::object()).empty());
}

TEST_CASE("what a server cannot do is found", "[findings]") {
    CHECK(theOne(ofStatus({{"storing", false}})).severity == Severity::Error);
    CHECK_THAT(theOne(ofStatus({{"version", "0.0.1"}})).todo, Contains("restart"));
    Findings findings;
    app::readStatus("<html>", kNow, findings);
    CHECK(theOne(findings).severity == Severity::Error);
    CHECK(theOne(ofStatus({{"sinks", {{{"name", "crm"}, {"problem", "401"}}}}})).about ==
          "sink crm");
}

TEST_CASE("what is wrong with a source is found", "[findings]") {
    CHECK(theOne(ofSource({{"condition", "failed"}, {"problem", "refused"}})).severity ==
          Severity::Error);
    CHECK(theOne(ofSource({{"problem", "no route"}})).severity == Severity::Warning);
    // It comes back by itself.
    CHECK(theOne(ofSource({{"problem", "too many"}, {"rests_until_us", kNow + kHour}})).severity ==
          Severity::Note);
    const Finding silent = theOne(ofSource({{"silent", true}, {"silence_us", 9 * kHour}}));
    CHECK(silent.severity == Severity::Warning);
    CHECK_THAT(silent.text, Contains("9 hours"));
    CHECK_THAT(theOne(ofSource({{"last_success_at_us", kNow - kDay}})).text,
               Contains("24 hours ago"));
}

TEST_CASE("secrets and data that others may read are found", "[findings]") {
    const testing::TempFolder folder;
    config::Settings settings = settingsIn(folder);
    const Micros now = base::SystemClock().now();
    CHECK(ofFiles(settings, now).empty());
    const std::string secret = folder.write("word", "secret");
    std::filesystem::permissions(secret, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    config::PluginSettings plugin;
    plugin.settings.content = config::Value::Table{{"secret", {std::string("file:word"), {}}}};
    settings.sources.push_back(plugin);
    CHECK(theOne(ofFiles(settings, now)).about == "secrets");
    CHECK_THAT(theOne(ofFiles(settings, now)).todo, Contains("chmod o="));
}

TEST_CASE("a clock that was set back is found", "[findings]") {
    const testing::TempFolder folder;
    const config::Settings settings = settingsIn(folder);
    std::filesystem::permissions(folder.write("data/hearback.db", ""),
                                 std::filesystem::perms::owner_read);
    CHECK(theOne(ofFiles(settings, base::SystemClock().now() - kDay)).about == "clock");
}

TEST_CASE("a certificate is found three weeks before it ends", "[findings]") {
    const testing::TempFolder folder;
    config::Settings settings = settingsIn(folder);
    settings.http.tls_certificate = folder / "cert.pem";
    settings.http.tls_key = folder / "key.pem";
    REQUIRE(testing::Process({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                              "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj",
                              "/CN=localhost", "-keyout", settings.http.tls_key.string(), "-out",
                              settings.http.tls_certificate.string()})
                .wait(std::chrono::seconds(20))
                .code == 0);
    const Micros now = base::SystemClock().now();
    CHECK(ofFiles(settings, now).empty());
    CHECK(theOne(ofFiles(settings, now + 75 * kDay)).severity == Severity::Warning);
    CHECK(theOne(ofFiles(settings, now + 91 * kDay)).severity == Severity::Error);
    std::ofstream(settings.http.tls_certificate) << "nothing";
    CHECK_THAT(theOne(ofFiles(settings, now)).text, Contains("cannot be used"));
}
