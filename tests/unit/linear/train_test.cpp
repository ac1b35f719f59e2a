#include "hearback/linear/train.h"
#include "unit/linear/trained_model.h"

#include <algorithm>
#include <random>

using hearback::linear::FeatureExtractor;
using hearback::linear::Model;
using hearback::linear::Sample;
using namespace hearback::testing;

namespace {

std::string labelOf(const Model& model, const std::string& text) {
    FeatureExtractor extractor(model.bits());
    return model.labels()[model.predict(extractor, text).label];
}

} // namespace

TEST_CASE("what words tell apart is learned", "[linear]") {
    const Model model = trainedModel(separableSamples());
    for (const Sample& sample : separableSamples())
        CHECK(labelOf(model, sample.text) == sample.label);
    CHECK(labelOf(model, "my new chair is awful") == "negative");
    CHECK(labelOf(model, "my new chair is LOVELY") == "positive");
    CHECK(labelOf(model, "where is my new chair") == "neutral");
}

TEST_CASE("confidences of all labels sum to one", "[linear]") {
    const Model model = trainedModel(separableSamples());
    FeatureExtractor extractor(model.bits());
    for (const char* text : {"", "the lamp is great", "xyz"}) {
        const auto prediction = model.predict(extractor, text);
        REQUIRE(prediction.each.size() == 3);
        CHECK(prediction.each[0] + prediction.each[1] + prediction.each[2] == Approx(1));
        CHECK(prediction.confidence ==
              *std::max_element(prediction.each.begin(), prediction.each.end()));
    }
}

TEST_CASE("the same samples in any order give the same bytes", "[linear]") {
    std::vector<Sample> samples = separableSamples();
    const std::string bytes = trainedModel(samples).write();
    std::mt19937 random(5);
    for (int round = 0; round < 3; ++round) {
        std::shuffle(samples.begin(), samples.end(), random);
        CHECK(trainedModel(samples).write() == bytes);
    }
}

TEST_CASE("other samples or options give another version", "[linear]") {
    const Model model = trainedModel(separableSamples());
    std::vector<Sample> fewer = separableSamples();
    fewer.pop_back();
    CHECK(trainedModel(fewer).version() != model.version());
    auto options = smallOptions();
    options.cost = 0.1;
    CHECK(trainedModel(separableSamples(), options).version() != model.version());
    CHECK(model.version().find("sentiment-test/") == 0);
}

TEST_CASE("two labels share one output", "[linear]") {
    std::vector<Sample> samples;
    for (const Sample& each : separableSamples())
        if (each.label != "neutral") samples.push_back(each);
    const Model model = trainedModel(samples);
    CHECK(model.labels() == std::vector<std::string>{"negative", "positive"});
    for (const Sample& sample : samples) CHECK(labelOf(model, sample.text) == sample.label);
    CHECK(model.card()["bias"].size() == 1);
}

TEST_CASE("a rare label is not drowned by a common one", "[linear]") {
    std::vector<Sample> samples = {{"spam", "win a prize"}, {"spam", "win cash"}};
    for (int i = 0; i < 200; ++i)
        samples.push_back({"ham", "the parcel number " + std::to_string(i) + " came late"});
    const Model model = trainedModel(samples);
    CHECK(labelOf(model, "win a prize") == "spam");
    CHECK(labelOf(model, "the parcel came") == "ham");
}

TEST_CASE("there is no model of fewer than two labels", "[linear]") {
    for (const std::vector<Sample>& samples :
         {std::vector<Sample>{}, std::vector<Sample>{{"a", "x"}, {"a", "y"}}}) {
        const auto trained = hearback::linear::train(samples, smallOptions());
        REQUIRE(std::holds_alternative<std::string>(trained));
        CHECK(std::get<std::string>(trained).find("needs samples of at least two labels") == 0);
    }
}

TEST_CASE("a width that no model has is refused", "[linear]") {
    for (const int bits : {0, 9, 25, -1}) {
        auto options = smallOptions();
        options.bits = bits;
        CHECK(std::holds_alternative<std::string>(
            hearback::linear::train(separableSamples(), options)));
    }
}

TEST_CASE("texts without words do no harm", "[linear]") {
    std::vector<Sample> samples = separableSamples();
    samples.push_back({"neutral", ""});
    samples.push_back({"neutral", "\n"});
    const Model model = trainedModel(samples);
    CHECK(labelOf(model, "the lamp is awful") == "negative");
}

TEST_CASE("the progress grows up to all of it", "[linear]") {
    std::vector<double> told;
    (void)hearback::linear::train(separableSamples(), smallOptions(),
                                  [&](double share) { told.push_back(share); });
    CHECK(std::is_sorted(told.begin(), told.end()));
    REQUIRE_FALSE(told.empty());
    CHECK(told.back() == 1);
}
