#include "runtime/serve_ask.h"

#include "runtime/json_bodies.h"

namespace hearback::runtime {

namespace {

using frames::Frame;
using nlohmann::json;

Frame failed(const base::Error& error) {
    Frame frame{{{"error", static_cast<int>(error.code)}, {"text", error.message}}, {}};
    if (error.retry_after > 0)
        frame.head["retry_after_ms"] = error.retry_after / base::kMillisecond;
    return frame;
}

Frame done(const base::Result<void>& result) {
    if (!result) return failed(result.error());
    return {json::object(), {}};
}

Frame send(const Frame& ask, loader::HostServices& services, bool as_json,
           const std::function<bool()>& cancelled) {
    const auto body = as_json ? httpRequestFromJson(ask.body) : ask.body;
    if (!body) return failed(body.error());
    v1::HttpRequest request;
    if (!request.ParseFromString(*body))
        return failed({base::Code::Invalid, "the HTTP request cannot be read"});
    const auto response = services.send(request, cancelled);
    if (!response) return failed(response.error());
    const std::string bytes = response->SerializeAsString();
    auto answer = as_json ? httpResponseToJson(bytes) : bytes;
    if (!answer) return failed(answer.error());
    return {json::object(), std::move(*answer)};
}

Frame load(const Frame& ask, loader::HostServices& services) {
    auto value = services.load(ask.body);
    if (!value) return failed(value.error());
    return {{{"found", value->has_value()}}, value->value_or("")};
}

Frame store(const Frame& ask, loader::HostServices& services) {
    const auto size = ask.head.find("key_size");
    if (size == ask.head.end() || !size->is_number_unsigned() ||
        size->get<std::uint64_t>() > ask.body.size())
        return failed({base::Code::Invalid, "a key and a value are needed"});
    const auto key_size = size->get<std::size_t>();
    return done(services.store(ask.body.substr(0, key_size), ask.body.substr(key_size)));
}

Frame secret(const Frame& ask, loader::HostServices& services) {
    const auto setting = ask.head.find("setting");
    if (setting == ask.head.end() || !setting->is_string())
        return failed({base::Code::Invalid, "the name of a setting is needed"});
    auto value = services.secret(setting->get<std::string>());
    if (!value) return failed(value.error());
    return {json::object(), std::move(*value)};
}

base::Result<v1::OAuthAccount> accountIn(const Frame& ask, bool as_json) {
    const auto body = as_json ? oauthAccountFromJson(ask.body) : ask.body;
    if (!body) return body.error();
    v1::OAuthAccount account;
    if (!account.ParseFromString(*body))
        return base::Error{base::Code::Invalid, "the OAuth account cannot be read"};
    return account;
}

Frame token(const Frame& ask, loader::HostServices& services, bool as_json,
            const std::function<bool()>& cancelled) {
    const auto account = accountIn(ask, as_json);
    if (!account) return failed(account.error());
    auto given = services.accessToken(*account, cancelled);
    if (!given) return failed(given.error());
    return {json::object(), std::move(*given)};
}

Frame refused(const Frame& ask, loader::HostServices& services, bool as_json) {
    const auto account = accountIn(ask, as_json);
    return account ? done(services.tokenRefused(*account)) : failed(account.error());
}

std::string serviceOf(const Frame& ask) {
    const auto found = ask.head.find("do");
    return found != ask.head.end() && found->is_string() ? found->get<std::string>() : "";
}

Frame numbered(Frame reply, const Frame& ask) {
    const auto number = ask.head.find("ask");
    reply.head["reply"] = number != ask.head.end() ? *number : json(0);
    return reply;
}

Frame serve(const Frame& ask, loader::HostServices& services, bool as_json,
            const std::function<bool()>& cancelled) {
    const std::string what = serviceOf(ask);
    if (what == "http.send") return send(ask, services, as_json, cancelled);
    if (what == "kv.get") return load(ask, services);
    if (what == "kv.set") return store(ask, services);
    if (what == "kv.remove") return done(services.remove(ask.body));
    if (what == "secret.get") return secret(ask, services);
    if (what == "oauth.token") return token(ask, services, as_json, cancelled);
    if (what == "oauth.refused") return refused(ask, services, as_json);
    return failed({base::Code::Unsupported, "this host does not offer " + what});
}

} // namespace

Frame serveAsk(const Frame& ask, loader::HostServices& services, bool as_json,
               const std::function<bool()>& cancelled) {
    return numbered(serve(ask, services, as_json, cancelled), ask);
}

std::optional<Frame> refusalOfEarlyAsk(const Frame& ask) {
    const std::string what = serviceOf(ask);
    if (what == "secret.get" || what == "oauth.refused") return std::nullopt;
    return numbered(failed({base::Code::Internal,
                            what + " was asked for in configure(), which looks at settings and "
                                   "asks nobody: check() and start() may"}),
                    ask);
}

} // namespace hearback::runtime
