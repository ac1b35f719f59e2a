#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace hearback::base {

namespace {

Error fileError(const std::filesystem::path& path, const std::string& what, int error) {
    const Code code = error == ENOENT   ? Code::NotFound
                      : error == ENOSPC ? Code::Full
                                        : Code::Invalid;
    return Error{code, what + " " + path.string() + ": " + std::strerror(error)};
}

bool writeAll(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

Result<std::string> readFile(const std::filesystem::path& path, std::size_t max_bytes) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return fileError(path, "cannot open", errno);
    std::string content;
    char buffer[1 << 16];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        content.append(buffer, static_cast<std::size_t>(in.gcount()));
        if (content.size() > max_bytes)
            return Error{Code::Full, path.string() + " is larger than the " +
                                         std::to_string(max_bytes) + " bytes that are allowed"};
    }
    if (in.bad()) return fileError(path, "cannot read", errno);
    return content;
}

Result<void> writeFile(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::path temporary = path;
    temporary += ".new";
    const int fd = ::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) return fileError(temporary, "cannot create", errno);
    const bool written = writeAll(fd, content) && ::fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
    const Error why = written ? fileError(path, "cannot replace", errno)
                              : fileError(temporary, "cannot write", error);
    ::unlink(temporary.c_str());
    return why;
}

} // namespace hearback::base
