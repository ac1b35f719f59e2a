// The built program as a child, with what it used.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hearback::bench {

struct Used {
    int code = -1;
    double wall_s = 0;
    double cpu_s = 0;
    double peak_mib = 0;
};

double nowSeconds();
std::string hearbackProgram();

// Runs it to its end.
Used run(const std::vector<std::string>& words);

// A child that runs until it is stopped.
class Running {
  public:
    explicit Running(const std::vector<std::string>& words);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    // Resident memory now.
    double residentMib() const;
    Used stop();

  private:
    int pid_ = -1;
    double begun_ = 0;
};

} // namespace hearback::bench
