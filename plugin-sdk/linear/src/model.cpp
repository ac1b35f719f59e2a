#include "hearback/linear/model.h"

#include "model_bytes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hearback::linear {

namespace {

constexpr std::size_t kLabelsMax = 512;
// Zero rows are not in the file: its size says nothing about the table's.
constexpr std::size_t kTableMax = std::size_t{256} << 20U;

std::vector<float> floats(const nlohmann::json& card, const char* key) {
    const auto found = card.find(key);
    if (found == card.end() || !found->is_array()) return {};
    std::vector<float> values;
    for (const auto& each : *found) {
        // A number beyond a float would make confidences that are none.
        if (!each.is_number() || std::abs(each.get<double>()) > std::numeric_limits<float>::max())
            return {};
        values.push_back(each.get<float>());
    }
    return values;
}

} // namespace

std::variant<Model, std::string> Model::read(std::string_view bytes) {
    const std::string_view whole = bytes;
    if (!bytes.starts_with(kModelMagic)) return "is no model file";
    bytes.remove_prefix(kModelMagic.size());
    const auto version = takeNumber<std::uint32_t>(bytes);
    const auto card_size = takeNumber<std::uint32_t>(bytes);
    if (!version || !card_size) return "is cut off";
    if (*version != kModelVersion)
        return "has version " + std::to_string(*version) + ", wanted is " +
               std::to_string(kModelVersion);
    if (*card_size > kCardMax || bytes.size() < *card_size + sizeof(std::uint64_t))
        return "is cut off";
    std::string_view sum = whole.substr(whole.size() - sizeof(std::uint64_t));
    if (takeNumber<std::uint64_t>(sum) !=
        checksum(whole.substr(0, whole.size() - sizeof(std::uint64_t))))
        return "is damaged: its checksum does not fit";
    Model model;
    model.card_ = nlohmann::json::parse(bytes.substr(0, *card_size), nullptr, false);
    if (const std::string problem = model.readCard(); !problem.empty()) return problem;
    bytes.remove_prefix(*card_size);
    bytes.remove_suffix(sizeof(std::uint64_t));
    if (const std::string problem = model.readRows(bytes); !problem.empty()) return problem;
    return model;
}

// Fills in what the card says; what is wrong with it, or nothing.
std::string Model::readCard() {
    if (!card_.is_object()) return "has a card that is no JSON object";
    if (card_.value("features", nlohmann::json()) != kFeatureVersion)
        return "has features of version " + card_.value("features", nlohmann::json()).dump() +
               ", wanted is " + std::to_string(kFeatureVersion) + ": train it again";
    const auto bits = card_.value("bits", nlohmann::json());
    const auto labels = card_.value("labels", nlohmann::json());
    const auto task = card_.value("task", nlohmann::json());
    const auto version = card_.value("version", nlohmann::json());
    if (!bits.is_number_integer() || bits < 10 || bits > 24) return "does not tell its width";
    if (!task.is_string() || !version.is_string()) return "does not tell its task and version";
    if (!labels.is_array() || labels.size() < 2 || labels.size() > kLabelsMax)
        return "does not have 2 to " + std::to_string(kLabelsMax) + " labels";
    for (const auto& label : labels) {
        if (!label.is_string()) return "has a label that is no text";
        labels_.push_back(label.get<std::string>());
    }
    bits_ = bits.get<int>();
    task_ = task.get<std::string>();
    version_ = version.get<std::string>();
    scale_ = floats(card_, "scale");
    bias_ = floats(card_, "bias");
    if (scale_.size() != outputs() || bias_.size() != outputs())
        return "does not have a scale and a bias for each output";
    if ((1 + outputs()) << bits_ > kTableMax)
        return "is wider than " + std::to_string(kTableMax >> 20U) +
               " MiB: train it with fewer bits or labels";
    return {};
}

std::string Model::readRows(std::string_view rows) {
    const std::size_t width = 1 + outputs();
    const std::size_t count = std::size_t{1} << bits_;
    table_.assign(count * width, 0);
    std::size_t row = 0;
    bool first = true;
    while (!rows.empty()) {
        const auto step = takeVarint(rows);
        if (!step || (*step == 0 && !first)) return "has rows out of order";
        row += *step;
        first = false;
        if (row >= count || rows.size() < width) return "has a row outside of its table";
        std::copy_n(rows.begin(), width, table_.begin() + static_cast<std::ptrdiff_t>(row * width));
        rows.remove_prefix(width);
    }
    return {};
}

std::string Model::write() const {
    std::string out(kModelMagic);
    const std::string card = card_.dump();
    putNumber(out, kModelVersion);
    putNumber(out, static_cast<std::uint32_t>(card.size()));
    out += card;
    const std::size_t width = 1 + outputs();
    std::size_t last = 0;
    for (std::size_t row = 0; row * width < table_.size(); ++row) {
        const auto begin = table_.begin() + static_cast<std::ptrdiff_t>(row * width);
        const auto end = begin + static_cast<std::ptrdiff_t>(width);
        if (std::all_of(begin, end, [](std::int8_t value) { return value == 0; })) continue;
        putVarint(out, static_cast<std::uint32_t>(row - last));
        last = row;
        out.append(begin, end);
    }
    putNumber(out, checksum(out));
    return out;
}

Prediction Model::predict(FeatureExtractor& extractor, std::string_view text) const {
    const std::size_t count = outputs();
    const std::size_t width = 1 + count;
    std::vector<std::int64_t> sums(count, 0);
    std::int64_t length = 0;
    for (const std::uint32_t row : extractor.extract(text)) {
        const std::int8_t* at = table_.data() + row * width;
        const int importance = static_cast<std::uint8_t>(*at);
        length += std::int64_t{importance} * importance;
        for (std::size_t i = 0; i < count; ++i) sums[i] += importance * at[1 + i];
    }
    const double norm = length > 0 ? std::sqrt(static_cast<double>(length)) : 1;
    Prediction prediction;
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double score = static_cast<double>(sums[i]) * scale_[i] / norm + bias_[i];
        const double share = 1 / (1 + std::exp(-score));
        prediction.each.push_back(static_cast<float>(share));
        total += share;
    }
    if (count == 1) {
        // One output says how likely the second label is.
        prediction.each = {1 - prediction.each[0], prediction.each[0]};
    } else {
        for (float& share : prediction.each)
            share = total > 0 ? static_cast<float>(share / total) : 0;
    }
    const auto best = std::max_element(prediction.each.begin(), prediction.each.end());
    prediction.label = static_cast<std::size_t>(best - prediction.each.begin());
    prediction.confidence = *best;
    return prediction;
}

} // namespace hearback::linear
