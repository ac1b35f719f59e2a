#include "csv_reader.h"

#include <algorithm>
#include <array>

namespace hearback::file {

namespace {

constexpr std::size_t kRecordMax = LineSource::kLineMax;

// A row ends where a line does and nowhere else: libcsv by itself ends one at either character, and
// what it has begun behind the first would be lost. The other character is a blank, which cells
// that are not quoted begin and end without.
template <unsigned char kEnd>
int isEnd(unsigned char c) {
    return c == kEnd ? 1 : 0;
}
template <unsigned char kBlank>
int isBlank(unsigned char c) {
    return c == ' ' || c == '\t' || c == kBlank ? 1 : 0;
}

void begin(csv_parser& parser, char delimiter, char line_end) {
    const bool old_mac = line_end == '\r';
    csv_init(&parser, 0);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    csv_set_term_func(&parser, old_mac ? isEnd<'\r'> : isEnd<'\n'>);
    csv_set_space_func(&parser, old_mac ? isBlank<'\n'> : isBlank<'\r'>);
}

} // namespace

CsvReader::CsvReader(LineSource& lines, char delimiter) : lines_(lines), delimiter_(delimiter) {
    restart();
}

CsvReader::~CsvReader() { csv_free(&parser_); }

void CsvReader::restart() {
    csv_free(&parser_);
    begin(parser_, delimiter_, lines_.lineEnd());
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
        static_cast<Sink*>(into)->cells.emplace_back(static_cast<const char*>(data), size);
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

std::vector<std::vector<std::string>> CsvReader::split(const std::string& records, char delimiter) {
    std::vector<std::vector<std::string>> rows(1);
    const auto cell = [](void* data, std::size_t size, void* into) {
        static_cast<decltype(rows)*>(into)->back().emplace_back(static_cast<const char*>(data),
                                                                size);
    };
    const auto end = [](int, void* into) { static_cast<decltype(rows)*>(into)->emplace_back(); };
    csv_parser parser{};
    begin(parser, delimiter, '\n');
    csv_parse(&parser, records.data(), records.size(), cell, end, &rows);
    csv_fini(&parser, cell, end, &rows);
    csv_free(&parser);
    rows.pop_back();
    return rows;
}

char CsvReader::guessDelimiter(std::string_view header) {
    constexpr std::array<char, 4> kDelimiters = {',', ';', '\t', '|'};
    return *std::max_element(kDelimiters.begin(), kDelimiters.end(), [&](char a, char b) {
        return std::count(header.begin(), header.end(), a) <
               std::count(header.begin(), header.end(), b);
    });
}

} // namespace hearback::file
