#include "check/report.h"

#include "base/utf8.h"

#include <algorithm>
#include <cstdio>

namespace hearback::check {

namespace {

constexpr const char* kRed = "31";
constexpr const char* kGreen = "32";
constexpr const char* kYellow = "33";
constexpr const char* kDim = "2";
constexpr const char* kBold = "1";

std::string styled(const char* code, const std::string& text, bool colours) {
    return colours ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}

const char* codeOf(Finding finding) {
    switch (finding) {
    case Finding::Passed: return kGreen;
    case Finding::Warned: return kYellow;
    case Finding::Skipped: return kDim;
    default: return kRed;
    }
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

// What a plugin says steers no terminal.
std::string shown(const std::string& text) { return base::printable(text, 64 << 10); }

// Words in lines of at most 100 columns, under each other.
std::string wrapped(const std::string& label, const std::string& words) {
    const std::string text = shown(words);
    constexpr std::size_t kWidth = 100;
    const std::string indent(4 + 10, ' ');
    std::string out = "    " + padded(label, 10);
    std::size_t column = indent.size();
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find_first_of(" \n", at), text.size());
        const std::string word = text.substr(at, end - at);
        if (column + word.size() > kWidth && column > indent.size()) {
            out.pop_back();
            out += "\n" + indent;
            column = indent.size();
        }
        out += word + " ";
        column += word.size() + 1;
        at = end + 1;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out + "\n";
}

std::string failureText(const Report& report, const TestResult& result, bool colours) {
    const Outcome& outcome = result.outcome;
    std::string out = "  " + styled(kRed, padded(nameOf(outcome.finding), 8), colours) +
                      styled(kBold, std::string(result.test.name), colours) + "\n";
    out += wrapped("rule", std::string(result.test.rule));
    if (!outcome.expected.empty()) out += wrapped("expected", outcome.expected);
    if (!outcome.happened.empty()) out += wrapped("happened", outcome.happened);
    out += wrapped("see",
                   std::string(result.test.page) + ": \"" + std::string(result.test.said) + "\"");
    if (!result.output.empty())
        out += wrapped("output", result.output.substr(
                                     result.output.size() > 600 ? result.output.size() - 600 : 0));
    // In one line, however long: it is copied.
    return out + "    " + padded("again", 10) + report.words + " --include '^" +
           std::string(result.test.name) + "$'\n";
}

std::string seconds(base::Micros took) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(took) / base::kSecond);
    return text;
}

} // namespace

std::size_t Report::count(Finding finding) const {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [&](const TestResult& each) { return each.outcome.finding == finding; }));
}

bool Report::isGood() const {
    return !is_interrupted &&
           std::none_of(results.begin(), results.end(),
                        [](const TestResult& each) { return isBad(each.outcome.finding); });
}

std::string headText(const Report& report, bool colours) {
    const std::string what = report.id.empty()
                                 ? report.file
                                 : report.id + " " + report.version + " (" + report.kind + ")";
    return styled(kBold, what, colours) + ", level " + std::to_string(report.level) + ", seed " +
           std::to_string(report.seed) + "\n";
}

std::string lineText(const TestResult& result, bool colours) {
    const Outcome& outcome = result.outcome;
    std::string out = "  " +
                      styled(codeOf(outcome.finding), padded(nameOf(outcome.finding), 8), colours) +
                      padded(std::string(result.test.name), 28);
    if (!outcome.reason.empty()) out += styled(kDim, shown(outcome.reason), colours);
    while (out.back() == ' ') out.pop_back();
    return out + "\n";
}

std::string endText(const Report& report, bool colours) {
    std::string out;
    for (const TestResult& each : report.results) {
        if (!isBad(each.outcome.finding)) continue;
        if (out.empty()) out = "\n";
        out += failureText(report, each, colours) + "\n";
    }
    const auto bad = report.count(Finding::Failed) + report.count(Finding::Crashed) +
                     report.count(Finding::TimedOut);
    std::string sum = std::to_string(report.results.size()) + " tests in " + seconds(report.took) +
                      ": " + std::to_string(report.count(Finding::Passed)) + " passed";
    for (const auto& [finding, name] :
         {std::pair{Finding::Failed, "failed"}, std::pair{Finding::Crashed, "crashed"},
          std::pair{Finding::TimedOut, "timed out"}, std::pair{Finding::Warned, "warned of"},
          std::pair{Finding::Skipped, "skipped"}})
        if (const auto count = report.count(finding); count > 0)
            sum += ", " + std::to_string(count) + " " + name;
    if (report.is_interrupted) sum += "; broken off";
    return out + styled(bad > 0 || report.is_interrupted ? kRed : kGreen, sum, colours) + "\n";
}

std::string listText() {
    std::string out = "| test | level | for | what it holds the plugin to | written in |\n"
                      "|---|---|---|---|---|\n";
    for (const Test& test : allTests()) {
        std::string kinds;
        for (const auto& [bit, name] :
             {std::pair{kChannels, "channels"}, std::pair{kClassifiers, "classifiers"},
              std::pair{kSinks, "sinks"}, std::pair{kActing, "channels that act"}})
            if ((test.kinds & bit) != 0 && (test.kinds & kAllKinds) != kAllKinds)
                kinds += (kinds.empty() ? "" : ", ") + std::string(name);
        out += "| `" + std::string(test.name) + "` | " + std::to_string(test.level) + " | " +
               (kinds.empty() ? "all" : kinds) + " | " + std::string(test.rule) + " | " +
               std::string(test.page) + " |\n";
    }
    return out;
}

} // namespace hearback::check
