// Who is running on this thread: which plugin, in which function. Set around every call into a
// plugin, so that host functions can check the rules of the boundary and a crash can be blamed.
#pragma once

#include "pipeline/plugins.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace hearback::loader {

class Instance;

enum class Role : std::int32_t { None = 0, Control = 1, Worker = 2 };

struct CallContext {
    const Instance* instance = nullptr;
    Role role = Role::None;
    const char* function = "";
    // What the plugin told by set_error() during this call.
    std::string error;
    std::string error_detail;
    base::Micros retry_after = 0;
};

// The innermost call on this thread; null outside of plugins.
CallContext* currentCall();

// Makes `context` the current call for a scope.
class CallScope {
  public:
    explicit CallScope(CallContext& context);
    ~CallScope();
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

  private:
    CallContext* outer_;
};

// On SIGSEGV and the like: one line to standard error that names the plugin and function that this
// thread was in, then the default action. Call once at the start of the process.
void blameCrashesOnPlugins();
// And the name and the function, a line each, into this file, for the next start to read.
void noteCrashesIn(const std::filesystem::path& file);

} // namespace hearback::loader
