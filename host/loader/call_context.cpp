#include "loader/call_context.h"

#include "loader/instance.h"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::loader {

namespace {

thread_local CallContext* current = nullptr;
// A path of fixed size: nothing may be allocated when it is needed.
char crash_file[4096] = {};

void say(int fd, const char* text) {
    const auto written = ::write(fd, text, std::strlen(text));
    (void)written;
}

// Only what may be called in a signal handler.
void onCrash(int signal) {
    if (current != nullptr && current->instance != nullptr) {
        const char* name = current->instance->name().c_str();
        say(STDERR_FILENO, "hearback: crashed inside plugin instance \"");
        say(STDERR_FILENO, name);
        say(STDERR_FILENO, "\", function ");
        say(STDERR_FILENO, current->function);
        say(STDERR_FILENO, "\n");
        const int fd =
            crash_file[0] == '\0'
                ? -1
                : ::open(crash_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd >= 0) {
            for (const char* line : {name, current->function}) {
                say(fd, line);
                say(fd, "\n");
            }
            ::close(fd);
        }
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

} // namespace

CallContext* currentCall() { return current; }

CallScope::CallScope(CallContext& context) : outer_(current) { current = &context; }

CallScope::~CallScope() { current = outer_; }

void noteCrashesIn(const std::filesystem::path& file) {
    if (file.native().size() < sizeof crash_file) std::strcpy(crash_file, file.c_str());
}

void blameCrashesOnPlugins() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        std::signal(signal, onCrash);
}

} // namespace hearback::loader
