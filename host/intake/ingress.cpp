#include "intake/ingress.h"

#include "base/log.h"
#include "base/utf8.h"
#include "intake/batch_reader.h"

#include "hearback/sdk/wire_fields.hpp"

#include <protozero/exception.hpp>
#include <protozero/pbf_message.hpp>

#include <algorithm>
#include <future>

namespace hearback::intake {

namespace {

using pipeline::Verdict;

IngressAnswer plain(int status, const std::string& text) {
    IngressAnswer answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    answer.body = text + "\n";
    return answer;
}

IngressAnswer tryAgain(const std::string& text) {
    IngressAnswer answer = plain(503, text);
    answer.headers.emplace_back("Retry-After", "5");
    return answer;
}

// A plugin that fails answers for itself only: what exactly went wrong is for the operator.
IngressAnswer failed(const pipeline::Answer& answer) {
    switch (answer.verdict) {
    case Verdict::RateLimited: {
        IngressAnswer limited = plain(429, "too many requests");
        const auto seconds = std::max<std::int64_t>(1, answer.retry_after / base::kSecond);
        limited.headers.emplace_back("Retry-After", std::to_string(seconds));
        return limited;
    }
    case Verdict::ItemInvalid: return plain(400, answer.text);
    case Verdict::Unavailable:
    case Verdict::Cancelled: return tryAgain("not available at the moment");
    default: return plain(500, "the channel failed");
    }
}

// What a plugin made of a request. Read by hand: the batch may hold broken UTF-8, which is mended
// later and must not spoil the reply.
struct PluginReply {
    IngressAnswer answer;
    std::string refused;
    std::string batch;
};

bool isHeaderText(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void addHeader(IngressAnswer& answer, protozero::data_view bytes) {
    std::pair<std::string, std::string> header;
    protozero::pbf_message<wire::HttpHeader> in(bytes);
    while (in.next()) {
        switch (in.tag_and_type()) {
        case wire::bytes(wire::HttpHeader::name): header.first = in.get_string(); break;
        case wire::bytes(wire::HttpHeader::value): header.second = in.get_string(); break;
        default: in.skip();
        }
    }
    if (!header.first.empty() && isHeaderText(header.first) && isHeaderText(header.second))
        answer.headers.push_back(std::move(header));
}

std::optional<PluginReply> readReply(const std::string& bytes) {
    using Field = wire::IngressReply;
    PluginReply reply;
    reply.answer.status = 204;
    try {
        protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::varint(Field::status): reply.answer.status = in.get_int32(); break;
            case wire::bytes(Field::headers): addHeader(reply.answer, in.get_view()); break;
            case wire::bytes(Field::body): reply.answer.body = in.get_string(); break;
            case wire::bytes(Field::batch): reply.batch = in.get_string(); break;
            case wire::bytes(Field::refused): reply.refused = in.get_string(); break;
            default: in.skip();
            }
        }
    } catch (const protozero::exception&) {
        return std::nullopt;
    }
    // 1xx is no answer yet.
    if (reply.answer.status < 200 || reply.answer.status > 599) return std::nullopt;
    return reply;
}

} // namespace

Ingress::Ingress(pipeline::Entrance& entrance, base::Clock& clock, base::Metrics& metrics,
                 base::Micros timeout)
    : entrance_(entrance), clock_(clock), metrics_(metrics), timeout_(timeout) {}

void Ingress::add(pipeline::Source& source) {
    const std::lock_guard lock(mutex_);
    sources_[source.name()] = &source;
}

pipeline::Source* Ingress::find(const std::string& source) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(source);
    return found == sources_.end() ? nullptr : found->second;
}

std::optional<std::uint32_t> Ingress::maxBody(const std::string& source,
                                              const std::string& path) const {
    pipeline::Source* found = find(source);
    if (found == nullptr) return std::nullopt;
    for (const pipeline::Route& route : found->routes())
        if (route.path == path) return route.max_body_bytes;
    return std::nullopt;
}

IngressAnswer Ingress::handle(const std::string& name, const v1::IngressRequest& request) {
    pipeline::Source* source = find(name);
    const auto routes = source == nullptr ? std::vector<pipeline::Route>() : source->routes();
    const auto route = std::find_if(routes.begin(), routes.end(),
                                    [&](const auto& each) { return each.path == request.path(); });
    // Before its start, between two starts or after a failure a channel has no routes at all: who
    // sends then must not take the address for a wrong one and give it up.
    if (source != nullptr && source->receives() && routes.empty())
        return tryAgain("the channel does not run at the moment: send it again later");
    if (route == routes.end()) return plain(404, "nothing is received at this address");
    const auto& methods = route->methods;
    if (std::find(methods.begin(), methods.end(), request.method()) == methods.end()) {
        IngressAnswer answer = plain(405, "this method is not received here");
        std::string allow;
        for (const std::string& method : methods) allow += (allow.empty() ? "" : ", ") + method;
        answer.headers.emplace_back("Allow", allow);
        return answer;
    }
    const pipeline::Answer answer = source->receive(route->path, request.SerializeAsString());
    auto reply = answer.isOk() ? readReply(answer.bytes) : std::nullopt;
    if (!reply) {
        base::logWarning("intake", "channel failed on a request",
                         {{"source", name}, {"cause", answer.text}});
        metrics_.count("hearback_ingress_refused_total",
                       {{"source", name}, {"reason", "plugin_failed"}});
        return failed(answer);
    }
    if (!reply->refused.empty())
        metrics_.count(
            "hearback_ingress_refused_total",
            {{"source", name},
             {"reason", std::string(base::truncateUtf8(base::repairUtf8(reply->refused), 32))}});
    if (reply->batch.empty()) return std::move(reply->answer);
    return store(*source, std::move(reply->answer), reply->batch);
}

void Ingress::note(const std::string& source, const pipeline::Stored& stored,
                   base::Micros newest_at) {
    const std::lock_guard lock(mutex_);
    Received& received = received_[source];
    received.stored.add(stored);
    received.last_success_at = clock_.now();
    if (stored.news() == 0) return;
    received.last_message_at = received.last_success_at;
    received.newest_at = std::max(received.newest_at, newest_at);
}

Received Ingress::received(const std::string& source) const {
    const std::lock_guard lock(mutex_);
    const auto found = received_.find(source);
    return found == received_.end() ? Received() : found->second;
}

IngressAnswer Ingress::store(pipeline::Source& source, IngressAnswer answer,
                             std::string_view batch) {
    auto read = readBatch(batch, {source.name(), source.plugin()}, clock_.now());
    if (!read) return plain(500, "the channel failed");
    // A checkpoint belongs to polling: requests come in any order.
    read->batch.checkpoint.reset();
    auto stored = std::make_shared<std::promise<base::Result<pipeline::Stored>>>();
    std::future<base::Result<pipeline::Stored>> done = stored->get_future();
    read->batch.done = [stored](const base::Result<pipeline::Stored>& result) {
        stored->set_value(result);
    };
    const auto messages = static_cast<double>(read->batch.items.size());
    const base::Micros begun = clock_.steady();
    const auto pushed = entrance_.push(read->batch, timeout_ / 2);
    if (!pushed) return tryAgain("busy: send it again later");
    const base::Micros left = std::max<base::Micros>(0, begun + timeout_ - clock_.steady());
    if (done.wait_for(std::chrono::microseconds(left)) != std::future_status::ready)
        return tryAgain("not stored in time: send it again later");
    const auto result = done.get();
    if (!result) return tryAgain("could not be stored: send it again later");
    note(source.name(), *result, read->newest_at);
    metrics_.count("hearback_source_messages_total", {{"source", source.name()}}, messages);
    metrics_.observe("hearback_ingress_stored_seconds", {{"source", source.name()}},
                     static_cast<double>(clock_.steady() - begun) / 1e6);
    return answer;
}

} // namespace hearback::intake
