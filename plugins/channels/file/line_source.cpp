#include "line_source.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::file {

namespace {

constexpr std::size_t kChunk = 256 << 10;

} // namespace

LineSource::~LineSource() { close(); }

void LineSource::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string LineSource::open(const std::string& path) {
    close();
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return "cannot open " + path + ": " + std::strerror(errno);
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close();
        return path + " is no regular file";
    }
    seek(0);
    return {};
}

void LineSource::seek(std::int64_t offset) {
    buffer_.clear();
    used_ = 0;
    buffer_offset_ = offset;
}

std::int64_t LineSource::size() const {
    struct stat facts {};
    return fd_ >= 0 && ::fstat(fd_, &facts) == 0 ? facts.st_size : 0;
}

std::string LineSource::read(std::int64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const ssize_t n =
            ::pread(fd_, bytes.data() + got, size - got, offset + static_cast<std::int64_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
    return bytes;
}

// Appends a chunk; what was used is dropped first. False at the end of the file.
bool LineSource::fill() {
    buffer_.erase(0, used_);
    buffer_offset_ += static_cast<std::int64_t>(used_);
    used_ = 0;
    const std::string chunk =
        read(buffer_offset_ + static_cast<std::int64_t>(buffer_.size()), kChunk);
    buffer_ += chunk;
    return !chunk.empty();
}

// The line goes on beyond what may be held: keeps its beginning, finds its end.
void LineSource::passOver(Line& line) {
    beginning_ = buffer_.substr(used_, kLineMax);
    line.bytes = beginning_;
    line.too_long = true;
    line.complete = false;
    used_ = buffer_.size();
    while (!line.complete && fill()) {
        const auto end = buffer_.find(line_end_);
        line.complete = end != std::string::npos;
        used_ = line.complete ? end + 1 : buffer_.size();
    }
    line.end = buffer_offset_ + static_cast<std::int64_t>(used_);
}

bool LineSource::next(Line& line) {
    std::size_t searched = used_;
    for (;;) {
        line.begin = buffer_offset_ + static_cast<std::int64_t>(used_);
        const auto end = buffer_.find(line_end_, searched);
        if (end == std::string::npos && buffer_.size() - used_ > kLineMax) {
            passOver(line);
            return true;
        }
        const std::size_t pending = buffer_.size() - used_;
        const bool more = end == std::string::npos && fill();
        if (more) {
            searched = used_ + pending;
            continue;
        }
        const std::size_t stop = end == std::string::npos ? buffer_.size() : end + 1;
        if (stop == used_) return false;
        line.bytes = std::string_view(buffer_).substr(used_, stop - used_);
        line.end = line.begin + static_cast<std::int64_t>(stop - used_);
        line.complete = end != std::string::npos;
        line.too_long = line.bytes.size() > kLineMax;
        used_ = stop;
        return true;
    }
}

} // namespace hearback::file
