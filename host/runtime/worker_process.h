// One worker process: starts, is spoken to over frames, is watched, ends.
//
// A worker is not trusted. A frame that makes no sense, a call that does not return within its
// limit, a heartbeat that stops, more requests at once than it has credit for, more processor time
// than it may use: each ends it, with SIGKILL, and what was under way is answered with the cause.
#pragma once

#include "base/clock.h"
#include "base/window_limit.h"
#include "frames/frame_socket.h"
#include "loader/host_services.h"
#include "pipeline/plugins.h"
#include "runtime/spawner.h"
#include "runtime/worker_limits.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearback::runtime {

class WorkerProcess {
  public:
    // What one instance in the worker needs of the host.
    struct Tenant {
        std::shared_ptr<loader::HostServices> services;
        std::function<void()> on_wake;
        // The process has ended by itself or was ended for its misbehaviour; called once, on a
        // thread of this object.
        std::function<void(const std::string& cause)> on_death;
        bool cancelled = false; // since its last start
    };

    // Starts the program and waits for its hello. `what` names the plugin in messages.
    static base::Result<std::shared_ptr<WorkerProcess>>
    launch(Spawner& spawner, const std::vector<std::string>& words, int library, std::string what,
           const WorkerLimits& limits, base::Clock& clock);
    // Ends the process.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    void admit(const std::string& instance, Tenant tenant);
    void dismiss(const std::string& instance);

    struct Reply {
        pipeline::Answer answer;
        nlohmann::json head; // with what else it carries
    };
    // A call to an instance, which has so long to return. Any thread.
    Reply call(const std::string& instance, nlohmann::json head, std::string_view body,
               base::Micros limit);
    // Asks what is under way to come back; it has the grace time for it. Nothing that the instance
    // asks of the host is waited for any more, until it is started again.
    void cancel(const std::string& instance);

    bool isAlive() const;
    // Why it ended; empty while it lives.
    std::string cause() const;
    base::Micros startedAt() const { return started_at_; }
    // Whether bodies are JSON (runtime/json_bodies.h).
    bool speaksJson() const { return speaks_json_; }
    pid_t pid() const { return child_.pid; }

  private:
    struct Pending {
        std::string instance;
        std::string function;
        base::Micros deadline = 0;
        bool cancelled = false;
        bool done = false;
        Reply reply;
    };
    struct Ask {
        frames::Frame frame;
        std::string instance;
        std::shared_ptr<loader::HostServices> services;
        bool is_early = false; // its instance is being made or configured
    };

    WorkerProcess(Child child, std::string what, const WorkerLimits& limits, base::Clock& clock);
    base::Result<void> greet();
    void start();
    void readBetweenCalls();
    void readOne(std::unique_lock<std::mutex>& lock);
    void take(frames::Frame frame);
    void takeNote(const nlohmann::json& head);
    void takeAsk(frames::Frame frame);
    void serve(const std::stop_token& stop);
    bool isConfiguring(const std::string& instance) const; // with mutex_
    bool isInVain(const std::string& instance) const;
    void callBack(const std::string& instance);
    void watch(const std::stop_token& stop);
    void passOnOutput(std::string& rest);
    void look(base::Micros now);
    void checkProcessorTime(base::Micros now);
    void end(const std::string& why);
    void bury();

    Child child_;
    const std::string what_;
    const WorkerLimits limits_;
    base::Clock& clock_;
    frames::FrameSocket socket_;
    base::Micros started_at_ = 0;
    bool speaks_json_ = false;
    base::WindowLimit notes_;
    base::WindowLimit output_lines_{200, 10 * base::kSecond};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // Who waits for an answer reads it, so that it is not handed from thread to thread; the reader
    // reads what comes when no calls are made.
    bool is_read_ = false;
    bool is_over_ = false; // there is nothing more to read: the reader buries the process
    std::condition_variable over_;
    std::size_t callers_waiting_ = 0; // while another one reads
    std::map<std::string, Tenant> tenants_;
    std::map<std::uint64_t, Pending> pending_;
    std::uint64_t next_call_ = 1;
    std::deque<Ask> asks_;
    std::size_t asks_under_way_ = 0;
    base::Micros pinged_at_ = 0;
    base::Micros ponged_at_ = 0;
    base::Micros cpu_window_at_ = 0;
    base::Micros cpu_at_window_ = 0;
    std::string killed_for_; // why this host ended it
    bool wanted_end_ = false;
    bool is_reaped_ = false; // the number of the process is not its own any more
    bool dead_ = false;      // and everybody was told
    std::string cause_;

    std::jthread reader_;
    std::jthread watcher_;
    std::vector<std::jthread> servants_;
};

} // namespace hearback::runtime
