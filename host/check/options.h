// What the command line says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace hearback::check {

enum class Format { Text, Json, JUnit };

struct Options {
    std::filesystem::path plugin; // the file
    std::string id;               // which of its plugins; empty: it has one
    std::filesystem::path settings;
    std::filesystem::path config;
    int level = 2;
    std::string include;
    std::string exclude;
    std::optional<std::uint64_t> seed;
    bool in_process = false;
    std::int64_t stress_s = 20; // how long each test of level 3 takes
    std::filesystem::path trace;
    Format format = Format::Text;
    std::filesystem::path output;
    bool list = false;
    // Set where this process is the child that runs one test.
    std::string child;
};

// What the program ends with.
enum ExitCode : int {
    kPassed = 0, // or was skipped, or warned of
    kFailed = 1, // a test failed, crashed or timed out
    kUsage = 2   // wrong words, a wrong configuration, or nothing to run
};

} // namespace hearback::check
