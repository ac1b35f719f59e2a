// What a worker gives up before any code of a plugin runs.
#pragma once

#include "base/result.h"

#include <cstdint>

namespace hearback::worker {

struct Limits {
    std::int64_t memory_mib = 1024; // of address space; 0: no limit
    std::int64_t files = 256;       // descriptors
    bool sockets = false;           // the plugin's manifest needs "sockets"
    bool programs = false;          // it is a program of its own, which may start others
    bool system_calls = true;       // refuse what no plugin needs (seccomp)
};

// Ends with its parent, gains no rights, dumps no core, keeps to its limits. An error where the
// system does not grant it: then the worker must not go on.
base::Result<void> enterSandbox(const Limits& limits);

} // namespace hearback::worker
