#include "check/killing.h"

#include "base/check.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::check {

namespace {

void writeAll(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::write(fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) ::_exit(1);
        data += n;
        size -= static_cast<std::size_t>(n);
    }
}

[[noreturn]] void work(int fd, const std::function<void(const Note&)>& work) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work([fd](std::string_view note) {
        const std::uint64_t size = note.size();
        std::string frame(reinterpret_cast<const char*>(&size), sizeof size);
        frame.append(note);
        writeAll(fd, frame.data(), frame.size());
    });
    ::_exit(0);
}

// Takes whole notes out of what was read.
void split(std::string& bytes, std::vector<std::string>& notes) {
    std::uint64_t size = 0;
    while (bytes.size() >= sizeof size) {
        std::memcpy(&size, bytes.data(), sizeof size);
        if (bytes.size() - sizeof size < size) return;
        notes.push_back(bytes.substr(sizeof size, size));
        bytes.erase(0, sizeof size + size);
    }
}

} // namespace

KilledRun runAndKill(const std::function<void(const Note&)>& todo,
                     std::optional<std::size_t> after_notes, base::Micros delay) {
    std::array<int, 2> pipe{-1, -1};
    HB_ASSERT(::pipe(pipe.data()) == 0);
    const pid_t pid = ::fork();
    HB_ASSERT(pid >= 0);
    if (pid == 0) {
        ::close(pipe[0]);
        work(pipe[1], todo);
    }
    ::close(pipe[1]);
    KilledRun run;
    std::string rest;
    std::array<char, 65536> buffer{};
    bool was_killed = false;
    for (;;) {
        if (!was_killed && after_notes && run.notes.size() >= *after_notes) {
            ::usleep(static_cast<useconds_t>(delay));
            ::kill(pid, SIGKILL);
            was_killed = true;
        }
        const ssize_t n = ::read(pipe[0], buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        rest.append(buffer.data(), static_cast<std::size_t>(n));
        split(rest, run.notes);
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    run.is_done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        run.signal = WTERMSIG(status);
        run.problem = "crashed with signal " + std::to_string(run.signal);
    }
    run.is_skipped = WIFEXITED(status) && WEXITSTATUS(status) == kNothingToJudge;
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        run.problem = run.is_skipped
                          ? "could not be started"
                          : "ended by itself with status " + std::to_string(WEXITSTATUS(status));
    return run;
}

} // namespace hearback::check
