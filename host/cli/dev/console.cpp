#include "cli/dev/console.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace hearback::cli::dev {

namespace {

constexpr std::size_t kLeft = 20; // columns of the time and the word
constexpr std::size_t kTextMin = 40;
constexpr std::size_t kLineMax = 4096;
// A compiler's first error is what matters.
constexpr std::size_t kQuoteMax = 16 << 10;

std::string timeOfDay() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
    return text.data();
}

const char* nameOf(pipeline::Verdict verdict) {
    static constexpr std::array<const char*, 13> kNames = {
        "OK",           "AGAIN",    "END",         "RATE_LIMITED", "UNAVAILABLE", "AUTH", "CONFIG",
        "ITEM_INVALID", "CONFLICT", "UNSUPPORTED", "CANCELLED",    "INTERNAL",    "LIMIT"};
    const auto number = static_cast<std::size_t>(verdict);
    return number < kNames.size() ? kNames[number] : "an unknown status";
}

} // namespace

void Console::say(std::string_view word, const std::string& text, Style style) {
    std::string padded(word);
    padded.resize(std::max<std::size_t>(padded.size(), 8), ' ');
    // Whoever wrote it: it is one line, and steers no terminal.
    std::string line = base::printable(text, kLineMax);
    std::replace(line.begin(), line.end(), '\n', ' ');
    const std::lock_guard lock(mutex_);
    std::printf("%s  %s  %s\n", styled(Style::Dim, timeOfDay()).c_str(),
                styled(style, padded).c_str(), line.c_str());
    std::fflush(stdout);
}

void Console::quote(const std::string& lines) {
    std::string text = base::printable(lines, kQuoteMax);
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (lines.size() > kQuoteMax)
        text += "... and " + std::to_string(lines.size() - kQuoteMax) + " bytes more\n";
    const std::lock_guard lock(mutex_);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::string describe(const pipeline::Answer& answer) {
    std::string text = std::string(nameOf(answer.verdict)) + " (" +
                       std::to_string(static_cast<int>(answer.verdict)) + ")";
    if (!answer.text.empty()) text += ": " + fitTo(answer.text, 1000);
    if (answer.retry_after > 0)
        text += ", not before " + std::to_string(answer.retry_after / base::kSecond) + " s";
    return text;
}

std::string shown(std::string_view text) {
    const std::size_t width = std::max(terminalWidth(), kLeft + kTextMin) - kLeft;
    return "\"" + fitTo(text, width) + "\"";
}

} // namespace hearback::cli::dev
