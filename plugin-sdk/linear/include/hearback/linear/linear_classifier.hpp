// A classifier plugin around a linear model: derive, name it, and hand over the model that ships
// with it.
//
//   class Sentiment : public hearback::linear::LinearClassifier {
//     public:
//       static constexpr auto kAbout = hearback::about(...).task("sentiment");
//       explicit Sentiment(hearback::Host& host) : LinearClassifier(host, shippedModel()) {}
//   };
//   HEARBACK_PLUGIN(Sentiment)
#pragma once

#include "hearback/linear/model.h"

#include <hearback/sdk/plugin.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::linear {

class LinearClassifier : public Classifier {
  public:
    struct Settings {
        std::string model;
        double min_confidence = 0;
        std::string otherwise;
    };
    static constexpr auto kSettings = settings(
        setting("model", &Settings::model,
                "A model file made by hearback train; the shipped model where it is empty")
            .path()
            .defaultsTo(""),
        setting("min_confidence", &Settings::min_confidence, "Below it, the label is not given")
            .between(0, 1)
            .defaultsTo(0),
        setting("otherwise", &Settings::otherwise,
                "Label to give where none is sure enough; none where it is empty")
            .defaultsTo(""));

    Status configure(const Settings& wanted) {
        settings_ = wanted;
        std::string file;
        std::string_view bytes = shipped_;
        if (!wanted.model.empty()) {
            std::ifstream in(wanted.model, std::ios::binary);
            if (!in) return Status::config("/model", "cannot open " + wanted.model);
            file.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
            bytes = file;
        }
        auto read = Model::read(bytes);
        if (const auto* problem = std::get_if<std::string>(&read))
            return Status::config("/model",
                                  (wanted.model.empty() ? "the shipped model" : wanted.model) +
                                      " " + *problem);
        model_.emplace(std::move(std::get<Model>(read)));
        extractor_.emplace(model_->bits());
        return Status::ok();
    }

    std::string modelVersion() const override { return model_->version(); }

    std::vector<std::string> labels() const override {
        std::vector<std::string> all = model_->labels();
        if (!settings_.otherwise.empty()) all.push_back(settings_.otherwise);
        return all;
    }

    Status classify(const std::vector<MessageView>& messages, AnnotationsOut& out) override {
        std::string both;
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            std::string_view text = messages[i].text;
            if (!messages[i].subject.empty()) {
                both.assign(messages[i].subject).append("\n").append(text);
                text = both;
            }
            if (text.empty()) continue;
            const Prediction prediction = model_->predict(*extractor_, text);
            Label label;
            label.score = prediction.confidence;
            label.confidence = prediction.confidence;
            label.label = model_->labels()[prediction.label];
            if (prediction.confidence < settings_.min_confidence) {
                if (settings_.otherwise.empty()) continue;
                label.label = settings_.otherwise;
            }
            out.add(i, label);
        }
        return Status::ok();
    }

  protected:
    // `shipped`: the bytes of the model that comes with the plugin, there as long as it is.
    LinearClassifier(Host& /*host*/, std::string_view shipped) : shipped_(shipped) {}

  private:
    std::string_view shipped_;
    Settings settings_;
    std::optional<Model> model_;
    std::optional<FeatureExtractor> extractor_;
};

} // namespace hearback::linear
