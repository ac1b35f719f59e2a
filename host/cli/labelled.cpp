#include "cli/labelled.h"

#include "base/file.h"
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <sodium.h>

namespace hearback::cli {

namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 30;

std::vector<std::string_view> splitTabs(std::string_view line) {
    std::vector<std::string_view> cells;
    for (;;) {
        const auto tab = line.find('\t');
        cells.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return cells;
        line.remove_prefix(tab + 1);
    }
}

std::string sha256Of(const std::string& content) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(content.data()),
                       content.size());
    std::string text;
    for (const unsigned char byte : hash) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 0xfU];
    }
    return text;
}

} // namespace

base::Result<LabelledFile> readLabelled(const std::string& path) {
    const auto content = base::readFile(path, kFileMax);
    if (!content) return content.error();
    LabelledFile file;
    file.path = path;
    file.sha256 = sha256Of(*content);
    std::string_view rest = *content;
    std::size_t label = 0;
    std::size_t text = 0;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        const auto cells = splitTabs(line);
        if (number == 1) {
            const auto labels = std::find(cells.begin(), cells.end(), "label");
            const auto texts = std::find(cells.begin(), cells.end(), "text");
            if (labels == cells.end() || texts == cells.end())
                return base::Error{base::Code::Invalid,
                                   path + ":1: the first line must name the columns label and "
                                          "text, with a tab between"};
            label = static_cast<std::size_t>(labels - cells.begin());
            text = static_cast<std::size_t>(texts - cells.begin());
            continue;
        }
        if (line.empty()) continue;
        if (cells.size() <= std::max(label, text) || cells[label].empty())
            return base::Error{base::Code::Invalid,
                               path + ":" + std::to_string(number) + ": has no label or no text"};
        file.samples.push_back({base::repairUtf8(cells[label]), base::repairUtf8(cells[text])});
    }
    return file;
}

} // namespace hearback::cli
