// Notices that somebody saved a file of a project: inotify(7) on its folders. Not in its build
// folder, nor in hidden ones; files that editors keep for themselves do not count.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace hearback::cli::dev {

class Watch {
  public:
    static base::Result<std::unique_ptr<Watch>> on(const std::filesystem::path& folder);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // A file that was saved, created or removed since the last question; empty: none. Does not
    // wait. All that has come is taken at once.
    std::string changed();

  private:
    explicit Watch(int fd) : fd_(fd) {}
    bool add(const std::filesystem::path& folder);
    std::string take(const std::filesystem::path& folder, const std::string& name, bool is_folder);

    const int fd_;
    std::filesystem::path root_;
    std::map<int, std::filesystem::path> folders_;
};

} // namespace hearback::cli::dev
