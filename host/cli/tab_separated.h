// A tab-separated file whose first line names the columns, line by line.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::cli {

class TabSeparated {
  public:
    // At most 1 GiB. The error says what to write in the first line where a column is missing.
    static base::Result<TabSeparated> read(const std::string& path,
                                           const std::vector<std::string>& needed);

    // Goes to the next line that is not empty; false at the end.
    bool next();
    // "FILE:LINE", for errors.
    std::string place() const { return path_ + ":" + std::to_string(line_); }
    // Of the line; none where it ends before.
    std::optional<std::string_view> cell(std::string_view column) const;

    const std::string& content() const { return content_; }
    std::size_t bytesRead() const { return at_; }

  private:
    TabSeparated(std::string path, std::string content)
        : path_(std::move(path)), content_(std::move(content)) {}
    bool nextLine();

    std::string path_;
    std::string content_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
    std::vector<std::string> columns_;
    std::vector<std::pair<std::size_t, std::size_t>> cells_; // begin and length in the content
};

} // namespace hearback::cli
