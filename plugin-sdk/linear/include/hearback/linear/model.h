// A linear model over hashed features: for each row an importance and one small weight per output.
//
// File: "HBLINEAR", version (uint32), size of the JSON (uint32), JSON, rows, checksum (uint64), all
// little endian. The JSON is the model's card: task, version, labels, width, what it was trained on
// and under which licence. A row is its distance from the one before (varint),
// its importance (uint8) and the weights (int8); rows without any weight are not in the file.
#pragma once

#include "hearback/linear/features.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearback::linear {

struct Prediction {
    std::size_t label = 0;   // index of the most likely one
    double confidence = 0;   // 0 to 1
    std::vector<float> each; // the confidence of every label; they sum to 1
};

class Model {
  public:
    // A model from its file's bytes, or what is wrong with them.
    static std::variant<Model, std::string> read(std::string_view bytes);
    std::string write() const;

    const std::string& task() const { return task_; }
    // Changes whenever the answers may: "sentiment-open/1-5f3a9c01".
    const std::string& version() const { return version_; }
    const std::vector<std::string>& labels() const { return labels_; }
    const nlohmann::json& card() const { return card_; }

    // `extractor` has this model's width; one for each thread.
    Prediction predict(FeatureExtractor& extractor, std::string_view text) const;
    int bits() const { return bits_; }

  private:
    friend class ModelBuilder;

    std::size_t outputs() const { return labels_.size() == 2 ? 1 : labels_.size(); }
    std::string readCard();
    std::string readRows(std::string_view rows);

    std::string task_;
    std::string version_;
    std::vector<std::string> labels_;
    nlohmann::json card_;
    int bits_ = kDefaultBits;
    std::vector<float> scale_; // of each output: what a weight of 1 stands for
    std::vector<float> bias_;
    // Importance and weights of row r begin at r * (1 + outputs()).
    std::vector<std::int8_t> table_;
};

} // namespace hearback::linear
