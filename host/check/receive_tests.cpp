// Levels 1 and 2: channels that receive.
#include "check/bench.h"
#include "check/reading.h"
#include "check/receiving.h"
#include "check/samples.h"
#include "check/test.h"

#include <algorithm>
#include <regex>

namespace hearback::check {

namespace {

void receiveRoutes(Bench& bench) {
    const auto& needs = bench.manifest().needs;
    if (std::find(needs.begin(), needs.end(), "ingress") == needs.end())
        bench.skip("the channel does not receive");
    static const std::regex methods("[A-Z]+(,[A-Z]+)*");
    Subject& subject = bench.started();
    const auto texts = [&] {
        auto all = subject.host().heard().route_texts;
        std::sort(all.begin(), all.end());
        return all;
    };
    const auto first = texts();
    bench.expect(!first.empty(), "a channel that needs \"ingress\" adds a route in start()",
                 "there is none");
    for (const std::string& text : first) {
        const auto space = text.find(' ');
        const std::string path = text.substr(space + 1);
        bench.expect(std::regex_match(text.substr(0, space), methods),
                     "the methods of a route are \"POST\" or \"GET,POST\"",
                     "they are \"" + text.substr(0, space) + "\"");
        bench.expect(path.empty() || (path.front() == '/' && path.size() <= 256),
                     "the path of a route is empty or begins with /", "it is \"" + path + "\"");
    }
    (void)subject.stop();
    (void)subject.start();
    bench.expect(texts() == first, "a route serves while the instance runs: each start() adds it",
                 "after stop() and start() there are " + std::to_string(texts().size()) +
                     " routes, not " + std::to_string(first.size()));
}

void mustReply(Bench& bench, const Received& received, const std::string& what) {
    bench.expect(received.said.isOk(),
                 "a request is answered with a reply, whatever it holds; another status says that "
                 "the channel itself has failed",
                 "for " + what + " it gives " + describe(received.said));
    bench.expect(received.reply.has_value(), "what a handler writes is an IngressReply",
                 "for " + what + " it is none");
    bench.expect(received.status >= 200 && received.status <= 599,
                 "a reply has a status from 200 to 599",
                 "for " + what + " it has " + std::to_string(received.status));
}

void receiveRequests(Bench& bench) {
    Subject& subject = receiving(bench);
    for (std::size_t i = 0; i < bench.plan().requests.size(); ++i) {
        const RequestToSend& request = bench.plan().requests[i];
        const std::string what = "request " + std::to_string(i + 1);
        const Received received =
            receive(subject, request.path, ingressOf(request, base::SystemClock().now()));
        mustReply(bench, received, what);
        const bool fits =
            request.status == 0 ? received.status / 100 == 2 : received.status == request.status;
        bench.expect(fits,
                     what + " is answered with " +
                         (request.status == 0 ? "2xx" : std::to_string(request.status)),
                     "it is answered with " + std::to_string(received.status) + " " +
                         received.reply->refused() + " " + received.reply->body().substr(0, 200));
    }
}

void mustRefuse(Bench& bench, Subject& subject, const RequestToSend& request,
                const v1::IngressRequest& forged, const std::string& what) {
    const Received received = receive(subject, request.path, forged);
    mustReply(bench, received, what);
    bench.expect(received.status >= 400 && received.status < 500,
                 "a request that does not prove where it comes from is refused with 4xx",
                 what + " is answered with " + std::to_string(received.status));
    bench.expect(received.batch_bytes.empty(), "nothing of a request that was refused is stored",
                 what + " comes with a batch");
    bench.expect(!received.reply->refused().empty(),
                 "a refusal says why, as one word for the metric", "that of " + what + " does not");
}

void receiveForged(Bench& bench) {
    Subject& subject = receiving(bench);
    bool is_signed = false;
    const base::Micros now = base::SystemClock().now();
    for (const RequestToSend& request : bench.plan().requests) {
        if (request.sign == Signature::None) continue;
        is_signed = true;
        auto changed = ingressOf(request, now);
        changed.set_body(changed.body() + " ");
        mustRefuse(bench, subject, request, changed, "a body that was changed");
        RequestToSend bare = request;
        bare.sign = Signature::None;
        mustRefuse(bench, subject, request, ingressOf(bare, now), "a request without a signature");
        RequestToSend other = request;
        other.secret += "x";
        mustRefuse(bench, subject, request, ingressOf(other, now),
                   "one signed with another secret");
        if (request.sign != Signature::Standard) continue;
        for (const base::Micros off : {-base::kDay, base::kDay}) {
            auto replayed = ingressOf(request, now + off);
            replayed.set_received_at_us(now);
            mustRefuse(bench, subject, request, replayed, "one signed for another day");
        }
    }
    if (!is_signed) bench.skip("no [[request]] is signed");
}

std::vector<std::string> garbage(Bench& bench) {
    std::string random(10000, '\0');
    for (char& byte : random) byte = static_cast<char>(bench.random().next());
    const std::string deep(5000, '[');
    return {"",
            "{",
            "[]",
            "{}",
            "null",
            "7",
            "\"x\"",
            random,
            deep,
            std::string(1 << 20, 'x'),
            "{\"text\": \"\xff\xfe\"}",
            "[[]]",
            "[null]",
            "a=b&c=d",
            "<xml/>",
            R"({"id": {"id": []}, "text": ["x"], "created_at": "never"})"};
}

void receiveGarbage(Bench& bench) {
    Subject& subject = receiving(bench);
    const RequestToSend& usual = bench.plan().requests.front();
    for (const std::string& body : garbage(bench)) {
        const std::string what =
            "a body of " + std::to_string(body.size()) + " bytes that begins with \"" +
            nlohmann::json(body.substr(0, 10))
                .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) +
            "\"";
        RequestToSend request = usual;
        request.body = body;
        for (const bool is_signed : {true, false}) {
            if (!is_signed) request.sign = Signature::None;
            const Received received =
                receive(subject, request.path, ingressOf(request, base::SystemClock().now()));
            mustReply(bench, received, what);
            bench.expect(received.status < 500, "what cannot be read is the sender's mistake: 4xx",
                         "for " + what + " it answers " + std::to_string(received.status));
        }
    }
    v1::IngressRequest bare;
    mustReply(bench, receive(subject, usual.path, bare), "a request without anything");
    const auto routes = subject.host().heard().routes;
    const Said said = subject.receive(routes.front(), "\xff\xff\xff\xff");
    bench.expect(!said.isOk(), "bytes that are no IngressRequest are refused", "they are OK");
}

void receiveSameAgain(Bench& bench) {
    Subject& subject = receiving(bench);
    const base::Micros now = base::SystemClock().now();
    bool has_messages = false;
    for (const RequestToSend& request : bench.plan().requests) {
        const auto idsOf = [&](const v1::IngressRequest& from) {
            std::vector<std::string> ids;
            if (const auto batch = batchOf(receive(subject, request.path, from).batch_bytes))
                for (const auto& message : batch->content.messages())
                    ids.push_back(message.external_id());
            return ids;
        };
        const auto first = idsOf(ingressOf(request, now));
        has_messages = has_messages || !first.empty();
        bench.expect(idsOf(ingressOf(request, now + base::kSecond)) == first,
                     "a request that is sent again gives messages with the same external ids",
                     "they are others");
    }
    if (!has_messages) bench.skip("no [[request]] gives a message");
}

constexpr std::string_view kServices = "hearback/plugin/host_services.h";
constexpr std::string_view kGuide = "docs/plugins.md";

constexpr Test kTests[] = {
    {"receive/routes", 1, kChannels, "A channel that receives adds its routes in every start()",
     kServices, "The route serves while the instance runs", receiveRoutes},
    {"receive/requests", 1, kChannels, "The requests given are answered as they should be", kGuide,
     "the plugin verifies and maps it", receiveRequests},
    {"receive/forged", 1, kChannels, "A request with a wrong or old signature is refused",
     kServices, "the plugin verifies and maps it", receiveForged},
    {"receive/garbage", 1, kChannels, "Whatever is sent is answered, and never with 5xx", kGuide,
     "a status says that the channel itself", receiveGarbage, 30},
    {"receive/same-again", 2, kChannels, "A request that is sent again gives the same ids", kGuide,
     "ids fold what comes twice", receiveSameAgain},
};

} // namespace

std::span<const Test> receiveTests() { return kTests; }

} // namespace hearback::check
