// Starts worker processes, from one thread that lives as long as the host: the signal that ends a
// child with its parent fires when the thread that started it ends, not only the process.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace hearback::runtime {

// Descriptors are the caller's from now on.
struct Child {
    pid_t pid = -1;
    int socket = -1; // frames; the child has its end as descriptor 3
    int output = -1; // what it writes to standard output and error
};

class Spawner {
  public:
    static constexpr int kLibraryInChild = 4;

    Spawner();

    // The program and its arguments. `library`: a descriptor that the child has as number 4, where
    // it is not -1. The child has an empty environment but for PATH and LANG,
    // /dev/null as input, and no other descriptor of this process.
    base::Result<Child> spawn(const std::vector<std::string>& words, int library = -1);

  private:
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any asked_;
    std::vector<std::function<void()>> waiting_;
    std::jthread thread_;
};

} // namespace hearback::runtime
