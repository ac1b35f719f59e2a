// A test in a process of its own: started, watched, ended with all that it started, and reaped.
#pragma once

#include "base/clock.h"
#include "check/judge.h"

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hearback::check {

// Where a child writes what it found, a line of JSON: {"finding": "fail", "expected": ...}, and
// where it was when a signal came: {"in": "poll"}.
inline constexpr int kResultDescriptor = 3;

struct ChildResult {
    pid_t pid = -1;
    std::optional<Outcome> outcome; // what it told
    std::string function;           // of the plugin, which was under way at a crash or time-out
    bool is_timed_out = false;
    bool is_interrupted = false; // the user ended the run
    int signal = 0;              // that ended it
    int exit_code = 0;
    std::string output; // the end of what it wrote to the terminal
    base::Micros took = 0;
};

// Runs `words` in `folder`. `output`: a file for what it writes.
ChildResult runChild(std::vector<std::string> words, const std::filesystem::path& folder,
                     const std::filesystem::path& output, base::Micros patience);

// From now on a Ctrl-C ends the child under way, and runChild() says so. And children of children
// that lose their parent become this process's own. Call once.
void takeCareOfChildren();

} // namespace hearback::check
