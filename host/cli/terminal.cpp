#include "cli/terminal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hearback::cli {

namespace {

struct Letter {
    std::uint32_t code;
    std::size_t size;
};

Letter letterAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const std::uint32_t first = byte(0);
    const std::size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t code = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) code = code << 6U | (byte(i) & 0x3FU);
    return {code, std::min(size, text.size() - at)};
}

// Emoji and the scripts of East Asia take two columns, combining marks none.
std::size_t widthOf(std::uint32_t code) {
    const auto within = [&](std::uint32_t low, std::uint32_t high) {
        return code >= low && code <= high;
    };
    if (within(0x300, 0x36F) || within(0x200B, 0x200F) || within(0xFE00, 0xFE0F) || code == 0x2060)
        return 0;
    const bool wide = within(0x1100, 0x115F) || within(0x2E80, 0xA4CF) || within(0xAC00, 0xD7A3) ||
                      within(0xF900, 0xFAFF) || within(0xFE30, 0xFE6F) || within(0xFF00, 0xFF60) ||
                      within(0x1F300, 0x1FAFF) || within(0x20000, 0x3FFFD);
    return wide ? 2 : 1;
}

const char* codeOf(Style style) {
    switch (style) {
    case Style::Plain: return "0";
    case Style::Bold: return "1";
    case Style::Dim: return "2";
    case Style::Red: return "31";
    case Style::Green: return "32";
    case Style::Yellow: return "33";
    case Style::Cyan: return "36";
    }
    return "0";
}

// Escape sequences take no columns.
std::size_t visibleWidth(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            while (i < text.size() && text[i] != 'm') ++i;
            continue;
        }
        plain += text[i];
    }
    return displayWidth(plain);
}

} // namespace

bool isTerminal(int fd) { return isatty(fd) == 1; }

bool hasColours() {
    static const bool colours = [] {
        const char* off = std::getenv("NO_COLOR");
        const char* force = std::getenv("CLICOLOR_FORCE");
        if (off != nullptr && *off != '\0') return false;
        return isTerminal(STDOUT_FILENO) || (force != nullptr && std::string_view(force) != "0");
    }();
    return colours;
}

std::size_t terminalWidth() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    const long wished = columns == nullptr ? 0 : std::atol(columns);
    return wished > 20 ? static_cast<std::size_t>(wished) : 100;
}

std::string styled(Style style, std::string_view text) {
    if (!hasColours() || style == Style::Plain) return std::string(text);
    return "\x1b[" + std::string(codeOf(style)) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t displayWidth(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Letter letter = letterAt(text, at);
        width += widthOf(letter.code);
        at += letter.size;
    }
    return width;
}

std::string fitTo(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Letter letter = letterAt(text, at);
        const bool control = letter.code < 0x20 || letter.code == 0x7f;
        const std::size_t columns = control ? 1 : widthOf(letter.code);
        const bool last = at + letter.size >= text.size();
        if (used + columns > (last ? width : width - 1)) return out + "…";
        out += control ? " " : text.substr(at, letter.size);
        used += columns;
        at += letter.size;
    }
    return out;
}

std::string bar(double share, std::size_t width) {
    constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const auto eighths = static_cast<std::size_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width) * 8));
    std::string out;
    for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
    return out + kEighths[eighths % 8];
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0);
         at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string Table::text() const {
    std::vector<std::size_t> widths(head_.size(), 0);
    const auto measure = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], visibleWidth(cells[i]));
    };
    measure(head_);
    for (const auto& row : rows_) measure(row);
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, Style style) {
        std::string text;
        for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
            const std::string pad(widths[i] - visibleWidth(cells[i]), ' ');
            const bool right = std::find(right_.begin(), right_.end(), i) != right_.end();
            const bool last = i + 1 == widths.size();
            text += right ? pad + cells[i] : cells[i] + (last ? "" : pad);
            if (!last) text += "  ";
        }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        out += styled(style, text) + "\n";
    };
    line(head_, Style::Bold);
    for (const auto& row : rows_) line(row, Style::Plain);
    return out;
}

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)), on_(isTerminal(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(std::int64_t done, std::int64_t total, const std::string& note) {
    if (!on_) return;
    drawn_ = true;
    const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
    std::string drawing = bar(share, 30);
    drawing += std::string(30 - std::min<std::size_t>(30, displayWidth(drawing)), ' ');
    std::fprintf(stderr, "\r\x1b[K%s %s %3d %%  %s", what_.c_str(), drawing.c_str(),
                 static_cast<int>(share * 100), note.c_str());
    std::fflush(stderr);
}

} // namespace hearback::cli
