// A process without memory: from now on there are so many bytes left, and no more come.
#pragma once

#include <cstddef>
#include <sys/resource.h>
#include <vector>

namespace hearback::check {

// Not under a sanitizer, which needs memory of its own.
bool canStarve();

class Hunger {
  public:
    explicit Hunger(std::size_t left);
    ~Hunger();
    Hunger(const Hunger&) = delete;
    Hunger& operator=(const Hunger&) = delete;

  private:
    rlimit before_{};
    std::vector<void*> eaten_;
};

} // namespace hearback::check
