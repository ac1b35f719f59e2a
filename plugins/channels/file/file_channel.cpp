// The channel `file`: feedback from a CSV or NDJSON file. Goes on where it was after an
// interruption; with `follow`, it also takes what is appended later.
#include "bookmark.h"
#include "csv_reader.h"
#include "text_encoding.h"

#include <hearback/mapping/field_mapping.h>
#include <hearback/mapping/json_record.h>
#include <hearback/sdk/plugin.hpp>

#include <memory>
#include <optional>

namespace {

using hearback::Status;
using hearback::mapping::FieldMapping;
using hearback::mapping::MappingSettings;
using namespace hearback::file;

constexpr std::size_t kHead = 64 << 10;
constexpr std::size_t kWindow = 4096; // of the file's bytes that a checkpoint remembers
constexpr std::size_t kNotes = 512;   // bytes of a batch beside its rows: checkpoint, progress

// FNV-1a, 64 bits.
std::uint64_t hashOf(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return hash;
}

class FileChannel final : public hearback::Channel {
  public:
    struct Settings {
        std::string path;
        std::string format;
        std::string encoding;
        std::string channel;
        std::map<std::string, std::string> columns;
        double rating_min = 1;
        double rating_max = 5;
        bool follow = false;
    };
    static constexpr auto kAbout =
        hearback::about("file", "1.0.0", "Feedback from a CSV or NDJSON file")
            .needs("files")
            .maxInflight(4);
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("path", &Settings::path, "The file").required().path().between(1, 4096),
        hearback::setting("format", &Settings::format, "How it is written")
            .oneOf("auto", "csv", "ndjson")
            .defaultsTo("auto"),
        hearback::setting("encoding", &Settings::encoding, "Its letters")
            .oneOf("auto", "utf-8", "latin-1")
            .defaultsTo("auto"),
        hearback::setting("channel", &Settings::channel, "Channel of rows that name none")
            .defaultsTo(""),
        hearback::setting("columns", &Settings::columns,
                          "Which column is which field: { text = \"comment\" }; those with usual "
                          "names are found by themselves")
            .defaultsToJson("{}"),
        hearback::setting("rating_min", &Settings::rating_min, "Worst rating of the scale")
            .defaultsTo(1),
        hearback::setting("rating_max", &Settings::rating_max, "Best rating of the scale")
            .defaultsTo(5),
        hearback::setting("follow", &Settings::follow,
                          "Go on waiting for rows that are appended to the file")
            .defaultsTo(false));

    explicit FileChannel(hearback::Host& host) : host_(host) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        MappingSettings mapping{settings.columns, settings.channel, settings.rating_min,
                                settings.rating_max};
        if (const auto problem = FieldMapping::check(mapping))
            return Status::config("/columns", *problem);
        if (settings.rating_min >= settings.rating_max)
            return Status::config("/rating_max", "must be more than rating_min");
        mapping_ = FieldMapping(std::move(mapping));
        return Status::ok();
    }

    Status check(std::string& report) override {
        LineSource lines;
        const std::string problem = lines.open(settings_.path);
        if (!problem.empty()) return Status::config("/path", problem);
        report = settings_.path + " has " + std::to_string(lines.size()) + " bytes";
        return Status::ok();
    }

    Status start(std::optional<std::string_view> checkpoint) override {
        const std::string problem = lines_.open(settings_.path);
        if (!problem.empty()) return Status::config("/path", problem);
        Status opened = readHead();
        if (!opened.isOk()) return opened;
        position_ = Bookmark{};
        position_.offset = data_begin_;
        position_.line = data_line_;
        if (checkpoint) {
            const auto saved = Bookmark::read(*checkpoint);
            if (saved && isSameFile(*saved))
                position_ = *saved;
            else
                host_.info("the file is another one than before: it is read from its beginning; "
                           "what is known already is not stored twice");
        }
        csv_->seek(position_.offset, position_.line);
        return Status::ok();
    }

    void stop() override {
        csv_.reset();
        lines_.close();
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override {
        bool ended = false;
        while (!ended && batch.size() + batch.rejects() < limits.max_items &&
               !host_.isCancelled()) {
            const Bookmark before = position_;
            hearback::BatchOut row;
            ended = !(is_csv_ ? addRow(row) : addLine(row));
            const bool is_first = batch.size() + batch.rejects() == 0;
            if (!is_first &&
                batch.bytes().size() + row.bytes().size() + kNotes > limits.max_bytes) {
                position_ = before; // it begins the next batch
                csv_->seek(position_.offset, position_.line);
                ended = false;
                break;
            }
            batch.append(row);
        }
        if (batch.size() + batch.rejects() > 0) {
            batch.checkpoint(bookmark());
            batch.progress(position_.offset, std::max(position_.offset, lines_.size()));
            batch.hasMore(!ended);
        }
        if (!ended) return Status::ok();
        if (!settings_.follow) return Status::end();
        if (!batch.isWorthSending()) return Status::again();
        batch.pollAgainIn(1000);
        return Status::ok();
    }

    Status decode(std::string_view payload, hearback::BatchOut& batch) override {
        std::optional<std::string> problem;
        if (payload.substr(0, 1) == "{") {
            problem = addJson(payload, rowId(0, payload), batch);
        } else {
            // The header and the row, in UTF-8 as they were kept.
            const char delimiter = CsvReader::guessDelimiter(payload.substr(0, payload.find('\n')));
            const auto rows = CsvReader::split(std::string(payload), delimiter);
            if (rows.size() != 2) return Status::itemInvalid("it is no row");
            problem = addCells(rows[0], rows[1], rowId(0, payload), batch);
        }
        return problem ? Status::itemInvalid(*problem) : Status::ok();
    }

  private:
    // What the file is: its letters, its form, its header.
    Status readHead() {
        const std::string head = lines_.read(0, kHead);
        if (isUtf16(head)) return Status::config("/path", "is written in UTF-16: save it as UTF-8");
        encoding_ = settings_.encoding == "auto"      ? guessEncoding(head)
                    : settings_.encoding == "latin-1" ? Encoding::Latin1
                                                      : Encoding::Utf8;
        const bool old_mac =
            head.find('\n') == std::string::npos && head.find('\r') != std::string::npos;
        lines_.setLineEnd(old_mac ? '\r' : '\n');
        data_begin_ = static_cast<std::int64_t>(byteOrderMark(head));
        data_line_ = 1;
        const auto first = head.find_first_not_of(" \t\r\n", static_cast<std::size_t>(data_begin_));
        is_csv_ = settings_.format == "csv" || (settings_.format == "auto" &&
                                                (first == std::string::npos || head[first] != '{'));
        lines_.seek(data_begin_);
        const std::string header_line =
            head.substr(static_cast<std::size_t>(data_begin_),
                        head.find('\n') - static_cast<std::size_t>(data_begin_));
        delimiter_ = CsvReader::guessDelimiter(header_line);
        csv_ = std::make_unique<CsvReader>(lines_, delimiter_);
        if (!is_csv_) return Status::ok();
        const Row header = csv_->next(false);
        if (header.kind == Row::Kind::End) return Status::ok(); // an empty file has no rows
        if (header.kind == Row::Kind::Broken)
            return Status::config("/path", "has no header that can be read: " + header.problem);
        columns_ = header.cells;
        for (std::string& column : columns_) column = toUtf8(column);
        header_ = header.raw;
        if (header_.empty() || header_.back() != '\n') header_ += '\n';
        data_begin_ = header.end;
        data_line_ = header.next_line;
        return Status::ok();
    }

    bool isSameFile(const Bookmark& saved) const {
        if (saved.offset < data_begin_ || saved.offset > lines_.size()) return false;
        Bookmark now = saved;
        remember(now);
        return now.head == saved.head && now.tail == saved.tail;
    }

    void remember(Bookmark& mark) const {
        const auto size = static_cast<std::size_t>(
            std::min<std::int64_t>(mark.offset, static_cast<std::int64_t>(kWindow)));
        mark.head = hashOf(lines_.read(0, size));
        mark.tail = hashOf(lines_.read(mark.offset - static_cast<std::int64_t>(size), size));
    }

    std::string bookmark() {
        remember(position_);
        return position_.write();
    }

    std::string toUtf8(std::string_view text) const {
        return encoding_ == Encoding::Latin1 ? fromLatin1(text) : std::string(text);
    }

    static std::string rowId(std::int64_t line, std::string_view raw) {
        return "row-" + std::to_string(line) + "-" + std::to_string(hashOf(raw));
    }

    // One row of a CSV file; false at its end.
    bool addRow(hearback::BatchOut& batch) {
        Row row = csv_->next(settings_.follow);
        if (row.kind == Row::Kind::End) return false;
        std::optional<std::string> problem;
        if (row.kind == Row::Kind::Broken) {
            problem = row.problem;
        } else {
            if (encoding_ == Encoding::Latin1)
                for (std::string& cell : row.cells) cell = fromLatin1(cell);
            problem = addCells(columns_, row.cells, rowId(row.line, row.raw), batch);
        }
        if (problem)
            batch.reject(*problem, toUtf8(header_ + row.raw), "line " + std::to_string(row.line));
        position_.offset = row.end;
        position_.line = row.next_line;
        return true;
    }

    std::optional<std::string> addCells(const std::vector<std::string>& columns,
                                        const std::vector<std::string>& cells,
                                        const std::string& fallback_id, hearback::BatchOut& batch) {
        if (cells.size() != columns.size())
            return "it has " + std::to_string(cells.size()) + " cells, the header has " +
                   std::to_string(columns.size());
        FieldMapping::Cells row;
        for (std::size_t i = 0; i < columns.size(); ++i) row.emplace_back(columns[i], cells[i]);
        return mapping_.add(row, fallback_id, batch);
    }

    // One line of an NDJSON file; false at its end.
    bool addLine(hearback::BatchOut& batch) {
        Line line;
        if (!lines_.next(line)) return false;
        if (!line.complete && settings_.follow && !line.too_long) {
            lines_.seek(line.begin);
            return false;
        }
        const std::int64_t number = position_.line;
        position_.offset = line.end;
        position_.line += line.complete ? 1 : 0;
        if (line.bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return true;
        const std::string text = toUtf8(line.bytes);
        const auto problem =
            line.too_long
                ? std::optional<std::string>("the line has more than " +
                                             std::to_string(LineSource::kLineMax) + " bytes")
                : addJson(text, rowId(number, line.bytes), batch);
        if (problem) batch.reject(*problem, text, "line " + std::to_string(number));
        return true;
    }

    std::optional<std::string> addJson(std::string_view text, const std::string& fallback_id,
                                       hearback::BatchOut& batch) {
        const auto json = nlohmann::json::parse(text, nullptr, false);
        if (json.is_discarded()) return "it is no JSON";
        if (!json.is_object()) return "it is no JSON object";
        const auto members = hearback::mapping::flatten(json);
        FieldMapping::Cells row;
        for (const auto& [name, value] : members) row.emplace_back(name, value);
        return mapping_.add(row, fallback_id, batch);
    }

    hearback::Host& host_;
    Settings settings_;
    FieldMapping mapping_{MappingSettings{}};
    LineSource lines_;
    std::unique_ptr<CsvReader> csv_;
    Encoding encoding_ = Encoding::Utf8;
    bool is_csv_ = true;
    char delimiter_ = ',';
    std::vector<std::string> columns_;
    std::string header_;
    std::int64_t data_begin_ = 0;
    std::int64_t data_line_ = 1;
    Bookmark position_;
};

} // namespace

HEARBACK_PLUGIN(FileChannel)
