#include "cli/stop_signal.h"

#include "base/log.h"
#include "cli/exit_codes.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace hearback::cli {

namespace {

constexpr long kLookEveryNs = 20 * 1000 * 1000;

sigset_t awaited(StopSignal::Hangup hangup) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (hangup == StopSignal::Hangup::IsRequest) sigaddset(&set, SIGHUP);
    return set;
}

} // namespace

StopSignal::StopSignal(Hangup hangup) : hangup_(hangup) {
    // A peer that closes its socket is told by the write, not by a signal.
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = awaited(hangup_);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool StopSignal::wait(base::Micros duration) {
    if (received_ != 0) return true;
    const sigset_t set = awaited(hangup_);
    timespec time{};
    time.tv_sec = static_cast<time_t>(duration / base::kSecond);
    time.tv_nsec = static_cast<long>(duration % base::kSecond * 1000);
    const int signal = sigtimedwait(&set, nullptr, &time);
    if (signal <= 0) return false;
    if (signal == SIGHUP) {
        hung_up_ = true;
        return false;
    }
    received_ = signal;
    // From now on a signal is not waited for: the next one ends the process.
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return true;
}

EndsAtOnce::EndsAtOnce()
    : waiting_([](const std::stop_token& stop) {
          const sigset_t set = awaited(StopSignal::Hangup::Ends);
          const timespec slice{0, kLookEveryNs};
          while (!stop.stop_requested()) {
              if (sigtimedwait(&set, nullptr, &slice) <= 0) continue;
              base::logInfo("app", "stopped while it started");
              std::fflush(nullptr);
              std::_Exit(kDone);
          }
      }) {}

EndsBy::EndsBy(base::Clock& clock, base::Micros duration)
    : rest_(clock), waiting_([this, duration](const std::stop_token& stop) {
          (void)rest_.wait(duration, stop);
          if (stop.stop_requested()) return;
          base::logError("app", "not stopped in time: what is under way is left as it is",
                         {{"seconds", duration / base::kSecond}});
          std::fflush(nullptr);
          std::_Exit(kFailed);
      }) {}

const char* StopSignal::name() const { return received_ == 0 ? "" : strsignal(received_); }

} // namespace hearback::cli
