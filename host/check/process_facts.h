// What a process has and is, so that a test can see what a plugin changed.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace hearback::check {

std::size_t threadCount();
std::size_t descriptorCount();
// Of the whole process, in bytes.
std::size_t residentMemory();
// Files below a folder with their contents.
std::map<std::string, std::string> filesIn(const std::filesystem::path& folder);

struct ProcessFacts {
    static ProcessFacts now();
    // "a thread, the file x"; empty: nothing.
    std::string differenceTo(const ProcessFacts& later) const;

    std::size_t threads = 0;
    std::set<std::string> descriptors;  // what they lead to
    std::set<std::string> files;        // in the working folder
    std::map<int, std::string> signals; // handlers
    std::string working_folder;
    std::string locale;
    std::set<std::string> environment;
    unsigned mask = 0; // of new files
};

// Keeps what is written to standard output and error from now on.
class CapturedOutput {
  public:
    explicit CapturedOutput(const std::filesystem::path& file);
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;
    ~CapturedOutput();
    // What was written so far; both lead to where they led before.
    std::string end();

  private:
    std::filesystem::path file_;
    int out_ = -1;
    int err_ = -1;
};

} // namespace hearback::check
