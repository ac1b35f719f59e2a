#include "integration/server.h"

#include "base/random.h"

#include "hearback/signatures/signatures.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <ctime>
#include <set>
#include <thread>

using namespace hearback;
using namespace hearback::testing;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw";
const std::string kKey = signatures::standardKey(kSecret);

constexpr const char* kConfig = R"(
threads = 16
max_body_kib = 16
[[source]]
name = "shop"
plugin = "webhook"
settings.secret = "env:SHOP_SECRET"
)";

Headers signedHeaders(const std::string& id, std::int64_t time, const std::string& body,
                      const std::string& key = kKey) {
    return {{"Content-Type", "application/json"},
            {"webhook-id", id},
            {"webhook-timestamp", std::to_string(time)},
            {"webhook-signature", signatures::standardSignature(key, id, time, body)}};
}

std::string bodyOf(const std::string& id, const std::string& text) {
    return nlohmann::json{{"id", id}, {"comment", text}, {"rating", 4}}.dump();
}

// A request of the storm, and what must come of it.
struct Post {
    std::string body;
    Headers headers;
    int status = 204;
    std::string stored; // the id that is stored; empty: none
};

Post makePost(base::Random& random, std::int64_t now, std::size_t number) {
    const std::string id = "m" + std::to_string(random.next() % 7000);
    Post post;
    post.body = bodyOf(id, "feedback " + id);
    post.stored = id;
    const std::string delivery = "d" + std::to_string(number);
    switch (random.next() % 10) {
    case 0: // a wrong signature
        post.headers = signedHeaders(delivery, now, post.body, "another key");
        post.status = 401;
        break;
    case 1: // an old timestamp
        post.headers = signedHeaders(delivery, now - 3600, post.body);
        post.status = 401;
        break;
    case 2: // a body that was changed on its way
        post.headers = signedHeaders(delivery, now, post.body);
        post.body += " ";
        post.status = 401;
        break;
    case 3: // genuine, but no JSON
        post.body = "{\"id\": \"" + delivery + "\", broken";
        post.headers = signedHeaders(delivery, now, post.body);
        post.status = 422;
        break;
    case 4: // too large
        post.body = bodyOf(id, std::string(20000, 'x'));
        post.headers = signedHeaders(delivery, now, post.body);
        post.status = 413;
        break;
    default: post.headers = signedHeaders(delivery, now, post.body);
    }
    if (post.status != 204) post.stored.clear();
    return post;
}

// The value of one line of the metrics; 0 where it is not there.
double metric(const Server& server, const std::string& line) {
    const std::string text = HttpClient("127.0.0.1", server.port).get("/metrics").body;
    const auto at = text.find("\n" + line + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size() + 2));
}

} // namespace

TEST_CASE("of ten thousand webhooks exactly the valid ones are stored", "[webhook]") {
    Server server(kConfig, {{"SHOP_SECRET", kSecret}});
    base::SeededRandom random(77);
    const std::int64_t now = std::time(nullptr);
    std::vector<Post> posts;
    for (std::size_t i = 0; i < 10000; ++i) {
        // One in ten is sent again as it was: the sender did not see the answer.
        if (i > 0 && random.next() % 10 == 0)
            posts.push_back(posts[random.next() % posts.size()]);
        else
            posts.push_back(makePost(random, now, i));
    }
    std::atomic<std::size_t> next{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            HttpClient client("127.0.0.1", server.intake_port);
            for (std::size_t at = next++; at < posts.size(); at = next++) {
                const HttpResult result =
                    client.post("/in/shop", posts[at].body, posts[at].headers);
                // A refused body ends the connection; the client may see that first.
                if (result.status != posts[at].status &&
                    !(result.status == 0 && posts[at].status == 413))
                    ++wrong;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    CHECK(wrong == 0);
    std::set<std::string> wanted;
    std::map<int, int> statuses;
    for (const Post& post : posts) {
        if (!post.stored.empty()) wanted.insert(post.stored);
        ++statuses[post.status];
    }
    CHECK(server.messages() == static_cast<std::int64_t>(wanted.size()));
    const auto refused = [&](const std::string& reason) {
        return metric(server,
                      "hearback_ingress_refused_total{reason=\"" + reason + "\",source=\"shop\"}");
    };
    CHECK(refused("signature") + refused("timestamp") == statuses[401]);
    CHECK(refused("timestamp") > 0);
    CHECK(refused("malformed") == statuses[422]);
    CHECK(server.json({"dead-letters", "list", "--limit", "100000"}).size() > 0);
    // What was answered 204 is there after the hardest end.
    server.kill();
    server.start();
    CHECK(server.messages() == static_cast<std::int64_t>(wanted.size()));
    std::set<std::string> stored;
    std::int64_t before = 0;
    for (;;) {
        std::vector<std::string> words = {"search", "source:shop", "--limit", "1000"};
        if (before != 0) words.insert(words.end(), {"--before", std::to_string(before)});
        const auto page = server.json(words)["hits"];
        if (page.empty()) break;
        for (const auto& hit : page)
            stored.insert(hit["message"]["external_id"].get<std::string>());
        before = page.back()["id"];
    }
    CHECK(stored == wanted);
    CHECK(server.stop().code == 0);
}

TEST_CASE("each refusal tells the sender what is wrong", "[webhook]") {
    Server server(kConfig, {{"SHOP_SECRET", kSecret}});
    HttpClient client("127.0.0.1", server.intake_port);
    const std::int64_t now = std::time(nullptr);
    const std::string body = bodyOf("1", "hello");
    const auto answer = [&](const Headers& headers, const std::string& path = "/in/shop") {
        const HttpResult result = client.post(path, body, headers);
        return std::to_string(result.status) + " " + result.body;
    };
    CHECK(answer({}) ==
          "401 the headers webhook-id, webhook-timestamp and webhook-signature are needed\n");
    CHECK(answer(signedHeaders("1", now - 301, body)).find("401 webhook-timestamp is too old") ==
          0);
    CHECK(answer(signedHeaders("1", now + 400, body)).find("401 webhook-timestamp lies in the") ==
          0);
    CHECK(answer(signedHeaders("1", now, body, "other")) ==
          "401 the signature does not fit the body\n");
    CHECK(answer({}, "/in/nobody") == "404 nothing is received at this address\n");
    CHECK(answer({}, "/elsewhere") == "404 nothing is received at this address\n");
    CHECK(client.get("/in/shop").status == 405);
    CHECK(answer(signedHeaders("1", now, body)) == "204 ");
    // Two signatures while a secret is exchanged: one of them is right.
    auto both = signedHeaders("2", now, body);
    both[3].second = "v1,d3Jvbmc= " + both[3].second;
    CHECK(answer(both) == "204 ");
}

TEST_CASE("webhooks are verified in the ways that senders have", "[webhook]") {
    Server server(R"(
[[source]]
name = "gh"
plugin = "webhook"
settings = { verify = "github", secret = "env:SECRET", fields = { text = "comment.body", external_id = "comment.id", author_handle = "comment.user.login" } }
[[source]]
name = "plain"
plugin = "webhook"
settings = { verify = "hmac", secret = "env:SECRET", signature_header = "X-Sig", items = "data.list" }
[[source]]
name = "open"
plugin = "webhook"
settings = { verify = "none" }
)",
                  {{"SECRET", "hush"}});
    HttpClient client("127.0.0.1", server.intake_port);
    const std::string comment =
        R"({"comment":{"id":5,"body":"From GitHub","user":{"login":"ada"}},"action":"created"})";
    const std::string mac = signatures::hmacSha256("hush", comment);
    CHECK(
        client
            .post("/in/gh", comment, {{"X-Hub-Signature-256", "sha256=" + signatures::toHex(mac)}})
            .status == 204);
    CHECK(
        client.post("/in/gh", comment, {{"X-Hub-Signature-256", signatures::toHex(mac)}}).status ==
        401);
    const std::string list =
        R"({"data":{"list":[{"id":"a","text":"one"},{"id":"b","text":"two"}]}})";
    const std::string list_mac = signatures::hmacSha256("hush", list);
    CHECK(client.post("/in/plain", list, {{"X-Sig", signatures::toBase64(list_mac)}}).status ==
          204);
    CHECK(client.post("/in/open", R"({"text":"no id"})").status == 204);
    CHECK(client.post("/in/open", R"({"text":"no id"})").status == 204);
    const auto shown = server.json({"show", "1"});
    CHECK(shown["message"]["text"] == "From GitHub");
    CHECK(shown["message"]["author"]["handle"] == "ada");
    CHECK(server.messages() == 4);
}

TEST_CASE("broken letters are mended and the original is kept", "[webhook]") {
    Server server(R"(
[[source]]
name = "open"
plugin = "webhook"
settings = { verify = "none" }
)");
    HttpClient client("127.0.0.1", server.intake_port);
    CHECK(client.post("/in/open", "{\"id\":\"1\",\"text\":\"caf\xE9\"}").status == 422);
    const auto letters = server.json({"dead-letters", "list"});
    CHECK(letters[0]["cause"] == "the body is no JSON");
}
