// What a test finds. The first finding ends the test, and with it the process that it runs in: code
// of a plugin that has just broken a rule is not called again on the way out.
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace hearback::check {

enum class Finding { Passed, Failed, Warned, Skipped, Crashed, TimedOut };

// "pass", "fail", "warn", "skip", "crash", "timeout"
const char* nameOf(Finding finding);
// Whether it makes the run fail.
inline bool isBad(Finding finding) {
    return finding == Finding::Failed || finding == Finding::Crashed ||
           finding == Finding::TimedOut;
}

struct Outcome {
    Finding finding = Finding::Passed;
    std::string expected; // of a failure: what the contract says
    std::string happened; // and what was
    std::string reason;   // of a skip or a warning
};

class Judge {
  public:
    // `report` ends the process.
    explicit Judge(std::function<void(const Outcome&)> report) : report_(std::move(report)) {}

    [[noreturn]] void fail(std::string expected, std::string happened);
    // It cannot be told here, and why.
    [[noreturn]] void skip(std::string reason);
    // Told with the outcome; the test goes on.
    void warn(const std::string& reason);
    void expect(bool is_so, const std::string& expected, const std::string& happened) {
        if (!is_so) fail(expected, happened);
    }
    // Nothing was found but what was warned of.
    [[noreturn]] void end();

  private:
    [[noreturn]] void report(const Outcome& outcome);

    std::function<void(const Outcome&)> report_;
    std::string warning_;
};

} // namespace hearback::check
