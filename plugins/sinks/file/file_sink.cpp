// The sink `file-out`: messages as lines of an NDJSON or CSV file. A delivery that comes again
// after a crash is known by its key and not written twice.
#include "rotating_file.h"

#include <hearback/sdk/delivery_json.hpp>
#include <hearback/sdk/plugin.hpp>

#include <array>
#include <set>

namespace {

using hearback::DeliveryView;
using hearback::Status;

// How far back a delivery can come again: a batch that was under way, and no more.
constexpr std::size_t kTail = 4 << 20;
constexpr std::size_t kKeysMax = 20000;

constexpr std::array<const char*, 14> kColumns = {
    "id",      "source", "channel",   "occurred_at", "author", "language", "text",
    "subject", "rating", "sentiment", "topic",       "team",   "priority", "key"};

// RFC 4180. A cell that a spreadsheet would run as a formula begins with a quote:
// https://owasp.org/www-community/attacks/CSV_Injection
std::string csvCell(std::string_view text) {
    std::string cell = "\"";
    if (!text.empty() &&
        std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos)
        cell += '\'';
    for (const char c : text) {
        if (c == '"') cell += '"';
        cell += c;
    }
    return cell + "\"";
}

std::string_view labelOf(const DeliveryView& delivery, std::string_view task) {
    for (const auto& annotation : delivery.annotations)
        if (annotation.task == task) return annotation.label;
    return {};
}

class FileSink final : public hearback::Sink {
  public:
    struct Settings {
        std::string path;
        std::string format;
        std::int64_t rotate_mib = 0;
        std::int64_t keep = 0;
    };
    static constexpr auto kAbout =
        hearback::about("file-out", "1.0.0", "Writes messages into an NDJSON or CSV file")
            .needs("files");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("path", &Settings::path, "The file").required().path().between(1, 4096),
        hearback::setting(
            "format", &Settings::format,
            "How it is written; auto: CSV where the path ends in .csv, NDJSON otherwise")
            .oneOf("auto", "ndjson", "csv")
            .defaultsTo("auto"),
        hearback::setting("rotate_mib", &Settings::rotate_mib,
                          "Set the file aside when it is larger; 0: never")
            .between(0, 100000)
            .defaultsTo(100),
        hearback::setting("keep", &Settings::keep, "How many files that were set aside are kept")
            .between(1, 1000)
            .defaultsTo(10));

    explicit FileSink(hearback::Host&) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        const std::string& path = settings.path;
        const bool named_csv = path.size() > 4 && path.substr(path.size() - 4) == ".csv";
        is_csv_ = settings.format == "csv" || (settings.format == "auto" && named_csv);
        return Status::ok();
    }

    Status check(std::string& report) override {
        const std::string problem =
            hearback::file_sink::RotatingFile::whyNotWritable(settings_.path);
        if (!problem.empty()) return Status::config("/path", problem);
        report = settings_.path + " can be written";
        return Status::ok();
    }

    Status start() override {
        const std::string problem =
            file_.open(settings_.path, settings_.rotate_mib << 20U, settings_.keep);
        if (!problem.empty()) return Status::config("/path", problem);
        keys_.clear();
        rememberKeys(file_.previousTail(kTail));
        rememberKeys(file_.tail(kTail));
        return Status::ok();
    }

    void stop() override { file_.close(); }

    Status write(const std::vector<DeliveryView>& deliveries, hearback::ResultsOut&) override {
        file_.rotateIfLarge();
        std::string lines;
        if (file_.size() == 0 && is_csv_) lines = csvHead();
        std::vector<std::string> fresh;
        for (const DeliveryView& delivery : deliveries) {
            const std::string key(delivery.idempotency_key);
            if (keys_.count(key) > 0) continue;
            lines += is_csv_ ? csvLine(delivery) : jsonLine(delivery);
            fresh.push_back(key);
        }
        if (fresh.empty()) return Status::ok();
        const std::string problem = file_.append(lines);
        if (!problem.empty()) return Status::unavailable(problem);
        if (keys_.size() > kKeysMax) keys_.clear();
        keys_.insert(fresh.begin(), fresh.end());
        unflushed_.insert(unflushed_.end(), fresh.begin(), fresh.end());
        return Status::ok();
    }

    Status flush(std::chrono::milliseconds) override {
        const std::string problem = file_.flush();
        // Taken back: when they come again they are not known.
        if (!problem.empty())
            for (const std::string& key : unflushed_) keys_.erase(key);
        unflushed_.clear();
        return problem.empty() ? Status::ok() : Status::unavailable(problem);
    }

  private:
    static std::string jsonLine(const DeliveryView& delivery) {
        return hearback::toJson(delivery).dump(-1, ' ', false,
                                               nlohmann::json::error_handler_t::replace) +
               "\n";
    }

    static std::string csvHead() {
        std::string line;
        for (const char* column : kColumns) line += (line.empty() ? "" : ",") + std::string(column);
        return line + "\r\n";
    }

    static std::string csvLine(const DeliveryView& delivery) {
        const auto& m = delivery.message;
        const std::string rating = m.rating.given ? nlohmann::json(m.rating.value).dump() : "";
        const std::string_view author =
            m.author.display_name.empty() ? m.author.handle : m.author.display_name;
        const std::array<std::string, kColumns.size()> cells = {
            std::to_string(delivery.message_id),
            csvCell(m.source),
            csvCell(m.channel),
            hearback::formatRfc3339(m.occurred_at_us),
            csvCell(author),
            csvCell(m.language),
            csvCell(m.text),
            csvCell(m.subject),
            rating,
            csvCell(labelOf(delivery, "sentiment")),
            csvCell(labelOf(delivery, "topic")),
            csvCell(delivery.route.team),
            hearback::detail::priorityName(delivery.route.priority),
            std::string(delivery.idempotency_key)};
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + cells[i];
        return line + "\r\n";
    }

    // The keys of whole lines. A text cannot forge one: in JSON its quotes are escaped; in CSV the
    // key is the last cell of a row, and who wants to begin a row within a cell would have to know
    // the installation's digits.
    void rememberKeys(const std::string& text) {
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            const std::string key = keyOf(rest.substr(0, end));
            if (!key.empty()) keys_.insert(key);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
    }
    std::string keyOf(std::string_view line) const {
        if (is_csv_) {
            while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            const auto comma = line.rfind(',');
            return comma == std::string_view::npos ? "" : std::string(line.substr(comma + 1));
        }
        const auto json = nlohmann::json::parse(line, nullptr, false);
        const auto delivery = json.is_object() ? json.value("delivery", nlohmann::json()) : json;
        return delivery.is_object() ? delivery.value("key", "") : "";
    }

    Settings settings_;
    bool is_csv_ = false;
    hearback::file_sink::RotatingFile file_;
    std::set<std::string> keys_; // of what was written last
    std::vector<std::string> unflushed_;
};

} // namespace

HEARBACK_PLUGIN(FileSink)
