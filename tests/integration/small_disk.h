// A small file system in memory, gone with the object. Needs rights that not every user has.
#pragma once

#include <filesystem>
#include <string>
#include <sys/mount.h>

namespace hearback::testing {

class SmallDisk {
  public:
    explicit SmallDisk(const std::filesystem::path& where, const std::string& size)
        : where_(where.string()) {
        std::filesystem::create_directories(where);
        mounted_ = ::mount("none", where_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }
    void grow(const std::string& size) const {
        ::mount("none", where_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str());
    }

  private:
    std::string where_;
    bool mounted_ = false;
};

} // namespace hearback::testing
