#include <hearback/sdk/plugin.hpp>

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

using namespace hearback;

namespace {

class Inbox final : public Channel {
  public:
    struct Settings {
        std::string path;
    };
    static constexpr auto kAbout = about("inbox", "1.2.3", "Mails of a \"folder\"")
                                       .needs("files", "http")
                                       .maxInflight(4)
                                       .maxConcurrency(2)
                                       .licence("MIT");
    static constexpr auto kSettings =
        settings(setting("path", &Settings::path, "The folder").required());
};

class Colour : public Classifier {
  public:
    static constexpr auto kAbout =
        about("colour", "0.1.0", "Tells colours").task("colour").labels("red", "green");
};

class Nowhere : public Sink {
  public:
    static constexpr auto kAbout = about("nowhere", "1.0.0", "Throws messages away");
};

template <class... P>
nlohmann::json manifestOf() {
    constexpr auto text = detail::manifest<P...>();
    return nlohmann::json::parse(text.begin(), text.end());
}

} // namespace

TEST_CASE("the manifest says what a library holds without running it", "[sdk]") {
    const auto manifest = manifestOf<Inbox, Colour, Nowhere>();
    CHECK(manifest["manifest"] == 1);
    CHECK(manifest["abi"] == nlohmann::json({HB_ABI_MAJOR, HB_ABI_MINOR}));
    CHECK(manifest["schema_level"] == HB_SCHEMA_LEVEL);
    REQUIRE(manifest["plugins"].size() == 3);
    const auto& inbox = manifest["plugins"][0];
    CHECK(inbox["id"] == "inbox");
    CHECK(inbox["version"] == "1.2.3");
    CHECK(inbox["kind"] == "channel");
    CHECK(inbox["summary"] == "Mails of a \"folder\"");
    CHECK(inbox["licence"] == "MIT");
    CHECK(inbox["extensions"] == nlohmann::json({"hearback.source/1"}));
    CHECK(inbox["needs"] == nlohmann::json({"files", "http"}));
    CHECK(inbox["max_inflight"] == 4);
    CHECK(inbox["max_concurrency"] == 2);
    CHECK(inbox["settings"]["required"] == nlohmann::json({"path"}));
    CHECK(inbox["settings"]["properties"]["path"]["type"] == "string");
    CHECK_FALSE(inbox.contains("task"));
    CHECK_FALSE(inbox.contains("labels"));
}

TEST_CASE("a classifier's manifest has its task and its labels", "[sdk]") {
    const auto manifest = manifestOf<Colour>();
    const auto& colour = manifest["plugins"][0];
    CHECK(colour["kind"] == "classifier");
    CHECK(colour["extensions"] == nlohmann::json({"hearback.classifier/1"}));
    CHECK(colour["task"] == "colour");
    CHECK(colour["labels"] == nlohmann::json({"red", "green"}));
    CHECK(colour["max_inflight"] == 1);
    CHECK(colour["max_concurrency"] == 1);
    CHECK(colour["licence"] == "Apache-2.0");
}

TEST_CASE("a plugin without settings takes an empty object only", "[sdk]") {
    const auto manifest = manifestOf<Nowhere>();
    const auto& nowhere = manifest["plugins"][0];
    CHECK(nowhere["kind"] == "sink");
    CHECK(nowhere["extensions"] == nlohmann::json({"hearback.sink/1"}));
    CHECK(nowhere["needs"] == nlohmann::json::array());
    CHECK(nowhere["settings"]["properties"] == nlohmann::json::object());
    CHECK(nowhere["settings"]["additionalProperties"] == false);
}

TEST_CASE("a plugin's own descriptor is its entry of the manifest", "[sdk]") {
    constexpr auto text = detail::descriptor<Inbox>();
    CHECK(nlohmann::json::parse(text.begin(), text.end()) ==
          (manifestOf<Colour, Inbox>()["plugins"][1]));
}
