#include "rotating_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::file_sink {

namespace {

std::string problem(const std::string& what, const std::string& path) {
    return what + " " + path + ": " + std::strerror(errno);
}

// The last bytes of a file from a descriptor; empty where it cannot be read.
std::string lastBytes(int fd, std::size_t bytes) {
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) return {};
    const auto size = static_cast<std::size_t>(facts.st_size);
    const std::size_t wanted = std::min(size, bytes);
    std::string text(wanted, '\0');
    const ssize_t got = ::pread(fd, text.data(), wanted, static_cast<off_t>(size - wanted));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (wanted < size) text.erase(0, text.find('\n') + 1);
    return text;
}

} // namespace

RotatingFile::~RotatingFile() { close(); }

void RotatingFile::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string RotatingFile::open(const std::string& path, std::int64_t rotate_bytes,
                               std::int64_t keep) {
    path_ = path;
    rotate_bytes_ = rotate_bytes;
    keep_ = keep;
    std::error_code error;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    return reopen();
}

std::string RotatingFile::whyNotWritable(const std::string& path) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
        if (!std::filesystem::is_regular_file(path, error)) return path + " is no regular file";
        const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
        if (fd < 0) return problem("cannot open", path);
        ::close(fd);
        return {};
    }
    // A file without a name, in the folder that is there already.
    auto folder = std::filesystem::absolute(path, error).parent_path();
    while (!folder.empty() && folder != folder.root_path() &&
           !std::filesystem::exists(folder, error))
        folder = folder.parent_path();
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0640);
    const bool is_unknown = fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR);
    if (fd >= 0) ::close(fd);
    if (fd >= 0 || (is_unknown && ::access(folder.c_str(), W_OK) == 0)) return {};
    return problem("cannot write into", folder.string());
}

std::string RotatingFile::reopen() {
    close();
    fd_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0640);
    if (fd_ < 0) return problem("cannot open", path_);
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close();
        return path_ + " is no regular file";
    }
    size_ = facts.st_size;
    flushed_ = size_;
    // Written when the process ended in the middle of it: the delivery comes again.
    const std::string end = lastBytes(fd_, 1 << 20);
    const auto last = end.rfind('\n');
    const std::size_t cut = last == std::string::npos ? end.size() : end.size() - last - 1;
    if (cut > 0) {
        if (::ftruncate(fd_, size_ - static_cast<off_t>(cut)) != 0)
            return problem("cannot mend", path_);
        size_ -= static_cast<std::int64_t>(cut);
        flushed_ = size_;
    }
    return {};
}

std::string RotatingFile::append(std::string_view lines) {
    std::int64_t written = 0;
    while (written < static_cast<std::int64_t>(lines.size())) {
        const auto at = static_cast<std::size_t>(written);
        const ssize_t n = ::write(fd_, lines.data() + at, lines.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            std::string why = problem("cannot write", path_);
            if (written > 0 && ::ftruncate(fd_, size_) != 0)
                return why + " (and cannot take it back)";
            return why;
        }
        written += n;
    }
    size_ += written;
    return {};
}

std::string RotatingFile::flush() {
    if (::fdatasync(fd_) == 0) {
        flushed_ = size_;
        return {};
    }
    // What the disk did not take the kernel may drop, and the next flush would say nothing of it:
    // https://www.kernel.org/doc/html/latest/filesystems/vfs.html (handling errors during
    // writeback)
    std::string why = problem("cannot flush", path_);
    if (::ftruncate(fd_, flushed_) != 0) return why + " (and cannot take it back)";
    size_ = flushed_;
    return why;
}

std::string RotatingFile::numbered(std::int64_t number) const {
    const std::filesystem::path path(path_);
    return (path.parent_path() /
            (path.stem().string() + "." + std::to_string(number) + path.extension().string()))
        .string();
}

bool RotatingFile::rotateIfLarge() {
    if (rotate_bytes_ <= 0 || size_ < rotate_bytes_) return false;
    (void)std::remove(numbered(keep_).c_str());
    for (std::int64_t number = keep_ - 1; number >= 1; --number)
        (void)std::rename(numbered(number).c_str(), numbered(number + 1).c_str());
    if (std::rename(path_.c_str(), numbered(1).c_str()) != 0) return false;
    return reopen().empty();
}

std::string RotatingFile::tail(std::size_t bytes) const { return lastBytes(fd_, bytes); }

std::string RotatingFile::previousTail(std::size_t bytes) const {
    const int fd = ::open(numbered(1).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    std::string text = lastBytes(fd, bytes);
    ::close(fd);
    return text;
}

} // namespace hearback::file_sink
