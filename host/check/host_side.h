// The host as one instance sees it, for a test: it keeps what it is told, and notes every call that
// comes from a thread, or at a time, at which the boundary does not allow it. Lives until the
// process ends, so that calls which come too late are seen and not crashed on.
#pragma once

#include "base/clock.h"
#include "check/kv.h"
#include "check/scripted_http.h"
#include "check/trace.h"

#include "hearback/plugin/host_services.h"

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace hearback::check {

class GuardedBytes;

// What all hosts of a test share.
struct World {
    ScriptedHttp& http;
    Kv& kv;
    const Trace& trace;
    std::map<std::string, std::string> secrets; // values by the name of their setting
    std::atomic<base::Micros> clock_skew{0};
};

// Which of its optional tables a host offers.
struct Feature {
    unsigned bit;
    const char* id;
};
inline constexpr std::array kFeatures = {
    Feature{1, HB_EXT_HOST_HTTP_1},     Feature{2, HB_EXT_HOST_INGRESS_1},
    Feature{4, HB_EXT_HOST_SECRETS_1},  Feature{8, HB_EXT_HOST_KV_1},
    Feature{16, HB_EXT_HOST_METRICS_1}, Feature{32, HB_EXT_HOST_THREAD_CHECK_1},
    Feature{64, HB_EXT_HOST_OAUTH_1},   Feature{128, HB_EXT_HOST_SCHEDULER_1}};
inline constexpr unsigned kAllFeatures = 255;

struct HostOptions {
    std::string name = "check"; // of the instance
    unsigned features = kAllFeatures;
    std::uint32_t abi_minor = HB_ABI_MINOR;
    std::uint32_t unknown_bytes = 0; // behind the fields that are known: a later host
    bool is_guarded = false;         // the table ends where its page ends
};

struct Line {
    int level = 0;
    std::string text;
};

// What an instance has told.
struct Heard {
    std::vector<Line> lines;
    std::set<std::string> figures; // names
    std::vector<hb_route> routes;
    std::vector<std::string> route_texts; // "POST /path"
    std::uint64_t wakes = 0;
    std::vector<std::string> violations; // calls from where they are not allowed
    std::vector<std::string> late;       // and when nothing may come any more
};

class HostSide;

// A call into the plugin on this thread.
struct CallUnderWay {
    HostSide* host = nullptr;
    int role = HB_ROLE_NONE;
    const char* function = "";
    std::string error;
    std::string detail;
    std::int64_t retry_after_ms = 0;
};

class HostSide {
  public:
    HostSide(World& world, HostOptions options);
    ~HostSide();
    HostSide(const HostSide&) = delete;
    HostSide& operator=(const HostSide&) = delete;

    const hb_host* table() const;
    const std::string& name() const { return options_.name; }
    const Trace& trace() const { return world_.trace; }

    void setState(int state) { state_ = state; }
    int state() const { return state_; }
    // From now on no thread of the plugin's own may call.
    void setQuiet(bool quiet) { is_quiet_ = quiet; }
    void setCancelled(bool cancelled) { is_cancelled_ = cancelled; }
    Heard heard() const;
    void forgetRoutes();
    void forget(); // everything heard

    static CallUnderWay* current();
    // What a fault now would be in: read by signal handlers.
    static const char* functionUnderWay();

    // Makes `call` the current one of this thread for a scope.
    class Scope {
      public:
        explicit Scope(CallUnderWay& call);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        CallUnderWay* outer_;
        const char* outer_function_;
    };

  private:
    friend struct CheckTables;
    enum class Who { Anybody, Service, Start }; // may call a function

    void look(const char* function, Who who);
    // Texts of the plugin's that are needed after the call. With the lock held.
    const std::string& keep(std::string_view text) { return kept_.emplace_back(text); }
    void blame(std::vector<std::string> Heard::*where, const std::string& what);

    World& world_;
    const HostOptions options_;
    std::unique_ptr<GuardedBytes> guarded_table_;
    std::vector<char> plain_table_;
    std::atomic<int> state_{HB_STATE_CREATED};
    std::atomic<bool> is_quiet_{false};
    std::atomic<bool> is_cancelled_{false};
    mutable std::mutex mutex_;
    std::deque<std::string> kept_;
    Heard heard_;
};

// The C functions of the table, for a host that offers these features.
hb_host tableOf(HostSide& host, std::uint32_t abi_minor);
const void* extensionOf(std::string_view id, unsigned features);

} // namespace hearback::check
