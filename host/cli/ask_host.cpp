#include "cli/ask_host.h"

#include <chrono>
#include <csignal>
#include <thread>

namespace hearback::cli {

namespace {

constexpr base::Micros kLookPatience = 60 * base::kSecond;

} // namespace

bool waitFor(base::Clock& clock, base::Micros patience, const std::function<bool()>& done) {
    const base::Micros deadline = clock.steady() + patience;
    while (!done()) {
        if (clock.steady() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

std::optional<app::RunningHost> askToLook(const config::Settings& settings,
                                          const app::RunningHost& host, base::Clock& clock) {
    const std::string process = "process " + std::to_string(host.process);
    if (::kill(host.process, SIGHUP) != 0) {
        complain(process + " cannot be asked: run this as its user");
        return std::nullopt;
    }
    std::optional<app::RunningHost> now;
    const bool has_looked = waitFor(clock, kLookPatience, [&] {
        now = app::RunningMark::find(settings.data_dir);
        return !now || now->looked_at > host.looked_at;
    });
    if (has_looked && now) return now;
    complain(process + (has_looked ? " has ended" : " does not look") + ": see its log");
    return std::nullopt;
}

} // namespace hearback::cli
