#include "check/host_side.h"

#include "check/guarded_bytes.h"

#include <cstring>

namespace hearback::check {

namespace {

thread_local CallUnderWay* current_call = nullptr;
// Of the thread that entered a plugin last; a signal handler may come on any.
std::atomic<const char*> last_function{""};

// What breaks a rule may break it a million times.
constexpr std::size_t kKeptMax = 10000;

} // namespace

CallUnderWay* HostSide::current() { return current_call; }
const char* HostSide::functionUnderWay() { return last_function; }

HostSide::Scope::Scope(CallUnderWay& call)
    : outer_(current_call), outer_function_(last_function.load()) {
    current_call = &call;
    last_function = call.function;
}

HostSide::Scope::~Scope() {
    current_call = outer_;
    last_function = outer_function_;
}

HostSide::HostSide(World& world, HostOptions options)
    : world_(world), options_(std::move(options)) {
    const hb_host table = tableOf(*this, options_.abi_minor);
    // Fields that are not known yet are full of ones: no plugin may call them.
    plain_table_.assign(sizeof table + options_.unknown_bytes, '\xFF');
    std::memcpy(plain_table_.data(), &table, sizeof table);
    const auto size = static_cast<std::uint32_t>(plain_table_.size());
    std::memcpy(plain_table_.data() + offsetof(hb_host, struct_size), &size, sizeof size);
    if (options_.is_guarded)
        guarded_table_ = std::make_unique<GuardedBytes>(
            std::string_view(plain_table_.data(), plain_table_.size()), alignof(hb_host));
}

HostSide::~HostSide() = default;

const hb_host* HostSide::table() const {
    const char* const bytes = guarded_table_ ? guarded_table_->data() : plain_table_.data();
    return reinterpret_cast<const hb_host*>(bytes);
}

Heard HostSide::heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
}

void HostSide::forgetRoutes() {
    const std::lock_guard lock(mutex_);
    heard_.routes.clear();
    heard_.route_texts.clear();
}

void HostSide::forget() {
    const std::lock_guard lock(mutex_);
    heard_ = {};
    kept_.clear();
}

void HostSide::blame(std::vector<std::string> Heard::*where, const std::string& what) {
    const std::lock_guard lock(mutex_);
    auto& list = heard_.*where;
    if (list.size() < kKeptMax) list.push_back(what);
}

// Holds a call of the plugin's against the tag of the function. Makes no texts where all is well: a
// call may come when there is no memory.
void HostSide::look(const char* function, Who who) {
    const CallUnderWay* const call = current_call;
    const std::string_view name = function;
    if (call != nullptr && call->host != this) {
        blame(&Heard::violations, std::string(name) +
                                      "() was called with the context of another "
                                      "instance, in " +
                                      call->function + "()");
        return;
    }
    if (call == nullptr) {
        if (is_quiet_)
            blame(&Heard::late, std::string(name) + "() was called after stop() had returned");
        else if (who == Who::Start ||
                 (who == Who::Service && name != "send" && name != "oauth.token"))
            blame(&Heard::violations,
                  std::string(name) + "() was called by a thread of the plugin's own");
        return;
    }
    const std::string_view in = call->function;
    const bool is_start = in == "start";
    const bool fits =
        who == Who::Anybody || (who == Who::Start && is_start) ||
        (who == Who::Service && (call->role == HB_ROLE_WORKER || is_start || in == "check"));
    if (!fits)
        blame(&Heard::violations, std::string(name) + "() was called in " + std::string(in) + "()");
}

} // namespace hearback::check
