#include "check/trace.h"

#include "base/clock.h"

#include <fcntl.h>
#include <unistd.h>

namespace hearback::check {

namespace {

nlohmann::json event(const char* name, const char* phase) {
    return {{"name", name},
            {"ph", phase},
            {"ts", base::SystemClock().steady()},
            {"pid", ::getpid()},
            {"tid", ::gettid()}};
}

} // namespace

Trace::Trace(const std::filesystem::path& file) {
    if (file.empty()) return;
    fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

Trace::~Trace() {
    if (fd_ >= 0) ::close(fd_);
}

void Trace::begin(const char* name, const char* side, const nlohmann::json& args) const {
    if (fd_ < 0) return;
    auto json = event(name, "B");
    json["cat"] = side;
    if (!args.is_null()) json["args"] = args;
    write(json);
}

void Trace::end(const char* name, const nlohmann::json& args) const {
    if (fd_ < 0) return;
    auto json = event(name, "E");
    if (!args.is_null()) json["args"] = args;
    write(json);
}

// In one piece: other threads write too.
void Trace::write(const nlohmann::json& event) const {
    const std::string line =
        event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const auto written = ::write(fd_, line.data(), line.size());
    (void)written;
}

} // namespace hearback::check
