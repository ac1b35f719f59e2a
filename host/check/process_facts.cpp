#include "check/process_facts.h"

#include "base/file.h"

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::check {

namespace {

namespace fs = std::filesystem;

std::size_t entriesOf(const char* folder) {
    std::error_code error;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder, error), fs::directory_iterator()));
}

std::string addressOf(const struct sigaction& action) {
    return std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) + "/" +
           std::to_string(action.sa_flags);
}

void tell(std::string& all, const std::string& what) { all += (all.empty() ? "" : ", ") + what; }

void tellNew(std::string& all, const char* kind, const std::set<std::string>& before,
             const std::set<std::string>& after) {
    for (const std::string& each : after)
        if (!before.contains(each)) tell(all, std::string(kind) + " " + each);
    for (const std::string& each : before)
        if (!after.contains(each)) tell(all, std::string(kind) + " " + each + " is gone");
}

} // namespace

std::size_t threadCount() { return entriesOf("/proc/self/task"); }
// One of them is the reading of the folder itself.
std::size_t descriptorCount() { return entriesOf("/proc/self/fd") - 1; }

// https://man7.org/linux/man-pages/man5/proc.5.html, statm
std::size_t residentMemory() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::map<std::string, std::string> filesIn(const fs::path& folder) {
    std::map<std::string, std::string> files;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
        if (!entry.is_regular_file(error)) continue;
        auto content = base::readFile(entry.path(), 256 << 20);
        files[fs::relative(entry.path(), folder, error).string()] =
            content ? std::move(*content) : std::string();
    }
    return files;
}

ProcessFacts ProcessFacts::now() {
    ProcessFacts facts;
    facts.threads = threadCount();
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd", error)) {
        std::error_code gone;
        const auto target = fs::read_symlink(entry.path(), gone);
        if (!gone)
            facts.descriptors.insert(entry.path().filename().string() + " to " + target.string());
    }
    for (const auto& [name, content] : filesIn(fs::current_path())) facts.files.insert(name);
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0) facts.signals[signal] = addressOf(action);
    }
    facts.working_folder = fs::current_path().string();
    facts.locale = std::setlocale(LC_ALL, nullptr);
    for (char** variable = environ; *variable != nullptr; ++variable)
        facts.environment.insert(*variable);
    facts.mask = ::umask(0);
    ::umask(static_cast<mode_t>(facts.mask));
    // The reading of the folder was one itself.
    std::erase_if(facts.descriptors, [](const std::string& each) { return each.ends_with("/fd"); });
    return facts;
}

std::string ProcessFacts::differenceTo(const ProcessFacts& later) const {
    std::string all;
    if (later.threads > threads) tell(all, std::to_string(later.threads - threads) + " threads");
    tellNew(all, "the descriptor", descriptors, later.descriptors);
    tellNew(all, "the file", files, later.files);
    for (const auto& [signal, handler] : later.signals)
        if (const auto before = signals.find(signal);
            before == signals.end() || before->second != handler)
            tell(all, "a handler of signal " + std::to_string(signal));
    if (working_folder != later.working_folder) tell(all, "another working folder");
    if (locale != later.locale) tell(all, "the locale " + later.locale);
    tellNew(all, "in the environment", environment, later.environment);
    if (mask != later.mask) tell(all, "another umask");
    return all;
}

CapturedOutput::CapturedOutput(const fs::path& file)
    : file_(file), out_(::dup(STDOUT_FILENO)), err_(::dup(STDERR_FILENO)) {
    std::fflush(nullptr);
    const int to = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    ::dup2(to, STDOUT_FILENO);
    ::dup2(to, STDERR_FILENO);
    ::close(to);
}

CapturedOutput::~CapturedOutput() { (void)end(); }

std::string CapturedOutput::end() {
    if (out_ < 0) return {};
    std::fflush(nullptr);
    ::dup2(out_, STDOUT_FILENO);
    ::dup2(err_, STDERR_FILENO);
    ::close(out_);
    ::close(err_);
    out_ = err_ = -1;
    const auto written = base::readFile(file_, 1 << 20);
    return written ? *written : "more than a mebibyte";
}

} // namespace hearback::check
