#include "cli/stop_signal.h"

#include <csignal>
#include <cstring>
#include <ctime>

namespace hearback::cli {

namespace {

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

const char* StopSignal::name() const { return received_ == 0 ? "" : strsignal(received_); }

} // namespace hearback::cli
