#include "contract/plugin_bench.h"

#include "hearback/v1/annotation.pb.h"

using namespace hearback;
using hearback::testing::PluginBench;

namespace {

// The labels that a classifier gives to texts, one list for each.
std::vector<std::vector<std::string>> classify(PluginBench& bench, const std::string& plugin,
                                               const nlohmann::json& settings,
                                               const std::vector<std::string>& texts) {
    auto instance = bench.make(plugin, "classifier", settings);
    INFO(bench.problem());
    REQUIRE(instance);
    auto classifier = runtime::makeClassifier(instance);
    REQUIRE(classifier);
    v1::ClassifyRequest request;
    for (const std::string& text : texts) request.add_messages()->set_text(text);
    const pipeline::Answer answer = (*classifier)->classify(request.SerializeAsString());
    INFO(answer.text);
    REQUIRE(answer.isOk());
    v1::ClassifyResponse response;
    REQUIRE(response.ParseFromString(answer.bytes));
    std::vector<std::vector<std::string>> labels(texts.size());
    for (const auto& message : response.messages())
        for (const auto& annotation : message.annotations()) {
            CHECK_FALSE(annotation.model_version().empty());
            CHECK(annotation.confidence() >= 0);
            CHECK(annotation.confidence() <= 1);
            labels.at(message.index()).push_back(annotation.label());
        }
    return labels;
}

using Labels = std::vector<std::vector<std::string>>;

} // namespace

TEST_CASE("language tells common languages and admits what it cannot tell", "[plugins]") {
    PluginBench bench;
    const auto labels = classify(bench, "language", {},
                                 {"The parcel arrived broken and nobody answers the phone.",
                                  "Das Paket kam kaputt an und niemand geht ans Telefon.",
                                  "Le colis est arrivé cassé et personne ne répond au téléphone.",
                                  "荷物が壊れて届きました。電話に誰も出ません。", "ok", ""});
    CHECK(labels[0] == std::vector<std::string>{"en"});
    CHECK(labels[1] == std::vector<std::string>{"de"});
    CHECK(labels[2] == std::vector<std::string>{"fr"});
    CHECK(labels[3] == std::vector<std::string>{"ja"});
    CHECK(labels[4] == std::vector<std::string>{"und"});
    CHECK(labels[5] == std::vector<std::string>{"und"});
}

TEST_CASE("language keeps to the languages that are wanted", "[plugins]") {
    PluginBench bench;
    const auto labels = classify(bench, "language", {{"languages", {"de"}}},
                                 {"The parcel arrived broken and nobody answers the phone.",
                                  "Das Paket kam kaputt an und niemand geht ans Telefon."});
    CHECK(labels == Labels{{"und"}, {"de"}});
}

TEST_CASE("keywords finds whole words in any case and script and each label once", "[plugins]") {
    PluginBench bench;
    const nlohmann::json settings = {{"sets",
                                      {{{"label", "refund"},
                                        {"words", {"refund", "money back"}},
                                        {"patterns", {"charge-?back"}}},
                                       {{"label", "größe"}, {"words", {"Größe"}}}}}};
    const auto labels = classify(bench, "keywords", settings,
                                 {"I want a REFUND and my money back", "refunding is not the word",
                                  "a chargeback", "die GRÖSSE nicht, die größe schon", "nothing"});
    CHECK(labels[0] == std::vector<std::string>{"refund"});
    CHECK(labels[1].empty());
    CHECK(labels[2] == std::vector<std::string>{"refund"});
    CHECK(labels[3] == std::vector<std::string>{"größe"});
    CHECK(labels[4].empty());
}

TEST_CASE("keywords refuses what it cannot look for and says where it stands", "[plugins]") {
    PluginBench bench;
    const nlohmann::json broken = {{"sets", {{{"label", "x"}, {"patterns", {"(unclosed"}}}}}};
    CHECK(bench.make("keywords", "classifier", broken) == nullptr);
    CHECK(bench.problem().find("/sets/0/patterns is no regular expression") != std::string::npos);
    CHECK(bench.make("keywords", "classifier", {{"sets", {{{"words", {"a"}}}}}}) == nullptr);
    CHECK(bench.make("keywords", "classifier", {{"sets", nlohmann::json::array()}}) == nullptr);
}

TEST_CASE("keywords stays quick on a hostile text", "[plugins]") {
    PluginBench bench;
    const nlohmann::json settings = {{"sets", {{{"label", "x"}, {"patterns", {"(a+)+$"}}}}}};
    const auto labels = classify(bench, "keywords", settings, {std::string(60000, 'a') + "!"});
    CHECK(labels[0].empty());
}
