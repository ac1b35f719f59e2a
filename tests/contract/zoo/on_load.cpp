// A good channel whose library misbehaves while it is loaded, before anybody has called it.
#include <hearback/sdk/plugin.hpp>

#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace {

struct OnLoad {
    OnLoad() {
#if defined(ON_LOAD_crashes)
        std::raise(SIGSEGV);
#elif defined(ON_LOAD_hangs)
        std::this_thread::sleep_for(std::chrono::hours(1));
#elif defined(ON_LOAD_exits)
        std::_Exit(0);
#elif defined(ON_LOAD_throws)
        throw 7;
#elif defined(ON_LOAD_forks)
        // Harmless where the worker's filter is on: it gets no process.
        if (::fork() == 0) ::_exit(0);
#elif defined(ON_LOAD_starts_threads)
        for (int i = 0; i < 4; ++i)
            std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
#elif defined(ON_LOAD_closes_files)
        for (int fd = 0; fd < 10; ++fd) ::close(fd);
#elif defined(ON_LOAD_prints)
        const std::string line(1 << 16, 'x');
        for (int i = 0; i < (1 << 12); ++i) (void)!::write(1, line.data(), line.size());
#elif defined(ON_LOAD_changes_world)
        std::setlocale(LC_ALL, "C");
        ::umask(0777);
        (void)!::chdir("/proc");
        ::clearenv();
        std::signal(SIGTERM, SIG_IGN);
#endif
    }
} on_load;

class Quiet final : public hearback::Channel {
  public:
    static constexpr auto kAbout = hearback::about("on-load", "1.0.0", "Misbehaves when loaded");
    explicit Quiet(hearback::Host&) {}
    hearback::Status poll(hearback::BatchOut&, const hearback::PollLimits&) override {
        return hearback::Status::end();
    }
};

} // namespace

HEARBACK_PLUGIN(Quiet)
