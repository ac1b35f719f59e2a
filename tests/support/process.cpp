#include "support/process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hearback::testing {

namespace {

std::string tempFile() {
    std::string name = "/tmp/hearback-process-XXXXXX";
    const int fd = mkstemp(name.data());
    if (fd < 0) throw std::runtime_error("no temporary file");
    ::close(fd);
    return name;
}

std::string contentOf(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace

Process::Process(std::vector<std::string> words, std::map<std::string, std::string> environment)
    : out_file_(tempFile()), err_file_(tempFile()) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out_file_.c_str(), O_WRONLY | O_TRUNC), STDOUT_FILENO);
    ::dup2(::open(err_file_.c_str(), O_WRONLY | O_TRUNC), STDERR_FILENO);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
}

Process::~Process() {
    if (!ended_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status_, 0);
    }
    ::unlink(out_file_.c_str());
    ::unlink(err_file_.c_str());
}

bool Process::runs() {
    if (ended_) return false;
    ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return !ended_;
}

void Process::signal(int number) {
    if (runs()) ::kill(pid_, number);
}

std::string Process::out() const { return contentOf(out_file_); }
std::string Process::err() const { return contentOf(err_file_); }

Ended Process::wait(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (runs() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (!ended_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status_, 0);
        ended_ = true;
    }
    Ended ended;
    if (WIFEXITED(status_)) ended.code = WEXITSTATUS(status_);
    if (WIFSIGNALED(status_)) ended.signal = WTERMSIG(status_);
    ended.out = contentOf(out_file_);
    ended.err = contentOf(err_file_);
    return ended;
}

std::string hearbackProgram() { return HEARBACK_BINARY_DIR "/bin/hearback"; }

Ended runHearback(const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& environment) {
    std::vector<std::string> all = {hearbackProgram()};
    all.insert(all.end(), words.begin(), words.end());
    return Process(std::move(all), environment).wait();
}

} // namespace hearback::testing
