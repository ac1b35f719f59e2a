#include "cli/dev/command.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::cli::dev {

namespace {

constexpr int kLookMs = 100;
constexpr std::size_t kOutMax = 1 << 20;

std::vector<char*> pointersTo(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

// That of this process, but nothing in it asks for colours: what is written is quoted.
std::vector<std::string> plainEnvironment() {
    std::vector<std::string> all = {"NO_COLOR=1", "GCC_COLORS="};
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view variable = *each;
        const auto name = variable.substr(0, variable.find('='));
        if (name != "NO_COLOR" && name != "GCC_COLORS" && name != "CLICOLOR_FORCE" &&
            name != "FORCE_COLOR")
            all.emplace_back(variable);
    }
    return all;
}

[[noreturn]] void becomeProgram(std::vector<char*>& arguments, std::vector<char*>& environment,
                                const char* folder, int out) {
    // This process waits for signals instead of taking them; a compiler does not.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // In a group of its own: whoever ends it ends what it has started.
    ::setpgid(0, 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (::chdir(folder) != 0 || ::dup2(nothing, STDIN_FILENO) < 0 ||
        ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(out, STDERR_FILENO) < 0)
        ::_exit(127);
    ::execvpe(arguments.front(), arguments.data(), environment.data());
    ::_exit(127);
}

// Everything up to its end; false where it was ended.
bool readAll(int fd, std::string& out, const std::function<bool()>& stops) {
    std::array<char, 8192> buffer{};
    for (;;) {
        if (stops()) return false;
        pollfd waiting{fd, POLLIN, 0};
        if (::poll(&waiting, 1, kLookMs) <= 0) continue;
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return true;
        if (out.size() < kOutMax) out.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

} // namespace

Finished run(const std::vector<std::string>& words, const std::filesystem::path& folder,
             const std::function<bool()>& stops) {
    Finished finished;
    std::vector<std::string> copies = words;
    std::vector<char*> arguments = pointersTo(copies);
    std::vector<std::string> variables = plainEnvironment();
    std::vector<char*> environment = pointersTo(variables);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return finished;
    const pid_t child = ::fork();
    if (child == 0) becomeProgram(arguments, environment, folder.c_str(), ends[1]);
    ::close(ends[1]);
    const bool ended = child > 0 && readAll(ends[0], finished.out, stops);
    ::close(ends[0]);
    if (child < 0) return finished;
    if (!ended) ::kill(-child, SIGTERM);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ended && WIFEXITED(status)) finished.code = WEXITSTATUS(status);
    if (finished.code == 127 && finished.out.empty())
        finished.out = words.front() + " cannot be run: is it installed?\n";
    return finished;
}

} // namespace hearback::cli::dev
