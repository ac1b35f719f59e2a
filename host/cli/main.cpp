#include "cli/command_line.h"
#include "runtime/call_context.h"

int main(int argc, char** argv) {
    hearback::runtime::blameCrashesOnPlugins();
    return hearback::cli::run(argc, argv);
}
