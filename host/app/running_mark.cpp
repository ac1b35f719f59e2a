#include "app/running_mark.h"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace hearback::app {

namespace {

std::filesystem::path fileIn(const std::filesystem::path& data_dir) { return data_dir / "running"; }

std::optional<RunningHost> read(int fd) {
    std::array<char, 64> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    if (size <= 0) return std::nullopt;
    std::istringstream words(std::string(text.data(), static_cast<std::size_t>(size)));
    RunningHost host;
    if (!(words >> host.process >> host.looked_at >> host.problems) || host.process <= 0)
        return std::nullopt;
    return host;
}

} // namespace

base::Result<RunningMark> RunningMark::set(const std::filesystem::path& data_dir) {
    const std::filesystem::path file = fileIn(data_dir);
    const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return base::Error{base::Code::Unavailable,
                           file.string() + " cannot be opened: " + std::strerror(errno)};
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const auto other = read(fd);
        ::close(fd);
        return base::Error{base::Code::Conflict,
                           "another `hearback serve` runs on " + data_dir.string() +
                               (other ? " (process " + std::to_string(other->process) + ")" : "")};
    }
    RunningMark mark(fd);
    mark.noteLook(0, 0);
    return mark;
}

RunningMark::RunningMark(RunningMark&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

RunningMark::~RunningMark() {
    if (fd_ >= 0) ::close(fd_);
}

void RunningMark::noteLook(base::Micros at, std::size_t problems) const {
    // One write of a length that does not shrink: a reader sees the old or the new.
    std::string text =
        std::to_string(::getpid()) + " " + std::to_string(at) + " " + std::to_string(problems);
    text.resize(48, ' ');
    (void)::pwrite(fd_, text.data(), text.size(), 0);
}

std::optional<RunningHost> RunningMark::find(const std::filesystem::path& data_dir) {
    const int fd = ::open(fileIn(data_dir).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    const bool is_held = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
    const auto host = is_held ? read(fd) : std::nullopt;
    ::close(fd);
    return host;
}

} // namespace hearback::app
