#include "app/plugins.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/model_commands.h"
#include "cli/session.h"
#include "cli/tab_separated.h"
#include "cli/terminal.h"
#include "intake/normalise.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace hearback::cli {

namespace {

constexpr int kTextsPerCall = 256;
constexpr const char* kColumns = "id\tlabel\tconfidence\tmodel\n";

// Nothing but the classifier: that of the configuration with this name or plugin, or, where there
// is none, the plugin of this id with its defaults.
std::optional<config::Settings> settingsFor(const CommonOptions& common, const std::string& name) {
    config::Settings settings;
    std::error_code none;
    const bool is_named = !common.config.empty() || std::getenv("HEARBACK_CONFIG") != nullptr;
    if (is_named || std::filesystem::exists(configFile(common), none)) {
        auto loaded = loadSettings(common);
        if (!loaded) return std::nullopt;
        settings = std::move(*loaded);
    } else {
        settings.file = configFile(common);
        settings.data_dir = "data"; // of which nothing is read
    }
    settings.sources.clear();
    settings.sinks.clear();
    settings.rules.clear();
    for (const auto member : {&config::PluginSettings::name, &config::PluginSettings::plugin})
        for (const config::PluginSettings& each : settings.classifiers)
            if (each.*member == name) {
                settings.classifiers = {config::PluginSettings(each)};
                return settings;
            }
    config::PluginSettings classifier;
    classifier.name = name;
    classifier.plugin = name;
    classifier.path = "--plugin";
    settings.classifiers = {classifier};
    return settings;
}

// What was said, in the order of the texts.
class Predictions {
  public:
    explicit Predictions(pipeline::Classifier& classifier) : classifier_(classifier) {}

    // An error where the text cannot be a message or the classifier fails.
    base::Result<void> add(const std::string& id, std::string_view text, std::string_view language,
                           base::Micros now) {
        v1::FeedbackMessage message;
        message.set_external_id(id);
        message.set_text(base::repairUtf8(text));
        message.set_language(base::repairUtf8(language));
        // As it would arrive from a channel.
        const auto normal =
            intake::normalise(message.SerializeAsString(), {"classify", "file"}, now);
        if (const auto* why = std::get_if<std::string>(&normal))
            return base::Error{base::Code::Invalid, "text " + id + ": " + *why};
        *request_.add_messages() = std::get<v1::FeedbackMessage>(normal);
        ids_.push_back(id);
        if (request_.messages_size() < kTextsPerCall) return {};
        return ask();
    }

    base::Result<void> ask() {
        const auto answer = classifier_.classify(request_.SerializeAsString());
        v1::ClassifyResponse response;
        if (!answer.isOk())
            return base::Error{base::Code::Internal, classifier_.name() + ": " + answer.text};
        if (!response.ParseFromString(answer.bytes))
            return base::Error{base::Code::Internal,
                               classifier_.name() + " answered with bytes that cannot be read"};
        std::vector<Row> rows(ids_.size());
        for (const v1::MessageAnnotations& said : response.messages()) {
            if (said.index() >= rows.size()) continue;
            for (const v1::Annotation& annotation : said.annotations())
                rows[said.index()].add(annotation);
        }
        for (std::size_t i = 0; i < rows.size(); ++i) write(ids_[i], rows[i]);
        ids_.clear();
        request_.Clear();
        return {};
    }

    const std::string& text() const { return text_; }
    const std::map<std::string, std::int64_t>& labels() const { return labels_; }
    std::int64_t count() const { return count_; }

  private:
    struct Row {
        std::string labels; // those of a classifier that gives several, with commas
        double confidence = 0;
        std::string model;
        void add(const v1::Annotation& annotation) {
            labels += (labels.empty() ? "" : ",") + annotation.label();
            confidence = std::max(confidence, annotation.confidence());
            model = annotation.model_version();
        }
    };

    void write(const std::string& id, const Row& row) {
        std::array<char, 32> confidence{};
        std::snprintf(confidence.data(), confidence.size(), "%.4f", row.confidence);
        text_ += id + "\t" + row.labels + "\t" + confidence.data() + "\t" + row.model + "\n";
        ++labels_[row.labels];
        ++count_;
    }

    pipeline::Classifier& classifier_;
    v1::ClassifyRequest request_;
    std::vector<std::string> ids_;
    std::string text_ = kColumns;
    std::map<std::string, std::int64_t> labels_;
    std::int64_t count_ = 0;
};

base::Result<void> readAll(TabSeparated& rows, Predictions& predictions, base::Clock& clock) {
    ProgressLine line("classify");
    std::int64_t number = 0;
    while (rows.next()) {
        ++number;
        const auto text = rows.cell("text");
        if (!text)
            return base::Error{base::Code::Invalid,
                               rows.place() + ": has fewer columns than the first line"};
        const auto id = rows.cell("id");
        const auto added =
            predictions.add(id ? std::string(*id) : std::to_string(number), *text,
                            rows.cell("language").value_or(std::string_view()), clock.now());
        if (!added)
            return base::Error{added.error().code, rows.place() + ": " + added.error().message};
        if (number % 4096 == 0)
            line.show(static_cast<std::int64_t>(rows.bytesRead()),
                      static_cast<std::int64_t>(rows.content().size()), grouped(number) + " texts");
    }
    return predictions.ask();
}

void tell(const CommonOptions& common, const ClassifyOptions& options,
          const pipeline::Classifier& classifier, const Predictions& predictions, double seconds) {
    const double rate = static_cast<double>(predictions.count()) / std::max(seconds, 1e-6);
    if (common.json) {
        std::printf("%s\n", nlohmann::json{{"classifier", classifier.name()},
                                           {"task", classifier.task()},
                                           {"texts", predictions.count()},
                                           {"seconds", seconds},
                                           {"labels", predictions.labels()},
                                           {"out", options.out}}
                                .dump(2)
                                .c_str());
        return;
    }
    std::printf("%s: %s texts in %.1f s (%s/s), written to %s\n", classifier.name().c_str(),
                grouped(predictions.count()).c_str(), seconds,
                grouped(static_cast<std::int64_t>(rate)).c_str(), options.out.c_str());
    Table table({"label", "texts"});
    table.alignRight(1);
    for (const auto& [label, count] : predictions.labels())
        table.add({label.empty() ? "(none)" : label, grouped(count)});
    std::printf("%s", table.text().c_str());
}

} // namespace

int runClassify(const CommonOptions& common, const ClassifyOptions& options) {
    auto settings = settingsFor(common, options.plugin);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    auto rows = TabSeparated::read(options.in, {"text"});
    if (!rows) {
        complain(rows.error());
        return kUsage;
    }
    app::Environment environment;
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, nullptr, problems);
    if (!problems.empty() || plugins.classifiers().size() != 1) {
        for (const config::Problem& problem : problems) complain(problem.text);
        return kUsage;
    }
    pipeline::Classifier& classifier = *plugins.classifiers().front();
    Predictions predictions(classifier);
    const base::Micros begun = environment.clock.steady();
    const auto read = readAll(*rows, predictions, environment.clock);
    if (!read) {
        complain(read.error());
        return read.error().code == base::Code::Invalid ? kUsage : kFailed;
    }
    const double seconds = static_cast<double>(environment.clock.steady() - begun) / 1e6;
    if (options.out == "-") {
        std::fwrite(predictions.text().data(), 1, predictions.text().size(), stdout);
        return kDone;
    }
    if (const auto written = base::writeFile(options.out, predictions.text()); !written) {
        complain(written.error());
        return kFailed;
    }
    tell(common, options, classifier, predictions, seconds);
    return kDone;
}

} // namespace hearback::cli
