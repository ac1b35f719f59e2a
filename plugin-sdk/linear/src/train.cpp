#include "hearback/linear/train.h"

#include "model_bytes.h"

#include <linear.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>

namespace hearback::linear {

namespace {

constexpr double kBias = 1; // the value of the constant feature

// One text as the solver takes it: rows with their values, ended by index -1.
using Vector = std::vector<feature_node>;

// Counts in how many texts each row occurs: rare rows are important. Stored as 1 to 255.
std::vector<std::uint8_t> importances(const std::vector<Sample>& samples, int bits) {
    std::vector<std::uint32_t> texts(std::size_t{1} << bits, 0);
    FeatureExtractor extractor(bits);
    for (const Sample& sample : samples) {
        std::vector<std::uint32_t> rows = extractor.extract(sample.text);
        std::sort(rows.begin(), rows.end());
        rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
        for (const std::uint32_t row : rows) ++texts[row];
    }
    const double total = static_cast<double>(samples.size());
    const double most = std::log(total + 1) + 1;
    std::vector<std::uint8_t> result(texts.size(), 0);
    for (std::size_t row = 0; row < texts.size(); ++row) {
        if (texts[row] == 0) continue;
        const double idf = std::log((total + 1) / (texts[row] + 1.0)) + 1;
        result[row] = static_cast<std::uint8_t>(std::max(1.0, std::round(idf / most * 255)));
    }
    return result;
}

// The same numbers that Model::predict() adds up.
Vector toVector(FeatureExtractor& extractor, const std::vector<std::uint8_t>& importance,
                const std::string& text, int bias_index) {
    std::map<std::uint32_t, double> values;
    double length = 0;
    for (const std::uint32_t row : extractor.extract(text)) {
        const double value = importance[row];
        length += value * value;
        values[row] += value;
    }
    const double norm = length > 0 ? std::sqrt(length) : 1;
    Vector vector;
    vector.reserve(values.size() + 2);
    for (const auto& [row, value] : values)
        vector.push_back({static_cast<int>(row) + 1, value / norm});
    vector.push_back({bias_index, kBias});
    vector.push_back({-1, 0});
    return vector;
}

void printNothing(const char*) {}

} // namespace

// Trains and puts a model together; a friend of Model.
class ModelBuilder {
  public:
    ModelBuilder(std::vector<Sample> samples, const TrainOptions& options, const Progress& progress)
        : samples_(std::move(samples)), options_(options), progress_(progress) {}

    std::variant<Model, std::string> run() {
        // The order of the input must not matter.
        std::sort(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) {
            return std::tie(a.label, a.text) < std::tie(b.label, b.text);
        });
        for (const Sample& sample : samples_)
            if (model_.labels_.empty() || model_.labels_.back() != sample.label)
                model_.labels_.push_back(sample.label);
        if (model_.labels_.size() < 2)
            return "needs samples of at least two labels, there are " +
                   std::to_string(model_.labels_.size());
        if (options_.bits < 10 || options_.bits > 24) return "needs a width of 10 to 24 bits";
        prepare();
        for (std::size_t i = 0; i < model_.outputs(); ++i) {
            solve(i);
            if (progress_)
                progress_(static_cast<double>(i + 1) / static_cast<double>(model_.outputs()));
        }
        quantise();
        describe();
        return std::move(model_);
    }

  private:
    void prepare() {
        model_.bits_ = options_.bits;
        importance_ = importances(samples_, options_.bits);
        FeatureExtractor extractor(options_.bits);
        const int bias_index = (1 << options_.bits) + 1;
        for (const Sample& sample : samples_)
            vectors_.push_back(toVector(extractor, importance_, sample.text, bias_index));
        for (Vector& vector : vectors_) pointers_.push_back(vector.data());
    }

    // Logistic regression of one label against the others, both sides of the same weight. The dual
    // method of Yu, Huang, Lin: "Dual coordinate descent methods for logistic regression and
    // maximum entropy models" (2011), as liblinear has it.
    void solve(std::size_t output) {
        // With two labels the one output stands for the second.
        const std::string& wanted = model_.labels_[model_.labels_.size() == 2 ? 1 : output];
        std::vector<double> sides;
        double positive = 0;
        for (const Sample& sample : samples_) {
            sides.push_back(sample.label == wanted ? 1 : -1);
            positive += sample.label == wanted ? 1 : 0;
        }
        const double total = static_cast<double>(samples_.size());
        std::array<int, 2> labels = {1, -1};
        std::array<double, 2> weights = {std::sqrt(total / (2 * positive)),
                                         std::sqrt(total / (2 * (total - positive)))};
        problem problem{};
        problem.l = static_cast<int>(samples_.size());
        problem.n = (1 << options_.bits) + 1;
        problem.y = sides.data();
        problem.x = pointers_.data();
        problem.bias = kBias;
        parameter parameter{};
        parameter.solver_type = L2R_LR_DUAL;
        parameter.eps = 0.01;
        parameter.C = options_.cost;
        parameter.nr_weight = 2;
        parameter.weight_label = labels.data();
        parameter.weight = weights.data();
        set_print_string_function(printNothing);
        std::srand(options_.seed); // liblinear draws from rand()
        ::model* solved = ::train(&problem, &parameter);
        const double sign = solved->label[0] == 1 ? 1 : -1;
        std::vector<double> column(solved->w, solved->w + problem.n);
        for (double& weight : column) weight *= sign;
        free_and_destroy_model(&solved);
        model_.bias_.push_back(static_cast<float>(column.back() * kBias));
        column.pop_back();
        columns_.push_back(std::move(column));
    }

    void quantise() {
        const std::size_t outputs = model_.outputs();
        const std::size_t width = 1 + outputs;
        model_.table_.assign(importance_.size() * width, 0);
        for (std::size_t i = 0; i < outputs; ++i) {
            double largest = 0;
            for (const double weight : columns_[i]) largest = std::max(largest, std::abs(weight));
            const double scale = largest > 0 ? largest / 127 : 1;
            model_.scale_.push_back(static_cast<float>(scale));
            for (std::size_t row = 0; row < importance_.size(); ++row)
                model_.table_[row * width + 1 + i] =
                    static_cast<std::int8_t>(std::lround(columns_[i][row] / scale));
        }
        // A row that no output weighs still lengthens the text, as it did in training.
        for (std::size_t row = 0; row < importance_.size(); ++row)
            model_.table_[row * width] = static_cast<std::int8_t>(importance_[row]);
    }

    void describe() {
        model_.task_ = options_.task;
        nlohmann::json& card = model_.card_;
        card = {{"features", kFeatureVersion}, {"bits", options_.bits},  {"task", options_.task},
                {"labels", model_.labels_},    {"scale", model_.scale_}, {"bias", model_.bias_},
                {"data", options_.data},       {"cost", options_.cost},  {"seed", options_.seed},
                {"samples", samples_.size()}};
        std::array<char, 17> digits{};
        const std::string content(reinterpret_cast<const char*>(model_.table_.data()),
                                  model_.table_.size());
        std::snprintf(digits.data(), digits.size(), "%016llx",
                      static_cast<unsigned long long>(checksum(content)));
        model_.version_ = options_.name + "/" + std::string(digits.data(), 8);
        card["version"] = model_.version_;
    }

    std::vector<Sample> samples_;
    const TrainOptions& options_;
    const Progress& progress_;
    Model model_;
    std::vector<std::uint8_t> importance_;
    std::vector<Vector> vectors_;
    std::vector<feature_node*> pointers_;
    std::vector<std::vector<double>> columns_;
};

std::variant<Model, std::string> train(std::vector<Sample> samples, const TrainOptions& options,
                                       const Progress& progress) {
    return ModelBuilder(std::move(samples), options, progress).run();
}

} // namespace hearback::linear
