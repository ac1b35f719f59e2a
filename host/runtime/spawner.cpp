#include "runtime/spawner.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hearback::runtime {

namespace {

constexpr int kSocketInChild = 3;

// What a child may know of where it runs. Options of sanitizers go on, so that a test sees what
// they find.
std::vector<std::string> environmentOfChild() {
    std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
        if (const char* value = std::getenv(name))
            environment.push_back(std::string(name) + "=" + value);
    return environment;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

base::Error failed(const std::string& what, int error) {
    return {base::Code::Unavailable,
            "cannot start a worker: " + what + ": " + std::string(std::strerror(error))};
}

// Copies a descriptor to a number that is none of those that the child has its own under.
class High {
  public:
    explicit High(int fd) : fd_(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 16)) {}
    ~High() {
        if (fd_ >= 0) ::close(fd_);
    }
    High(const High&) = delete;
    High& operator=(const High&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

base::Result<Child> start(std::vector<std::string> words, int library) {
    std::array<int, 2> sockets{-1, -1};
    std::array<int, 2> output{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        return failed("no socket", errno);
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        ::close(sockets[0]);
        ::close(sockets[1]);
        return failed("no pipe", error);
    }
    const High socket_end(sockets[1]);
    const High output_end(output[1]);
    const High library_copy(library);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output_end.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output_end.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, socket_end.get(), kSocketInChild);
    int next = kSocketInChild + 1;
    if (library >= 0) {
        ::posix_spawn_file_actions_adddup2(&actions, library_copy.get(), Spawner::kLibraryInChild);
        next = Spawner::kLibraryInChild + 1;
    }
    ::posix_spawn_file_actions_addclosefrom_np(&actions, next);
    // Signals as they are in a fresh process, whatever this one blocks.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: a Ctrl-C in the terminal is the host's to act on.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETPGROUP);
    std::vector<std::string> environment = environmentOfChild();
    Child child;
    const int error = ::posix_spawn(&child.pid, words.front().c_str(), &actions, &attributes,
                                    pointersTo(words).data(), pointersTo(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(sockets[1]);
    ::close(output[1]);
    if (error != 0) {
        ::close(sockets[0]);
        ::close(output[0]);
        return failed(words.front(), error);
    }
    child.socket = sockets[0];
    child.output = output[0];
    return child;
}

} // namespace

Spawner::Spawner() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

base::Result<Child> Spawner::spawn(const std::vector<std::string>& words, int library) {
    std::promise<base::Result<Child>> started;
    auto done = started.get_future();
    {
        const std::lock_guard lock(mutex_);
        waiting_.emplace_back([&] { started.set_value(start(words, library)); });
    }
    asked_.notify_one();
    return done.get();
}

void Spawner::work(const std::stop_token& stop) {
    for (;;) {
        std::vector<std::function<void()>> now;
        {
            std::unique_lock lock(mutex_);
            if (!asked_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
            now.swap(waiting_);
        }
        for (const auto& each : now) each();
    }
}

} // namespace hearback::runtime
