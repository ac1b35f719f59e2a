#include "hearback/linear/evaluate.h"
#include "unit/linear/trained_model.h"

using hearback::linear::evaluate;
using hearback::linear::Evaluation;
using hearback::linear::FeatureExtractor;
using hearback::linear::LabelFigures;
using hearback::linear::Model;
using hearback::linear::Sample;
using namespace hearback::testing;

TEST_CASE("precision and recall and F1 are those of the textbook", "[linear]") {
    LabelFigures figures;
    figures.samples = 10;
    figures.predicted = 8;
    figures.right = 6;
    CHECK(figures.precision() == Approx(0.75));
    CHECK(figures.recall() == Approx(0.6));
    CHECK(figures.f1() == Approx(2 * 0.75 * 0.6 / 1.35));
    CHECK(LabelFigures().precision() == 0);
    CHECK(LabelFigures().recall() == 0);
    CHECK(LabelFigures().f1() == 0);
}

TEST_CASE("means are over the labels that occur in the samples", "[linear]") {
    Evaluation evaluation;
    evaluation.labels["a"] = {4, 4, 4}; // F1 1
    evaluation.labels["b"] = {4, 2, 1}; // precision 0.5, recall 0.25, F1 1/3
    evaluation.labels["c"] = {0, 3, 0};
    CHECK(evaluation.macroF1() == Approx((1 + 1.0 / 3) / 2));
    CHECK(evaluation.macroRecall() == Approx((1 + 0.25) / 2));
    CHECK(Evaluation().macroF1() == 0);
    CHECK(Evaluation().accuracy() == 0);
}

TEST_CASE("figures are counted from what the model says", "[linear]") {
    const Model model = trainedModel(separableSamples());
    // What the model says of each is known from its training.
    const std::vector<Sample> samples = {
        {"negative", "the lamp is broken"}, {"negative", "the shop is awful"},
        {"positive", "the page is awful"}, // it says negative
        {"positive", "the app is great"},   {"neutral", "where is the parcel"},
        {"angry", "the price is great"}}; // it says positive
    const Evaluation evaluation = evaluate(model, samples);
    CHECK(evaluation.samples == 6);
    CHECK(evaluation.right == 4);
    CHECK(evaluation.accuracy() == Approx(4.0 / 6));
    CHECK(evaluation.labels.at("negative").samples == 2);
    CHECK(evaluation.labels.at("negative").predicted == 3);
    CHECK(evaluation.labels.at("negative").right == 2);
    CHECK(evaluation.labels.at("positive").samples == 2);
    CHECK(evaluation.labels.at("positive").predicted == 2);
    CHECK(evaluation.labels.at("positive").right == 1);
    CHECK(evaluation.labels.at("angry").samples == 1);
    CHECK(evaluation.labels.at("angry").predicted == 0);
    CHECK(evaluation.confusion.at("positive").at("negative") == 1);
    CHECK(evaluation.confusion.at("angry").at("positive") == 1);
    CHECK(evaluation.confusion.at("neutral").at("neutral") == 1);
    CHECK(evaluation.macroRecall() == Approx((1 + 0.5 + 1 + 0) / 4));
}

TEST_CASE("the calibration error is how far confidence and truth are apart", "[linear]") {
    const Model model = trainedModel(separableSamples());
    FeatureExtractor extractor(model.bits());
    const std::string text = "the lamp is great";
    const double confidence = model.predict(extractor, text).confidence;
    // Four of the same text in one bin, three of them right.
    const std::vector<Sample> samples = {
        {"positive", text}, {"positive", text}, {"positive", text}, {"negative", text}};
    CHECK(evaluate(model, samples).calibration_error == Approx(std::abs(confidence - 0.75)));
    CHECK(evaluate(model, {}).calibration_error == 0);
}
