#include "runtime/worker_process.h"

#include "base/log.h"
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::runtime {

namespace {

using nlohmann::json;

constexpr int kProtocol = 1;
constexpr base::Micros kHelloMax = 10 * base::kSecond;
constexpr base::Micros kSendPatience = 10 * base::kSecond;
constexpr std::size_t kLineMax = 4096;
constexpr int kLookEveryMs = 250;
constexpr std::chrono::milliseconds kCallsFollow(10);

std::string describe(int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        return "crashed with signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
    }
    return "ended by itself with status " + std::to_string(WEXITSTATUS(status));
}

std::string textOf(const json& head, const char* key) {
    const auto found = head.find(key);
    return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

base::Result<std::shared_ptr<WorkerProcess>>
WorkerProcess::launch(Spawner& spawner, const std::vector<std::string>& words, int library,
                      std::string what, const WorkerLimits& limits, base::Clock& clock) {
    const auto child = spawner.spawn(words, library);
    if (!child) return child.error();
    std::shared_ptr<WorkerProcess> process(
        new WorkerProcess(*child, std::move(what), limits, clock));
    const auto greeted = process->greet();
    if (!greeted) return greeted.error();
    process->start();
    return process;
}

WorkerProcess::WorkerProcess(Child child, std::string what, const WorkerLimits& limits,
                             base::Clock& clock)
    : child_(child), what_(std::move(what)), limits_(limits), clock_(clock), socket_(child.socket),
      started_at_(clock.steady()), notes_(limits.notes_max, 10 * base::kSecond) {
    socket_.setPatience(kSendPatience);
    ::fcntl(child_.output, F_SETFL, O_NONBLOCK);
    pinged_at_ = ponged_at_ = cpu_window_at_ = started_at_;
}

WorkerProcess::~WorkerProcess() {
    {
        const std::lock_guard lock(mutex_);
        wanted_end_ = true;
    }
    end("is not needed any more");
    // The reader buries the process; where it was never started, this thread does.
    if (reader_.joinable())
        reader_.join();
    else
        bury();
    {
        const std::lock_guard lock(mutex_);
        watcher_.request_stop();
        for (std::jthread& servant : servants_) servant.request_stop();
    }
    changed_.notify_all();
    if (watcher_.joinable()) watcher_.join();
    servants_.clear();
    ::close(child_.output);
}

// The first frame says that the plugin was loaded, or why not. Within a limit: a static constructor
// may never return.
base::Result<void> WorkerProcess::greet() {
    std::atomic<bool> is_late = false;
    std::jthread alarm([&](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, std::chrono::microseconds(kHelloMax), [] { return false; });
        if (stop.stop_requested()) return;
        is_late = true;
        ::kill(child_.pid, SIGKILL);
    });
    auto hello = socket_.receive();
    alarm.request_stop();
    alarm.join();
    if (!hello) {
        if (is_late)
            end("said no hello within " + std::to_string(kHelloMax / base::kSecond) + " s");
        bury();
        std::string rest;
        passOnOutput(rest);
        return base::Error{base::Code::Internal, cause_};
    }
    const std::string problem = textOf(hello->head, "problem");
    if (!problem.empty()) return base::Error{base::Code::Invalid, problem};
    if (hello->head.value("hello", json()) != kProtocol)
        return base::Error{base::Code::Unsupported, "the worker of " + what_ +
                                                        " speaks another protocol than version " +
                                                        std::to_string(kProtocol)};
    speaks_json_ = textOf(hello->head, "encoding") == "json";
    return {};
}

void WorkerProcess::start() {
    reader_ = std::jthread([this] { readBetweenCalls(); });
    watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void WorkerProcess::admit(const std::string& instance, Tenant tenant) {
    const std::lock_guard lock(mutex_);
    tenants_[instance] = std::move(tenant);
}

void WorkerProcess::dismiss(const std::string& instance) {
    {
        const std::lock_guard lock(mutex_);
        if (tenants_.erase(instance) == 0 || is_reaped_) return;
    }
    (void)socket_.send({{"note", "destroy"}, {"to", instance}});
}

bool WorkerProcess::isAlive() const {
    const std::lock_guard lock(mutex_);
    return !is_reaped_ && killed_for_.empty();
}

std::string WorkerProcess::cause() const {
    const std::lock_guard lock(mutex_);
    return is_reaped_ ? cause_ : killed_for_;
}

void WorkerProcess::readBetweenCalls() {
    std::unique_lock lock(mutex_);
    auto calls = next_call_;
    while (!is_over_) {
        if (is_read_ || next_call_ != calls) {
            calls = next_call_;
            over_.wait_for(lock, kCallsFollow, [&] { return is_over_; });
        } else {
            readOne(lock);
        }
    }
    lock.unlock();
    bury();
}

// One frame, or the end. By one thread at a time.
void WorkerProcess::readOne(std::unique_lock<std::mutex>& lock) {
    is_read_ = true;
    lock.unlock();
    auto frame = socket_.receive();
    if (frame)
        take(std::move(*frame));
    else if (frame.error().code == base::Code::Corrupt)
        end("broke the protocol: sent " + frame.error().message);
    lock.lock();
    is_read_ = false;
    if (!frame) {
        is_over_ = true;
        over_.notify_all();
    }
    if (callers_waiting_ > 0) changed_.notify_all();
}

void WorkerProcess::watch(const std::stop_token& stop) {
    std::string rest;
    while (!stop.stop_requested()) {
        pollfd output{child_.output, POLLIN, 0};
        ::poll(&output, 1, kLookEveryMs);
        passOnOutput(rest);
        // The other end is closed: nothing to poll for any more.
        if ((output.revents & (POLLHUP | POLLERR)) != 0 && (output.revents & POLLIN) == 0) {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, std::chrono::milliseconds(kLookEveryMs),
                              [&] { return stop.stop_requested(); });
        }
        look(clock_.steady());
    }
    passOnOutput(rest);
}

// Line by line into the log. Its own output is the last word of a plugin that crashed.
void WorkerProcess::passOnOutput(std::string& rest) {
    std::array<char, 4096> buffer{};
    for (int rounds = 0; rounds < 16; ++rounds) {
        const ssize_t n = ::read(child_.output, buffer.data(), buffer.size());
        if (n <= 0) break;
        rest.append(buffer.data(), static_cast<std::size_t>(n));
        for (;;) {
            const auto end_of_line = rest.find('\n');
            if (end_of_line == std::string::npos && rest.size() <= kLineMax) break;
            const auto verdict = output_lines_.admit(clock_.steady());
            if (verdict != base::WindowLimit::Verdict::Refused && end_of_line != 0)
                base::logInfo("plugin",
                              verdict == base::WindowLimit::Verdict::LastOne
                                  ? "writes too much; the rest of the next seconds is left out"
                                  : base::repairUtf8(base::truncateUtf8(
                                        std::string_view(rest).substr(0, end_of_line), kLineMax)),
                              {{"plugin", what_}, {"from", "output"}});
            rest.erase(0, end_of_line == std::string::npos ? rest.size() : end_of_line + 1);
        }
    }
}

void WorkerProcess::look(base::Micros now) {
    std::unique_lock lock(mutex_);
    if (is_reaped_ || !killed_for_.empty()) return;
    if (ponged_at_ < pinged_at_ && now - pinged_at_ > limits_.heartbeat_max) {
        lock.unlock();
        end("does not answer its heartbeat");
        return;
    }
    std::set<std::string> overdue;
    std::string hung;
    for (auto& [number, pending] : pending_) {
        if (pending.done || now < pending.deadline) continue;
        if (now > pending.deadline + limits_.grace) hung = pending.function;
        if (!pending.cancelled) overdue.insert(pending.instance);
        pending.cancelled = true;
    }
    const bool ping = now - pinged_at_ >= limits_.heartbeat && ponged_at_ >= pinged_at_;
    if (ping) pinged_at_ = now;
    lock.unlock();
    if (!hung.empty()) {
        end("did not return from " + hung + " in time");
        return;
    }
    for (const std::string& instance : overdue) callBack(instance);
    if (ping) (void)socket_.send({{"note", "ping"}});
    checkProcessorTime(now);
}

// From /proc/PID/stat, fields 14 and 15: https://man7.org/linux/man-pages/man5/proc.5.html
void WorkerProcess::checkProcessorTime(base::Micros now) {
    if (limits_.cpu_per_minute == 0) return;
    std::ifstream in("/proc/" + std::to_string(child_.pid) + "/stat");
    std::string stat;
    std::getline(in, stat);
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) return;
    std::istringstream fields(stat.substr(name_end + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    long long user = 0;
    long long system = 0;
    fields >> user >> system;
    const base::Micros used = (user + system) * base::kSecond / ::sysconf(_SC_CLK_TCK);
    if (now - cpu_window_at_ > base::kMinute) {
        cpu_window_at_ = now;
        cpu_at_window_ = used;
    }
    if (used - cpu_at_window_ > limits_.cpu_per_minute)
        end("used more than " + std::to_string(limits_.cpu_per_minute / base::kSecond) +
            " s of processor time within a minute");
}

// The lock keeps the number of the process its own: it is given up in bury() only.
void WorkerProcess::end(const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (is_reaped_) return;
    if (killed_for_.empty()) killed_for_ = why;
    ::kill(child_.pid, SIGKILL);
    socket_.shutDown();
}

// The process is gone, and everybody who waits for it learns why: the tenants first, so that who is
// answered finds the end noted already.
void WorkerProcess::bury() {
    {
        const std::lock_guard lock(mutex_);
        if (is_reaped_) return;
        ::kill(child_.pid, SIGKILL);
    }
    siginfo_t seen{};
    while (::waitid(P_PID, static_cast<id_t>(child_.pid), &seen, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
    std::vector<std::function<void(const std::string&)>> mourners;
    std::string cause;
    {
        const std::lock_guard lock(mutex_);
        int status = 0;
        ::waitpid(child_.pid, &status, 0);
        is_reaped_ = true;
        std::string where;
        for (const auto& [number, pending] : pending_)
            if (!pending.done) where = " in " + pending.function;
        cause_ = "the worker of " + what_ + " " +
                 (killed_for_.empty() ? describe(status) + where : killed_for_);
        cause = cause_;
        if (!wanted_end_)
            for (const auto& [name, tenant] : tenants_)
                if (tenant.on_death) mourners.push_back(tenant.on_death);
    }
    for (const auto& mourner : mourners) mourner(cause);
    {
        const std::lock_guard lock(mutex_);
        dead_ = true;
    }
    changed_.notify_all();
}

} // namespace hearback::runtime
