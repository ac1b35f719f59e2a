#include "check/report.h"

#include "base/utf8.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <set>

namespace hearback::check {

namespace {

using nlohmann::json;

double secondsOf(base::Micros took) { return static_cast<double>(took) / base::kSecond; }

// What XML 1.0 can hold, with what it takes for its own written otherwise.
std::string xml(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\n':
        case '\t': out += c; break;
        default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string secondsText(base::Micros took) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", secondsOf(took));
    return text;
}

std::string groupOf(const Test& test) {
    return std::string(test.name.substr(0, test.name.find('/')));
}

std::string caseText(const TestResult& each) {
    const Outcome& outcome = each.outcome;
    std::string out = "    <testcase classname=\"" + xml(groupOf(each.test)) + "\" name=\"" +
                      xml(std::string(each.test.name)) + "\" time=\"" + secondsText(each.took) +
                      "\">\n";
    if (outcome.finding == Finding::Skipped)
        out += "      <skipped message=\"" + xml(outcome.reason) + "\"/>\n";
    if (isBad(outcome.finding)) {
        const std::string element = outcome.finding == Finding::Failed ? "failure" : "error";
        out += "      <" + element + " type=\"" + nameOf(outcome.finding) + "\" message=\"" +
               xml(outcome.happened) + "\">rule: " + xml(std::string(each.test.rule)) +
               "\nexpected: " + xml(outcome.expected) + "\nhappened: " + xml(outcome.happened) +
               "\nsee: " + xml(std::string(each.test.page)) + "</" + element + ">\n";
    }
    std::string written = each.output;
    if (outcome.finding == Finding::Warned) written = "warning: " + outcome.reason + "\n" + written;
    if (!written.empty()) out += "      <system-out>" + xml(written) + "</system-out>\n";
    return out + "    </testcase>\n";
}

} // namespace

std::string jsonText(const Report& report) {
    json tests = json::array();
    for (const TestResult& each : report.results) {
        json test = {{"name", each.test.name},
                     {"level", each.test.level},
                     {"result", nameOf(each.outcome.finding)},
                     {"seconds", secondsOf(each.took)},
                     {"rule", each.test.rule},
                     {"page", each.test.page}};
        for (const auto& [key, text] :
             {std::pair{"expected", each.outcome.expected},
              std::pair{"happened", each.outcome.happened},
              std::pair{"reason", each.outcome.reason}, std::pair{"output", each.output}})
            if (!text.empty()) test[key] = text;
        tests.push_back(std::move(test));
    }
    json summary = json::object();
    for (const Finding finding : {Finding::Passed, Finding::Failed, Finding::Warned,
                                  Finding::Skipped, Finding::Crashed, Finding::TimedOut})
        summary[nameOf(finding)] = report.count(finding);
    const json whole = {{"file", report.file},
                        {"plugin", report.id},
                        {"version", report.version},
                        {"kind", report.kind},
                        {"level", report.level},
                        {"seed", report.seed},
                        {"seconds", secondsOf(report.took)},
                        {"good", report.isGood()},
                        {"summary", summary},
                        {"tests", tests}};
    return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string junitText(const Report& report) {
    const auto errors = report.count(Finding::Crashed) + report.count(Finding::TimedOut);
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    out += "  <testsuite name=\"" + xml(report.id.empty() ? report.file : report.id) +
           "\" tests=\"" + std::to_string(report.results.size()) + "\" failures=\"" +
           std::to_string(report.count(Finding::Failed)) + "\" errors=\"" + std::to_string(errors) +
           "\" skipped=\"" + std::to_string(report.count(Finding::Skipped)) + "\" time=\"" +
           secondsText(report.took) + "\">\n";
    out += "    <properties>\n      <property name=\"seed\" value=\"" +
           std::to_string(report.seed) + "\"/>\n      <property name=\"level\" value=\"" +
           std::to_string(report.level) + "\"/>\n    </properties>\n";
    for (const TestResult& each : report.results) out += caseText(each);
    return base::repairUtf8(out) + "  </testsuite>\n</testsuites>\n";
}

} // namespace hearback::check
