#include "loader/call_context.h"

#include "loader/instance.h"

#include <csignal>
#include <cstring>
#include <unistd.h>

namespace hearback::loader {

namespace {

thread_local CallContext* current = nullptr;

void say(const char* text) {
    const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
    (void)written;
}

// Only what may be called in a signal handler.
void onCrash(int signal) {
    if (current != nullptr && current->instance != nullptr) {
        say("hearback: crashed inside plugin instance \"");
        say(current->instance->name().c_str());
        say("\", function ");
        say(current->function);
        say("\n");
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

} // namespace

CallContext* currentCall() { return current; }

CallScope::CallScope(CallContext& context) : outer_(current) { current = &context; }

CallScope::~CallScope() { current = outer_; }

void blameCrashesOnPlugins() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        std::signal(signal, onCrash);
}

} // namespace hearback::loader
