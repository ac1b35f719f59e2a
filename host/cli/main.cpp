#include "cli/command_line.h"
#include "loader/call_context.h"

#include <sys/stat.h>

// For the allocator (jemalloc(3), TUNING): hundreds of connections, each with a thread, must not
// keep much each.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "narenas:2,tcache_max:4096";
}

int main(int argc, char** argv) {
    // What people wrote is nobody else's business: every file that is made, by plugins too.
    ::umask(S_IWGRP | S_IRWXO);
    hearback::loader::blameCrashesOnPlugins();
    return hearback::cli::run(argc, argv);
}
