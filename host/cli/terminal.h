// What is written for people: colours and bars on a terminal, plain text in a pipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::cli {

// Is standard output a terminal that takes colours (and NO_COLOR is not set)?
bool hasColours();
bool isTerminal(int fd);
std::size_t terminalWidth();

enum class Style { Plain, Bold, Dim, Red, Green, Yellow, Cyan };
std::string styled(Style style, std::string_view text);

// Columns that a text takes on a terminal: letters, not bytes; wide ones count twice.
std::size_t displayWidth(std::string_view text);
// At most `width` columns, with "…" where something was cut; control characters become spaces.
std::string fitTo(std::string_view text, std::size_t width);

// A bar of eighths of a column: "███▌". `share` from 0 to 1.
std::string bar(double share, std::size_t width);
// "1,234,567"
std::string grouped(std::int64_t number);
// "one, two"
std::string joined(const std::vector<std::string>& texts);

// Rows under a head, columns as wide as they must be; figures stand right.
class Table {
  public:
    explicit Table(std::vector<std::string> head) : head_(std::move(head)) {}
    void alignRight(std::size_t column) { right_.push_back(column); }
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::string text() const;
    bool empty() const { return rows_.empty(); }

  private:
    std::vector<std::string> head_;
    std::vector<std::size_t> right_;
    std::vector<std::vector<std::string>> rows_;
};

// A line that tells how far something is, redrawn in place; nothing in a pipe.
class ProgressLine {
  public:
    explicit ProgressLine(std::string what);
    ~ProgressLine();
    void show(std::int64_t done, std::int64_t total, const std::string& note);

  private:
    std::string what_;
    bool on_;
    bool drawn_ = false;
};

} // namespace hearback::cli
