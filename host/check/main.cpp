#include "check/command_line.h"
#include "check/run.h"

// A plugin that crashes on purpose, or is there twice, is no finding of a sanitizer's; what it does
// to memory still is.
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizer asks for this name.
extern "C" const char* __asan_default_options();
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0:"
           "detect_leaks=0:detect_odr_violation=0:allocator_may_return_null=1";
}
// NOLINTEND(bugprone-reserved-identifier)

int main(int count, char** words) {
    int code = hearback::check::kPassed;
    const auto options = hearback::check::readWords(count, words, code);
    return options ? hearback::check::run(*options) : code;
}
