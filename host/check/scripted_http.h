// The servers that a plugin asks: answers as the plan has them, or one kind of trouble for every
// request. Everything that was asked is kept. Any thread.
#pragma once

#include "check/plan.h"

#include "hearback/plugin/abi.h"
#include "hearback/v1/host.pb.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace hearback::check {

enum class Trouble {
    None,
    NoAnswer,     // nothing comes until the time is over, or the call is cancelled
    ClosedEarly,  // the connection ends in the middle
    TooLarge,     // ten mebibytes
    NoJson,       // what comes is not what was asked for
    BrokenText,   // one byte of the answer is no UTF-8
    ServerError,  // 500, 502, 503 in turn
    Moved,        // the answer comes from another address, for good
    RateLimited,  // 429, "Retry-After: 120"
    Unauthorised, // 401
    NotFound,     // 404
    WrongClock    // the server's Date is a day off
};

struct Exchange {
    std::string function; // of the plugin, which was under way
    v1::HttpRequest request;
    int status = 0; // 0: no answer
    bool changes = false;
};

// The bytes of a request in which something may be looked for: address, headers, body.
std::string everythingOf(const v1::HttpRequest& request);

class ScriptedHttp {
  public:
    explicit ScriptedHttp(const std::vector<ScriptedAnswer>& answers);

    struct Reply {
        hb_status status = HB_OK; // of the host's function
        std::string text;         // why not
        v1::HttpResponse response;
    };
    Reply send(const std::string& function, const v1::HttpRequest& request,
               const std::function<bool()>& is_cancelled);

    void setTrouble(Trouble trouble);
    // Asked before anything else: what it answers with, if it does.
    using Interceptor = std::function<std::optional<v1::HttpResponse>(const v1::HttpRequest&)>;
    void intercept(Interceptor interceptor);

    std::vector<Exchange> exchanges() const;
    void forget();
    // The first request that nothing in the plan answers: "GET https://..."; empty: there is none.
    std::string unanswered() const;

  private:
    struct Scripted {
        ScriptedAnswer answer;
        std::int64_t used = 0;
    };
    Reply answer(const v1::HttpRequest& request, bool& changes);
    Reply troubled(const v1::HttpRequest& request, Trouble trouble);
    v1::HttpResponse scripted(const v1::HttpRequest& request, bool& changes);
    bool hasSeen(const std::string& method_and_url) const;

    mutable std::mutex mutex_;
    std::vector<Scripted> script_;
    Trouble trouble_ = Trouble::None;
    int troubles_ = 0;
    Interceptor interceptor_;
    std::vector<Exchange> exchanges_;
    std::string unanswered_;
};

} // namespace hearback::check
