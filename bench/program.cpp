#include "program.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::bench {

namespace {

int start(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Linux counts what this process holds now into the peak of its child.
    ::malloc_trim(0);
    const int pid = ::fork();
    if (pid == 0) {
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
        ::execv(arguments.front(), arguments.data());
        ::_exit(127);
    }
    return pid;
}

Used waitFor(int pid, double begun) {
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    Used used;
    used.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    used.wall_s = nowSeconds() - begun;
    used.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    used.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
    return used;
}

} // namespace

double nowSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string hearbackProgram() { return HEARBACK_BINARY_DIR "/bin/hearback"; }

Used run(const std::vector<std::string>& words) {
    const double begun = nowSeconds();
    return waitFor(start(words), begun);
}

Running::Running(const std::vector<std::string>& words)
    : pid_(start(words)), begun_(nowSeconds()) {}

Running::~Running() {
    if (pid_ > 0) (void)stop();
}

double Running::residentMib() const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/statm");
    double total = 0;
    double resident = 0;
    in >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

Used Running::stop() {
    ::kill(pid_, SIGTERM);
    const Used used = waitFor(pid_, begun_);
    pid_ = -1;
    return used;
}

} // namespace hearback::bench
