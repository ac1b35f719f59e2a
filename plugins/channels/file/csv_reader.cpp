#include "csv_reader.h"

#include <algorithm>
#include <array>

namespace hearback::file {

namespace {

constexpr std::size_t kRecordMax = LineSource::kLineMax;

void takeCell(void* data, std::size_t size, void* into) {
    static_cast<std::vector<std::string>*>(into)->emplace_back(static_cast<const char*>(data),
                                                               size);
}

} // namespace

CsvReader::CsvReader(LineSource& lines, char delimiter) : lines_(lines), delimiter_(delimiter) {
    restart();
}

CsvReader::~CsvReader() { csv_free(&parser_); }

void CsvReader::restart() {
    csv_free(&parser_);
    csv_init(&parser_, 0);
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
    cells_.clear();
    raw_.clear();
    ended_ = false;
}

void CsvReader::seek(std::int64_t offset, std::int64_t line) {
    lines_.seek(offset);
    line_ = line;
    restart();
}

// The first line of the record is broken; what follows it may be whole rows.
Row CsvReader::giveUp(const std::string& problem) {
    Row row;
    row.kind = Row::Kind::Broken;
    row.problem = problem;
    row.raw = first_line_raw_;
    row.end = first_line_end_;
    row.line = first_line_;
    row.next_line = first_line_ + 1;
    seek(row.end, row.next_line);
    return row;
}

Row CsvReader::next(bool wait_for_end) {
    struct Sink {
        std::vector<std::string>& cells;
        bool& ended;
    } sink{cells_, ended_};
    const auto cell = [](void* data, std::size_t size, void* into) {
        takeCell(data, size, &static_cast<Sink*>(into)->cells);
    };
    const auto end = [](int, void* into) { static_cast<Sink*>(into)->ended = true; };
    Line line;
    while (lines_.next(line)) {
        if (!line.complete && wait_for_end && !line.too_long) {
            if (raw_.empty())
                seek(line.begin, line_);
            else
                seek(begin_, first_line_);
            return {};
        }
        if (raw_.empty()) {
            begin_ = line.begin;
            first_line_ = line_;
            first_line_end_ = line.end;
            first_line_raw_ = std::string(line.bytes);
        }
        ++line_;
        raw_.append(line.bytes);
        if (line.too_long || raw_.size() > kRecordMax)
            return giveUp(raw_.size() == line.bytes.size()
                              ? "the line has more than " + std::to_string(kRecordMax) + " bytes"
                              : "a quote is opened and not closed within " +
                                    std::to_string(kRecordMax) + " bytes");
        if (csv_parse(&parser_, line.bytes.data(), line.bytes.size(), cell, end, &sink) !=
            line.bytes.size())
            return giveUp(csv_strerror(csv_error(&parser_)));
        if (!line.complete) {
            // Only a strict parser tells that a quote is still open.
            csv_set_opts(&parser_, CSV_STRICT | CSV_STRICT_FINI);
            if (csv_fini(&parser_, cell, end, &sink) != 0)
                return giveUp("a quote is opened and not closed before the end of the file");
        }
        if (ended_) {
            Row row;
            row.kind = Row::Kind::Cells;
            row.cells = std::move(cells_);
            row.raw = raw_;
            row.end = line.end;
            row.line = first_line_;
            row.next_line = line_;
            restart();
            return row;
        }
        // An empty line is no row.
        if (cells_.empty() && line.bytes.find_first_not_of(" \t\r\n") == std::string_view::npos &&
            raw_.size() == line.bytes.size())
            restart();
    }
    if (raw_.empty()) return {};
    if (!wait_for_end) return giveUp("a quote is opened and not closed before the end of the file");
    // The rest of a quoted cell may follow, even where what is there ends with its line.
    seek(begin_, first_line_);
    return {};
}

std::vector<std::string> CsvReader::split(const std::string& record, char delimiter) {
    std::vector<std::string> cells;
    csv_parser parser{};
    csv_init(&parser, 0);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    csv_parse(&parser, record.data(), record.size(), takeCell, nullptr, &cells);
    csv_fini(&parser, takeCell, nullptr, &cells);
    csv_free(&parser);
    return cells;
}

char CsvReader::guessDelimiter(std::string_view header) {
    constexpr std::array<char, 4> kDelimiters = {',', ';', '\t', '|'};
    return *std::max_element(kDelimiters.begin(), kDelimiters.end(), [&](char a, char b) {
        return std::count(header.begin(), header.end(), a) <
               std::count(header.begin(), header.end(), b);
    });
}

} // namespace hearback::file
