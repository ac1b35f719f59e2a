#include "hearback/linear/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hearback::linear {

namespace {

template <class Figure>
double meanOverGiven(const std::map<std::string, LabelFigures>& labels, Figure figure) {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& [label, figures] : labels) {
        if (figures.samples == 0) continue;
        sum += figure(figures);
        ++count;
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

} // namespace

double Evaluation::macroF1() const {
    return meanOverGiven(labels, [](const LabelFigures& f) { return f.f1(); });
}

double Evaluation::macroRecall() const {
    return meanOverGiven(labels, [](const LabelFigures& f) { return f.recall(); });
}

Evaluation evaluate(const Model& model, const std::vector<Sample>& samples) {
    struct Bin {
        double confidence = 0;
        double right = 0;
        double samples = 0;
    };
    std::array<Bin, 10> bins{};
    Evaluation evaluation;
    FeatureExtractor extractor(model.bits());
    for (const Sample& sample : samples) {
        const Prediction prediction = model.predict(extractor, sample.text);
        const std::string& label = model.labels()[prediction.label];
        const bool right = label == sample.label;
        ++evaluation.samples;
        evaluation.right += right ? 1 : 0;
        ++evaluation.labels[sample.label].samples;
        ++evaluation.labels[label].predicted;
        if (right) ++evaluation.labels[label].right;
        ++evaluation.confusion[sample.label][label];
        Bin& bin =
            bins[std::min<std::size_t>(9, static_cast<std::size_t>(prediction.confidence * 10))];
        bin.confidence += prediction.confidence;
        bin.right += right ? 1 : 0;
        ++bin.samples;
    }
    for (const Bin& bin : bins)
        if (bin.samples > 0)
            evaluation.calibration_error +=
                std::abs(bin.confidence - bin.right) / static_cast<double>(evaluation.samples);
    return evaluation;
}

} // namespace hearback::linear
