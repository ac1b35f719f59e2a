// Rows of a CSV file: https://www.rfc-editor.org/rfc/rfc4180, read leniently as spreadsheets do.
// A quote that is never closed does not swallow the file: the line where it was opened is given up
// and reading goes on with the next one.
#pragma once

#include "line_source.h"

#include <csv.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::file {

struct Row {
    enum class Kind { Cells, Broken, End };
    Kind kind = Kind::End;
    std::vector<std::string> cells;
    std::string raw;            // as it stands in the file, cut at LineSource::kLineMax
    std::string problem;        // of a broken one
    std::int64_t end = 0;       // offset behind it
    std::int64_t line = 0;      // number of its first line, from 1
    std::int64_t next_line = 0; // number of the line behind it
};

class CsvReader {
  public:
    CsvReader(LineSource& lines, char delimiter);
    ~CsvReader();
    CsvReader(const CsvReader&) = delete;
    CsvReader& operator=(const CsvReader&) = delete;

    // `wait_for_end`: a last row without an end of line, or with a quote that is still open, is
    // still being written, not a row.
    Row next(bool wait_for_end);
    // Goes on at this offset, which is the beginning of line `line`.
    void seek(std::int64_t offset, std::int64_t line);

    // The cells of each record, outside of a file.
    static std::vector<std::vector<std::string>> split(const std::string& records, char delimiter);
    // The one of , ; tab | that a header is made with.
    static char guessDelimiter(std::string_view header);

  private:
    void restart();
    Row giveUp(const std::string& problem);

    LineSource& lines_;
    char delimiter_;
    csv_parser parser_{};
    std::vector<std::string> cells_;
    bool ended_ = false; // a row was completed by what was parsed last
    std::int64_t line_ = 1;
    // Of the record that is being read.
    std::string raw_;
    std::int64_t begin_ = 0;
    std::int64_t first_line_ = 1;
    std::int64_t first_line_end_ = 0;
    std::string first_line_raw_;
};

} // namespace hearback::file
