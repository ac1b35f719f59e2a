// A program that is run to its end, with what it writes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hearback::cli::dev {

struct Finished {
    int code = -1;   // of exit; -1 where it could not be run, or was ended
    std::string out; // both of its outputs
};

// `stops` is asked now and then: where it says so, the program is ended.
Finished run(const std::vector<std::string>& words, const std::filesystem::path& folder,
             const std::function<bool()>& stops);

} // namespace hearback::cli::dev
