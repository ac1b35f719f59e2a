#include "check/child_process.h"

#include "base/check.h"
#include "base/file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::check {

namespace {

// Between asking a child where it is and ending it.
constexpr base::Micros kLastWord = 200 * base::kMillisecond;
constexpr std::size_t kOutputMax = 8192;

std::atomic<bool> is_interrupted{false};

pid_t spawn(std::vector<std::string>& words, const std::filesystem::path& folder,
            const std::filesystem::path& output, int result) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, result, kResultDescriptor);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, kResultDescriptor + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: it ends with everything that it started.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETPGROUP);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

// Those that left the group: they are this process's children now.
void endOrphans() {
    for (;;) {
        const std::string self = std::to_string(::getpid());
        std::ifstream in("/proc/self/task/" + self + "/children");
        bool any = false;
        for (pid_t pid = 0; in >> pid;) {
            any = true;
            ::kill(pid, SIGKILL);
        }
        if (!any) return;
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }
}

// Reads its lines; returns when it is dead, or when the time is over.
class Watch {
  public:
    Watch(pid_t pid, int result)
        : result_(result), pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
        HB_ASSERT(pidfd_ >= 0);
    }
    ~Watch() {
        ::close(pidfd_);
        ::close(result_);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // True where it has ended.
    bool wait(base::Micros until) {
        const base::SystemClock clock;
        for (;;) {
            const base::Micros left = until - clock.steady();
            if (left <= 0 || is_interrupted) return false;
            std::array<pollfd, 2> fds = {pollfd{pidfd_, POLLIN, 0},
                                         pollfd{is_open_ ? result_ : -1, POLLIN, 0}};
            (void)::poll(fds.data(), fds.size(), static_cast<int>(left / base::kMillisecond) + 1);
            if (fds[1].revents != 0) read();
            if (fds[0].revents != 0) {
                readAll();
                return true;
            }
        }
    }
    const std::string& lines() const { return lines_; }

  private:
    bool read() {
        std::array<char, 65536> buffer{};
        const ssize_t n = ::read(result_, buffer.data(), buffer.size());
        if (n > 0) lines_.append(buffer.data(), static_cast<std::size_t>(n));
        is_open_ = n > 0;
        return is_open_;
    }
    void readAll() {
        ::fcntl(result_, F_SETFL, O_NONBLOCK);
        while (is_open_ && read()) {
        }
    }

    int result_;
    int pidfd_;
    bool is_open_ = true;
    std::string lines_;
};

Finding findingOf(const std::string& name) {
    for (const Finding finding : {Finding::Passed, Finding::Failed, Finding::Warned,
                                  Finding::Skipped, Finding::Crashed, Finding::TimedOut})
        if (name == nameOf(finding)) return finding;
    return Finding::Crashed;
}

void readLines(const std::string& lines, ChildResult& result) {
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (!json.is_object()) continue;
        if (json.contains("in")) result.function = json.value("in", "");
        if (!json.contains("finding")) continue;
        result.outcome = Outcome{findingOf(json.value("finding", "")), json.value("expected", ""),
                                 json.value("happened", ""), json.value("reason", "")};
    }
}

std::string endOf(const std::filesystem::path& file) {
    auto text = base::readFile(file, 64 << 20);
    if (!text) return {};
    if (text->size() > kOutputMax) text->erase(0, text->size() - kOutputMax);
    return std::move(*text);
}

} // namespace

void takeCareOfChildren() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction action {};
    action.sa_handler = [](int) { is_interrupted = true; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

ChildResult runChild(std::vector<std::string> words, const std::filesystem::path& folder,
                     const std::filesystem::path& output, base::Micros patience) {
    ChildResult result;
    std::array<int, 2> pipe{-1, -1};
    HB_ASSERT(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    // Not a number that the child has its own under.
    const int end = ::fcntl(pipe[1], F_DUPFD_CLOEXEC, 16);
    ::close(pipe[1]);
    const base::SystemClock clock;
    const base::Micros begun = clock.steady();
    result.pid = spawn(words, folder, output, end);
    ::close(end);
    if (result.pid < 0) {
        ::close(pipe[0]);
        result.exit_code = 127;
        return result;
    }
    Watch watch(result.pid, pipe[0]);
    if (!watch.wait(begun + patience)) {
        result.is_interrupted = is_interrupted;
        result.is_timed_out = !result.is_interrupted;
        ::kill(result.pid, SIGTERM); // it says where it is
        (void)watch.wait(clock.steady() + kLastWord);
    }
    ::kill(-result.pid, SIGKILL);
    ::kill(result.pid, SIGKILL);
    int status = 0;
    ::waitpid(result.pid, &status, 0);
    result.took = clock.steady() - begun;
    endOrphans();
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    readLines(watch.lines(), result);
    result.output = endOf(output);
    return result;
}

} // namespace hearback::check
