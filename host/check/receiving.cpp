#include "check/receiving.h"

#include "check/bench.h"
#include "check/samples.h"
#include "intake/wire_repair.h"

#include <hearback/sdk/wire_fields.hpp>

#include <protozero/exception.hpp>
#include <protozero/pbf_message.hpp>

#include <algorithm>

namespace hearback::check {

namespace {

const hb_route* routeOf(const std::vector<hb_route>& routes, const std::string& path) {
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const hb_route& route) {
        return std::string_view(route.path.data, route.path.size) == path;
    });
    if (found != routes.end()) return &*found;
    return routes.empty() ? nullptr : &routes.front();
}

std::string batchBytesOf(const std::string& reply) {
    try {
        protozero::pbf_message<wire::IngressReply> in(
            protozero::data_view(reply.data(), reply.size()));
        while (in.next()) {
            if (in.tag_and_type() == wire::bytes(wire::IngressReply::batch)) return in.get_string();
            in.skip();
        }
    } catch (const protozero::exception&) {
        return {};
    }
    return {};
}

} // namespace

Received receive(Subject& subject, const std::string& path, const v1::IngressRequest& request) {
    Received received;
    const auto routes = subject.host().heard().routes;
    const hb_route* const route = routeOf(routes, path);
    if (route == nullptr) return received;
    received.said = subject.receive(*route, request.SerializeAsString());
    if (!received.said.isOk()) return received;
    const auto repaired =
        intake::repairStrings(*v1::IngressReply::descriptor(), received.said.bytes);
    v1::IngressReply reply;
    if (!repaired || !reply.ParseFromString(repaired->bytes)) return received;
    received.status = reply.status();
    received.reply = std::move(reply);
    received.batch_bytes = batchBytesOf(received.said.bytes);
    return received;
}

std::vector<Received> receiveAll(Bench& bench, Subject& subject) {
    std::vector<Received> all;
    if (subject.host().heard().routes.empty()) return all;
    for (const RequestToSend& request : bench.plan().requests)
        all.push_back(
            receive(subject, request.path, ingressOf(request, base::SystemClock().now())));
    return all;
}

Subject& receiving(Bench& bench) {
    const auto& needs = bench.manifest().needs;
    if (std::find(needs.begin(), needs.end(), "ingress") == needs.end())
        bench.skip("the channel does not receive");
    if (bench.plan().requests.empty()) bench.skip("give it a [[request]]");
    Subject& subject = bench.started();
    if (subject.host().heard().routes.empty()) bench.skip("it has no route: see receive/routes");
    return subject;
}

} // namespace hearback::check
