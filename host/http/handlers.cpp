#include "http/handlers.h"

#include "http/figures.h"

namespace hearback::http {

namespace {

constexpr std::string_view kIn = "/in/";

struct ChannelPath {
    std::string source;
    std::string path; // behind the source: "" or "/callback"
};

std::optional<ChannelPath> channelPath(const std::string& path) {
    if (!path.starts_with(kIn)) return std::nullopt;
    const std::string rest = path.substr(kIn.size());
    const auto slash = rest.find('/');
    return ChannelPath{rest.substr(0, slash),
                       slash == std::string::npos ? std::string() : rest.substr(slash)};
}

Reply page(const Status& status) {
    Reply reply{200, {{"Content-Type", "text/html; charset=utf-8"}}, toHtml(status)};
    reply.headers.emplace_back("Content-Security-Policy",
                               "default-src 'none'; style-src 'unsafe-inline'");
    reply.headers.emplace_back("X-Frame-Options", "DENY");
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

Reply readiness(const Status& status) {
    if (status.commit.failing_since != 0) return Reply::text(503, "the database cannot be written");
    for (const auto& source : status.sources)
        if (source.run.condition == intake::SourceCondition::Starting && source.run.problem.empty())
            return Reply::text(503, "the source " + source.run.source + " is starting");
    return Reply::text(200, "ready");
}

} // namespace

Handler operatorHandler(std::function<Status()> status, base::Metrics& metrics) {
    return [status = std::move(status), &metrics](const Request& request) {
        if (request.method != "GET" && request.method != "HEAD") {
            Reply reply = Reply::text(405, "only GET is answered here");
            reply.headers.emplace_back("Allow", "GET, HEAD");
            return reply;
        }
        if (request.path == "/") return page(status());
        if (request.path == "/healthz") return Reply::text(200, "alive");
        if (request.path == "/readyz") return readiness(status());
        if (request.path == "/api/v1/status") return Reply::json(200, toJson(status()));
        if (request.path == "/metrics") {
            showIn(metrics, status());
            return Reply{200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics.text()};
        }
        return Reply::text(404, "there is nothing here; see /");
    };
}

Handler intakeHandler(intake::Ingress& ingress, base::Clock& clock) {
    return [&ingress, &clock](const Request& request) {
        const auto where = channelPath(request.path);
        if (!where) return Reply::text(404, "nothing is received at this address");
        v1::IngressRequest in;
        in.set_method(request.method);
        in.set_path(where->path);
        in.set_query(request.query);
        for (const auto& [name, value] : request.headers) {
            v1::HttpHeader& header = *in.add_headers();
            header.set_name(name);
            header.set_value(value);
        }
        in.set_body(request.body);
        in.set_received_at_us(clock.now());
        intake::IngressAnswer answer = ingress.handle(where->source, in);
        return Reply{answer.status, std::move(answer.headers), std::move(answer.body)};
    };
}

BodyLimit intakeBodyLimit(intake::Ingress& ingress) {
    return [&ingress](const std::string& path) -> std::size_t {
        const auto where = channelPath(path);
        return where ? ingress.maxBody(where->source, where->path).value_or(0) : 0;
    };
}

} // namespace hearback::http
