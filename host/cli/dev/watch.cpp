#include "cli/dev/watch.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>

namespace hearback::cli::dev {

namespace {

constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR;

// Hidden files, and those that editors write beside a file while it is open.
bool isOfAnEditor(const std::string& name) {
    return name.empty() || name.front() == '.' || name.front() == '#' || name.back() == '~' ||
           name == "4913";
}

} // namespace

base::Result<std::unique_ptr<Watch>> Watch::on(const std::filesystem::path& folder) {
    std::unique_ptr<Watch> watch(new Watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)));
    watch->root_ = folder;
    if (watch->fd_ < 0 || !watch->add(folder))
        return base::Error{base::Code::Unavailable,
                           "cannot watch " + folder.string() + ": " + std::strerror(errno)};
    return watch;
}

Watch::~Watch() {
    if (fd_ >= 0) ::close(fd_);
}

bool Watch::add(const std::filesystem::path& folder) {
    const int number = ::inotify_add_watch(fd_, folder.c_str(), kEvents);
    if (number < 0) return false;
    folders_[number] = folder;
    std::error_code error;
    for (const auto& inner : std::filesystem::directory_iterator(folder, error)) {
        if (!inner.is_directory(error) || inner.is_symlink(error)) continue;
        const std::string name = inner.path().filename();
        if (isOfAnEditor(name) || (folder == root_ && name == "build")) continue;
        (void)add(inner.path());
    }
    return true;
}

std::string Watch::take(const std::filesystem::path& folder, const std::string& name,
                        bool is_folder) {
    if (isOfAnEditor(name) || (folder == root_ && name == "build")) return {};
    if (is_folder) (void)add(folder / name);
    return (folder / name).lexically_relative(root_);
}

std::string Watch::changed() {
    std::string last;
    alignas(inotify_event) std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t size = ::read(fd_, buffer.data(), buffer.size());
        if (size <= 0) return last;
        for (ssize_t at = 0; at < size;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            // The name stands behind the event and is filled up with zeros.
            const char* name = buffer.data() + at + sizeof event;
            at += static_cast<ssize_t>(sizeof event + event.len);
            const auto folder = folders_.find(event.wd);
            if (event.len == 0 || folder == folders_.end()) continue;
            // What is created empty is told once more when it is written.
            const bool is_folder = (event.mask & IN_ISDIR) != 0;
            if ((event.mask & IN_CREATE) != 0 && !is_folder) continue;
            const std::filesystem::path where = folder->second;
            if (std::string file = take(where, name, is_folder); !file.empty())
                last = std::move(file);
        }
    }
}

} // namespace hearback::cli::dev
