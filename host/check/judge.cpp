#include "check/judge.h"

#include <cstdlib>

namespace hearback::check {

const char* nameOf(Finding finding) {
    switch (finding) {
    case Finding::Passed: return "pass";
    case Finding::Failed: return "fail";
    case Finding::Warned: return "warn";
    case Finding::Skipped: return "skip";
    case Finding::Crashed: return "crash";
    case Finding::TimedOut: return "timeout";
    }
    return "unknown";
}

void Judge::fail(std::string expected, std::string happened) {
    report({Finding::Failed, std::move(expected), std::move(happened), {}});
}

void Judge::skip(std::string reason) { report({Finding::Skipped, {}, {}, std::move(reason)}); }

void Judge::warn(const std::string& reason) {
    if (!warning_.empty()) warning_ += "; ";
    warning_ += reason;
}

void Judge::end() {
    report({warning_.empty() ? Finding::Passed : Finding::Warned, {}, {}, warning_});
}

void Judge::report(const Outcome& outcome) {
    report_(outcome);
    std::abort(); // report_ does not return
}

} // namespace hearback::check
