#include "cli/tab_separated.h"

#include "base/file.h"

#include <algorithm>

namespace hearback::cli {

namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 30;

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

} // namespace

base::Result<TabSeparated> TabSeparated::read(const std::string& path,
                                              const std::vector<std::string>& needed) {
    auto content = base::readFile(path, kFileMax);
    if (!content) return content.error();
    TabSeparated file(path, std::move(*content));
    if (file.nextLine())
        for (const auto& [begin, length] : file.cells_)
            file.columns_.push_back(file.content_.substr(begin, length));
    for (const std::string& name : needed)
        if (std::find(file.columns_.begin(), file.columns_.end(), name) == file.columns_.end())
            return base::Error{base::Code::Invalid,
                               path + ":1: the first line must name the column" +
                                   (needed.size() == 1 ? " " : "s ") + listed(needed) +
                                   ", with a tab between columns"};
    return file;
}

bool TabSeparated::next() {
    while (nextLine())
        if (cells_.size() > 1 || cells_.front().second > 0) return true;
    return false;
}

bool TabSeparated::nextLine() {
    if (at_ >= content_.size()) return false;
    ++line_;
    auto end = content_.find('\n', at_);
    const std::size_t after = end == std::string::npos ? content_.size() : end + 1;
    if (end == std::string::npos) end = content_.size();
    if (end > at_ && content_[end - 1] == '\r') --end;
    cells_.clear();
    const std::string_view line = std::string_view(content_).substr(at_, end - at_);
    for (std::size_t begin = 0;;) {
        const auto tab = std::min(line.find('\t', begin), line.size());
        cells_.emplace_back(at_ + begin, tab - begin);
        if (tab == line.size()) break;
        begin = tab + 1;
    }
    at_ = after;
    return true;
}

std::optional<std::string_view> TabSeparated::cell(std::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    const auto place = static_cast<std::size_t>(found - columns_.begin());
    if (found == columns_.end() || place >= cells_.size()) return std::nullopt;
    return std::string_view(content_).substr(cells_[place].first, cells_[place].second);
}

} // namespace hearback::cli
