// Rows of a CSV file. The first byte is the delimiter, the rest the file.
#include "csv_reader.h"
#include "fuzz/memory_file.h"
#include "text_encoding.h"

#include "base/utf8.h"

#include <algorithm>

using namespace hearback;
using namespace hearback::file;
using hearback::fuzz::require;

namespace {

// From the same row many times would take too long.
constexpr std::size_t kResumesMax = 12;

char lineEndOf(std::string_view content) {
    const bool old_mac = content.find('\n') == std::string_view::npos &&
                         content.find('\r') != std::string_view::npos;
    return old_mac ? '\r' : '\n';
}

class CsvFile {
  public:
    CsvFile(char delimiter, char line_end) : reader_(open(line_end), delimiter) {}

    static void write(std::string_view content) { content_.write(content); }
    void seek(std::int64_t offset, std::int64_t line) { reader_.seek(offset, line); }
    std::vector<Row> rest(bool wait_for_end) {
        std::vector<Row> rows;
        for (Row row = reader_.next(wait_for_end); row.kind != Row::Kind::End;
             row = reader_.next(wait_for_end))
            rows.push_back(std::move(row));
        return rows;
    }

  private:
    LineSource& open(char line_end) {
        require(lines_.open(content_.path()).empty(), "the file can be opened");
        lines_.setLineEnd(line_end);
        return lines_;
    }

    static inline const fuzz::MemoryFile content_;
    LineSource lines_;
    CsvReader reader_;
};

bool equal(const Row& a, const Row& b) {
    return a.kind == b.kind && a.cells == b.cells && a.raw == b.raw && a.problem == b.problem &&
           a.end == b.end && a.line == b.line && a.next_line == b.next_line;
}

void requireOrder(const std::vector<Row>& rows, std::size_t size) {
    std::int64_t end = 0;
    std::int64_t line = 1;
    for (const Row& row : rows) {
        require(row.end > end && row.end <= static_cast<std::int64_t>(size),
                "offsets grow and stay within the file");
        require(row.line >= line && row.next_line > row.line, "lines grow");
        require(!row.raw.empty(), "a row is made of bytes");
        end = row.end;
        line = row.next_line;
    }
}

void requireSameRest(CsvFile& file, const std::vector<Row>& rows) {
    const std::size_t step = 1 + rows.size() / kResumesMax;
    for (std::size_t i = 0; i < rows.size(); i += step) {
        file.seek(rows[i].end, rows[i].next_line);
        const auto rest = file.rest(false);
        require(std::equal(rest.begin(), rest.end(),
                           rows.begin() + static_cast<std::ptrdiff_t>(i + 1), rows.end(), equal),
                "reading on from the end of a row gives the same rest");
    }
}

// A file that is read while it grows gives the same rows as one that is whole.
void requireSameWhileGrowing(std::string_view content, char delimiter,
                             const std::vector<Row>& rows) {
    for (const std::size_t part :
         {content.size() / 3, content.size() / 2, content.size() * 4 / 5}) {
        CsvFile::write(content.substr(0, part));
        CsvFile file(delimiter, lineEndOf(content));
        auto seen = file.rest(true);
        CsvFile::write(content);
        for (Row& row : file.rest(false)) seen.push_back(std::move(row));
        require(std::equal(seen.begin(), seen.end(), rows.begin(), rows.end(), equal),
                "a file that grows gives the same rows");
    }
}

void requireLetters(std::string_view content) {
    require(base::isUtf8(fromLatin1(content)), "Latin-1 becomes UTF-8");
    require(!base::isUtf8(content) || guessEncoding(content) == Encoding::Utf8,
            "UTF-8 is taken for what it is");
    require(byteOrderMark(content) <= content.size(), "a mark is within the file");
    require(!isUtf16(content) || content.size() >= 2, "UTF-16 has a mark");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view content = fuzz::toText(data + 1, size - 1);
    const char first = static_cast<char>(data[0]);
    const bool known = std::string_view(",;\t|").find(first) != std::string_view::npos;
    const char delimiter = known ? first : CsvReader::guessDelimiter(content.substr(0, 80));
    requireLetters(content);
    CsvFile::write(content);
    CsvFile file(delimiter, lineEndOf(content));
    const auto rows = file.rest(false);
    requireOrder(rows, content.size());
    for (const Row& row : rows) {
        if (row.kind != Row::Kind::Cells) continue;
        const auto alone = CsvReader::split(row.raw, delimiter);
        require(alone.size() == 1 && alone[0] == row.cells, "a record alone has the same cells");
    }
    requireSameRest(file, rows);
    requireSameWhileGrowing(content, delimiter, rows);
    return 0;
}
