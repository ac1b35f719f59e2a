#include "hearback/linear/model.h"
#include "unit/linear/trained_model.h"

#include <cmath>
#include <functional>

using hearback::linear::FeatureExtractor;
using hearback::linear::Model;
using namespace hearback::testing;

namespace {

std::string refusalOf(const std::string& bytes) {
    const auto read = Model::read(bytes);
    const auto* why = std::get_if<std::string>(&read);
    return why == nullptr ? "it is taken" : *why;
}

std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return hash;
}

std::string littleEndian(std::uint64_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
    return out;
}

// A file of the format with any card and rows, and the checksum that fits.
std::string fileOf(const std::string& card, const std::string& rows, std::uint64_t version = 1) {
    const std::string bytes =
        "HBLINEAR" + littleEndian(version, 4) + littleEndian(card.size(), 4) + card + rows;
    return bytes + littleEndian(fnv1a(bytes), 8);
}

nlohmann::json goodCard() {
    return {{"features", 1},           {"bits", 10},     {"task", "t"},    {"version", "v/1"},
            {"labels", {"no", "yes"}}, {"scale", {0.5}}, {"bias", {-0.25}}};
}

std::string refusalOfCard(const std::function<void(nlohmann::json&)>& spoil) {
    nlohmann::json card = goodCard();
    spoil(card);
    return refusalOf(fileOf(card.dump(), ""));
}

// The bytes of a row: how far it is from the one before, its importance and its weights.
std::string row(std::initializer_list<int> bytes) {
    std::string out;
    for (const int byte : bytes) out += static_cast<char>(byte);
    return out;
}

} // namespace

TEST_CASE("a model that was written is read again and says the same", "[linear]") {
    const Model model = trainedModel(separableSamples());
    const std::string bytes = model.write();
    const auto read = Model::read(bytes);
    REQUIRE(std::holds_alternative<Model>(read));
    const Model& again = std::get<Model>(read);
    CHECK(again.task() == "sentiment");
    CHECK(again.version() == model.version());
    CHECK(again.labels() == std::vector<std::string>{"negative", "neutral", "positive"});
    CHECK(again.bits() == 12);
    CHECK(again.card()["data"]["name"] == "made up");
    CHECK(again.write() == bytes);
    FeatureExtractor extractor(12);
    for (const char* text : {"the lamp is great", "refund!", "", "something else"}) {
        const auto first = model.predict(extractor, text);
        const auto second = again.predict(extractor, text);
        CHECK(first.label == second.label);
        CHECK(first.each == second.each);
    }
}

TEST_CASE("a model file that was cut off anywhere is refused", "[linear]") {
    const std::string bytes = trainedModel(separableSamples()).write();
    for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 50)
        CHECK(refusalOf(bytes.substr(0, size)) != "it is taken");
    CHECK(refusalOf(bytes.substr(0, bytes.size() - 1)) == "is damaged: its checksum does not fit");
    CHECK(refusalOf(bytes + "x") == "is damaged: its checksum does not fit");
    CHECK(refusalOf("HBLINEAR\x01") == "is cut off");
    CHECK(refusalOf("") == "is no model file");
    CHECK(refusalOf("not a model at all, but long enough to be one") == "is no model file");
}

TEST_CASE("a model file with one flipped bit is refused", "[linear]") {
    const std::string bytes = trainedModel(separableSamples()).write();
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 500) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
        CHECK(refusalOf(flipped) != "it is taken");
    }
}

TEST_CASE("a model of another version is refused with both named", "[linear]") {
    CHECK(refusalOf(fileOf(goodCard().dump(), "")) == "it is taken");
    CHECK(refusalOf(fileOf(goodCard().dump(), "", 2)) == "has version 2, wanted is 1");
    CHECK(refusalOfCard([](auto& card) { card["features"] = 2; }) ==
          "has features of version 2, wanted is 1: train it again");
    CHECK(refusalOfCard([](auto& card) { card.erase("features"); }) ==
          "has features of version null, wanted is 1: train it again");
}

TEST_CASE("a card that makes no sense is refused", "[linear]") {
    CHECK(refusalOf(fileOf("[]", "")) == "has a card that is no JSON object");
    CHECK(refusalOf(fileOf("{", "")) == "has a card that is no JSON object");
    for (const nlohmann::json& bits : {nlohmann::json(9), nlohmann::json(25), nlohmann::json("12"),
                                       nlohmann::json(-1), nlohmann::json(12.5)})
        CHECK(refusalOfCard([&](auto& card) { card["bits"] = bits; }) == "does not tell its width");
    CHECK(refusalOfCard([](auto& card) { card["task"] = 3; }) ==
          "does not tell its task and version");
    CHECK(refusalOfCard([](auto& card) { card.erase("version"); }) ==
          "does not tell its task and version");
    for (const nlohmann::json& labels :
         {nlohmann::json("yes"), nlohmann::json({"yes"}), nlohmann::json::array()})
        CHECK(refusalOfCard([&](auto& card) { card["labels"] = labels; }) ==
              "does not have 2 to 512 labels");
    CHECK(refusalOfCard([](auto& card) {
              card["labels"] = {"yes", 3};
          }) == "has a label that is no text");
    for (const nlohmann::json& scale :
         {nlohmann::json::array(), nlohmann::json({1, 2}), nlohmann::json({"1"}), nlohmann::json(1),
          nlohmann::json({1e39}), nlohmann::json({-1e300})})
        CHECK(refusalOfCard([&](auto& card) { card["scale"] = scale; }) ==
              "does not have a scale and a bias for each output");
    CHECK(refusalOfCard([](auto& card) {
              card["bias"] = {0, 0};
          }) == "does not have a scale and a bias for each output");
}

TEST_CASE("a small file cannot ask for a huge table", "[linear]") {
    CHECK(refusalOfCard([](auto& card) {
              card["bits"] = 24;
              card["labels"] = nlohmann::json::array();
              card["scale"] = nlohmann::json::array();
              card["bias"] = nlohmann::json::array();
              for (int i = 0; i < 512; ++i) {
                  card["labels"].push_back(std::to_string(i));
                  card["scale"].push_back(1);
                  card["bias"].push_back(0);
              }
          }) == "is wider than 256 MiB: train it with fewer bits or labels");
}

TEST_CASE("rows that make no sense are refused", "[linear]") {
    const std::string card = goodCard().dump();
    CHECK(refusalOf(fileOf(card, row({0, 1, 1}) + row({1, 1, 1}))) == "it is taken");
    CHECK(refusalOf(fileOf(card, row({0, 1, 1}) + row({0, 1, 1}))) == "has rows out of order");
    CHECK(refusalOf(fileOf(card, row({0xFF, 0x07, 1, 1}))) == "it is taken"); // row 1023
    CHECK(refusalOf(fileOf(card, row({0x80, 0x08, 1, 1}))) == "has a row outside of its table");
    CHECK(refusalOf(fileOf(card, row({0, 1}))) == "has a row outside of its table");
    CHECK(refusalOf(fileOf(card, row({0x80}))) == "has rows out of order");
    CHECK(refusalOf(fileOf(card, row({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1}))) ==
          "has rows out of order");
}

TEST_CASE("a text without anything known is judged by the bias alone", "[linear]") {
    const auto read = Model::read(fileOf(goodCard().dump(), ""));
    REQUIRE(std::holds_alternative<Model>(read));
    FeatureExtractor extractor(10);
    const auto prediction = std::get<Model>(read).predict(extractor, "whatever");
    // One output says how likely the second label is: 1 / (1 + e^0.25).
    const double yes = 1 / (1 + std::exp(0.25));
    REQUIRE(prediction.each.size() == 2);
    CHECK(prediction.each[1] == Approx(yes));
    CHECK(prediction.each[0] == Approx(1 - yes));
    CHECK(prediction.label == 0);
    CHECK(prediction.confidence == Approx(1 - yes));
}

TEST_CASE("a prediction adds up importance and weight of every feature", "[linear]") {
    // Every row has importance 200 (as it stands in one byte) and weight -100.
    std::string rows = row({0, 200, -100});
    for (int i = 1; i < 1024; ++i) rows += row({1, 200, -100});
    const auto read = Model::read(fileOf(goodCard().dump(), rows));
    REQUIRE(std::holds_alternative<Model>(read));
    FeatureExtractor extractor(10);
    const std::string text = "two words";
    const auto features = static_cast<double>(extractor.extract(text).size());
    const auto prediction = std::get<Model>(read).predict(extractor, text);
    const double length = std::sqrt(features * 200 * 200);
    const double score = features * 200 * -100 * 0.5 / length - 0.25;
    CHECK(prediction.each[1] == Approx(1 / (1 + std::exp(-score))).margin(1e-9));
    CHECK(prediction.label == 0);
}
