// A good channel whose library misbehaves while it is loaded, before anybody has called it.
#include <hearback/sdk/plugin.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace {

struct OnLoad {
    OnLoad() {
#if defined(ON_LOAD_crashes)
        std::raise(SIGSEGV);
#elif defined(ON_LOAD_hangs)
        std::this_thread::sleep_for(std::chrono::hours(1));
#else
        std::_Exit(0);
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
