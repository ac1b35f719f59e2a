#include "cli/command_line.h"
#include "loader/call_context.h"

#include <sys/stat.h>

int main(int argc, char** argv) {
    // What people wrote is nobody else's business: every file that is made, by plugins too.
    ::umask(S_IWGRP | S_IRWXO);
    hearback::loader::blameCrashesOnPlugins();
    return hearback::cli::run(argc, argv);
}
