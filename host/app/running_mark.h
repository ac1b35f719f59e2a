// Says that a host runs on a data directory: which process, and when it last looked for new
// versions of its plugins and at its configuration. Held by a lock of the operating system, so that
// a mark left by a process that is gone counts for nothing.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <filesystem>
#include <optional>
#include <sys/types.h>

namespace hearback::app {

struct RunningHost {
    pid_t process = 0;
    base::Micros looked_at = 0; // 0: not since its start
    std::size_t problems = 0;   // of the configuration that it refused then
};

class RunningMark {
  public:
    // An error where another host runs there.
    static base::Result<RunningMark> set(const std::filesystem::path& data_dir);
    ~RunningMark();
    RunningMark(RunningMark&& other) noexcept;
    RunningMark& operator=(RunningMark&&) = delete;

    void noteLook(base::Micros at, std::size_t problems) const;
    // The host that runs on the directory; none where none does.
    static std::optional<RunningHost> find(const std::filesystem::path& data_dir);

  private:
    explicit RunningMark(int fd) : fd_(fd) {}
    int fd_;
};

} // namespace hearback::app
