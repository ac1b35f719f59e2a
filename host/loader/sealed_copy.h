// The bytes of a library as they were read once, in memory that nobody can change any more. What
// was looked at, hashed and trusted is what is loaded, whatever happens to the file meanwhile; and
// two versions of one file can be loaded side by side.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hearback::loader {

// SHA-256, in small hexadecimal digits.
std::string hashOf(std::string_view bytes);

class SealedCopy {
  public:
    // Of a file whose bytes have this hash still; an error where they have another one.
    static base::Result<std::shared_ptr<SealedCopy>> make(const std::filesystem::path& file,
                                                          const std::string& hash);
    ~SealedCopy();
    SealedCopy(const SealedCopy&) = delete;
    SealedCopy& operator=(const SealedCopy&) = delete;

    int descriptor() const { return fd_; }
    // Never closed from now on: the loader knows a library by its path, which a later copy must not
    // come to have. A library that was loaded stays for the life of the process anyway.
    void keep() { is_kept_ = true; }
    // Under which this process finds it.
    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

  private:
    explicit SealedCopy(int fd) : fd_(fd) {}
    int fd_;
    bool is_kept_ = false;
};

} // namespace hearback::loader
