// The host that plugin authors test with: what it promises them.
#include <hearback/sdk/plugin.hpp>
#include <hearback/testing/plugin_under_test.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using testing::Batch;
using testing::Deliveries;
using testing::FakeHost;
using testing::PluginUnderTest;

namespace {

template <class... P>
const hb_plugin_entry kEntryOf = {HB_ENTRY_MAGIC,
                                  sizeof(hb_plugin_entry),
                                  HB_ABI_MAJOR,
                                  HB_ABI_MINOR,
                                  HB_SCHEMA_LEVEL,
                                  static_cast<std::uint32_t>(sizeof...(P)),
                                  detail::Library<P...>::descriptorAt,
                                  detail::Library<P...>::create};

// Uses all that a host offers.
class Shop final : public Channel {
  public:
    struct Settings {
        std::string url;
        std::string token;
        std::int64_t page_size = 0;
    };
    static constexpr auto kAbout = about("shop", "1.0.0", "Reviews").needs("http", "ingress");
    static constexpr auto kSettings =
        settings(setting("url", &Settings::url, "Address").required(),
                 setting("token", &Settings::token, "Token").secret().defaultsTo("none"),
                 setting("page_size", &Settings::page_size, "Size").defaultsTo(2));

    explicit Shop(Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        if (settings.url.find("https://") != 0)
            return Status::config("/url", "must begin with https://");
        settings_ = settings;
        return Status::ok();
    }
    Status check(std::string& report) override {
        report = "the token is " + host_.secret("token");
        return Status::ok();
    }
    Status start(std::optional<std::string_view> checkpoint) override {
        next_ = checkpoint ? std::stoi(std::string(*checkpoint)) : 1;
        return Status::ok();
    }
    Status poll(BatchOut& batch, const PollLimits&) override {
        if (host_.isCancelled()) return Status::cancelled();
        HttpCall call;
        call.url = settings_.url + "?after=" + std::to_string(next_ - 1);
        call.headers = {{"Authorization", host_.secret("token")}};
        const HttpAnswer answer = host_.send(call);
        if (answer.status == 429)
            return Status::rateLimited(std::chrono::seconds(5), "the shop is busy");
        if (answer.body == "broken") {
            batch.reject("no JSON", answer.body, "page 1");
            return Status::ok();
        }
        for (std::int64_t i = 0; i < settings_.page_size; ++i)
            batch.add()
                .externalId(std::to_string(next_++))
                .text(answer.body)
                .occurredAt(host_.nowUs());
        batch.checkpoint(std::to_string(next_));
        batch.hasMore(true);
        batch.pollAgainIn(250);
        host_.store("seen", std::to_string(next_));
        host_.count("pages");
        host_.gauge("next", next_);
        host_.info("read a page");
        host_.wake();
        return Status::ok();
    }
    void ack(std::uint64_t batch_id, bool stored) override {
        host_.count(stored ? "stored" : "rejected", static_cast<double>(batch_id));
    }
    Status decode(std::string_view payload, BatchOut& batch) override {
        batch.add().externalId("again").text(payload);
        return Status::ok();
    }
    Status receive(const Request& request, Reply& reply) override {
        if (request.header("X-Token") != "right")
            reply.refuse(401, "token", "wrong token");
        else
            reply.batch().add().externalId("in").text(request.body);
        return Status::ok();
    }

  private:
    Host& host_;
    Settings settings_;
    int next_ = 0;
};

class Mood final : public Classifier {
  public:
    static constexpr auto kAbout = about("mood", "1.0.0", "Mood").task("mood").labels("up", "down");
    explicit Mood(Host&) {}
    std::string modelVersion() const override { return "mood/1"; }
    Status classify(const std::vector<MessageView>& messages, AnnotationsOut& out) override {
        for (std::uint32_t i = 0; i < messages.size(); ++i)
            if (!messages[i].text.empty())
                out.add(i, {messages[i].text == "hooray" ? "up" : "down", 1, 0.5, "a word"});
        return Status::ok();
    }
};

class Desk final : public Sink {
  public:
    static constexpr auto kAbout = about("desk", "1.0.0", "A desk");
    explicit Desk(Host&) {}
    Status write(const std::vector<DeliveryView>& deliveries, ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) {
            if (deliveries[i].message.text == "bad")
                results.failed(i, Status::itemInvalid("cannot be taken"));
            else if (deliveries[i].message.text == "good")
                results.delivered(i, std::string(deliveries[i].idempotency_key) + "!");
        }
        return Status::unavailable("the desk is closed");
    }
};

// Comes and goes; where `arrives`, with something.
class Tide final : public Channel {
  public:
    struct Settings {
        bool arrives = false;
    };
    static constexpr auto kAbout = about("tide", "1.0.0", "The sea").needs("ingress");
    static constexpr auto kSettings =
        settings(setting("arrives", &Settings::arrives, "Whether").defaultsTo(false));
    explicit Tide(Host&) {}
    Status configure(const Settings& settings) {
        arrives_ = settings.arrives;
        return Status::ok();
    }
    Status start(std::optional<std::string_view>) override {
        waves = std::thread([] {});
        return Status::ok();
    }
    void stop() override { waves.join(); }
    Status poll(BatchOut& batch, const PollLimits&) override {
        if (arrives_) batch.add().externalId("1").text("high");
        batch.pollAgainIn(60'000);
        return Status::again();
    }
    Status receive(const Request&, Reply&) override { return Status::ok(); }
    std::thread waves;

  private:
    bool arrives_ = false;
};

const char* const kPage0 = "https://shop.example/reviews?after=0";
const char* const kPage2 = "https://shop.example/reviews?after=2";
const nlohmann::json kUrl = {{"url", "https://shop.example/reviews"}};

} // namespace

TEST_CASE("a test sees what a channel brought asked logged and counted", "[testing]") {
    FakeHost host;
    host.answers("GET", kPage0, 200, "Warm light.");
    host.setTime(1234567);
    PluginUnderTest plugin(host, kEntryOf<Shop>, kUrl);
    REQUIRE(plugin.configured.ok());
    REQUIRE(plugin.start().ok());
    const Batch batch = plugin.poll();
    INFO(batch.text);
    REQUIRE(batch.ok());
    REQUIRE(batch.messages.size() == 2); // the default of the manifest
    CHECK(batch.messages[1].external_id == "2");
    CHECK(batch.messages[1].text == "Warm light.");
    CHECK(batch.messages[1].occurred_at_us == 1234567);
    CHECK(batch.checkpoint == "3");
    CHECK(batch.has_more);
    CHECK(batch.next_poll_ms == 250);
    REQUIRE(host.calls().size() == 1);
    CHECK(host.calls()[0].headers[0] ==
          std::pair<std::string, std::string>("Authorization", "none"));
    CHECK(host.values().at("seen") == "3");
    CHECK(host.counts().at("pages") == 1);
    CHECK(host.gauges().at("next") == 3);
    CHECK(host.log().at(0).text == "read a page");
    CHECK(host.wakes() == 1);
}

TEST_CASE("a test restarts a channel from what was stored last", "[testing]") {
    FakeHost host;
    host.answers("GET", kPage0, 200, "one");
    host.answers("GET", kPage2, 200, "two");
    PluginUnderTest plugin(host, kEntryOf<Shop>, kUrl);
    REQUIRE(plugin.start().ok());
    const Batch first = plugin.poll();
    plugin.store(first);
    plugin.reject(plugin.poll()); // the database was away
    REQUIRE(plugin.restart().ok());
    const Batch again = plugin.poll();
    REQUIRE(again.messages.size() == 2);
    CHECK(again.messages[0].external_id == "3");
    CHECK(first.messages[0].text == "one"); // views live as long as their batch
    REQUIRE(host.acks().size() == 2);
    CHECK(host.acks()[0].stored);
    CHECK_FALSE(host.acks()[1].stored);
    CHECK(host.counts().at("stored") == static_cast<double>(first.id));
}

TEST_CASE("a scripted internet answers in order and says what it does not know", "[testing]") {
    FakeHost host;
    PluginUnderTest plugin(host, kEntryOf<Shop>, kUrl);
    REQUIRE(plugin.start().ok());
    const Batch unknown = plugin.poll();
    CHECK(unknown.status == HB_UNAVAILABLE);
    CHECK(unknown.text == std::string("the test has no answer to GET ") + kPage0);
    host.answers("GET", kPage0, 429, "");
    host.answers("GET", kPage0, 200, "broken");
    const Batch busy = plugin.poll();
    CHECK(busy.status == HB_RATE_LIMITED);
    CHECK(busy.retry_after_ms == 5000);
    CHECK(busy.text == "the shop is busy");
    for (int i = 0; i < 2; ++i) { // the last answer stays
        const Batch batch = plugin.poll();
        REQUIRE(batch.rejects.size() == 1);
        CHECK(batch.rejects[0].cause == "no JSON");
        CHECK(batch.rejects[0].payload == "broken");
        CHECK(batch.rejects[0].position == "page 1");
    }
    CHECK(plugin.decode("mended").messages.at(0).text == "mended");
    host.fails("GET", "https://other.example/?after=0", HB_CONFIG, "the address is not allowed");
    plugin.stop();
    REQUIRE(plugin.configure({{"url", "https://other.example/"}}).ok());
    REQUIRE(plugin.start().ok());
    CHECK(plugin.poll().status == HB_CONFIG);
    host.setCancelled(true);
    CHECK(plugin.poll().status == HB_CANCELLED);
}

TEST_CASE("settings get the defaults of the manifest and errors their path", "[testing]") {
    FakeHost host;
    PluginUnderTest plugin(host, kEntryOf<Shop>, {{"url", "http://x"}});
    CHECK(plugin.configured.status == HB_CONFIG);
    CHECK(plugin.configured.path == "/url");
    CHECK(plugin.configured.text == "must begin with https://");
    CHECK(plugin.configure({}).text == "is required");
    auto settings = kUrl;
    settings["token"] = "t-17";
    REQUIRE(plugin.configure(settings).ok());
    CHECK(plugin.check().text == "the token is t-17");
    host.setSecret("token", "t-18"); // it was changed
    CHECK(plugin.check().text == "the token is t-18");
    CHECK(plugin.manifest().at("version") == "1.0.0");
}

TEST_CASE("a host may lack a service", "[testing]") {
    FakeHost host;
    host.without(HB_EXT_HOST_HTTP_1);
    PluginUnderTest plugin(host, kEntryOf<Shop>, kUrl);
    REQUIRE(plugin.start().ok());
    CHECK(plugin.poll().status == HB_UNSUPPORTED);
    host.without(HB_EXT_HOST_INGRESS_1);
    PluginUnderTest other(host, kEntryOf<Shop>, kUrl);
    CHECK(other.start().text == "this host cannot receive requests");
}

TEST_CASE("what again() brings is handed over and the time it says is kept", "[sdk]") {
    FakeHost host;
    PluginUnderTest plugin(host, kEntryOf<Tide>);
    REQUIRE(plugin.start().ok());
    const Batch later = plugin.poll();
    CHECK(later.status == HB_OK); // AGAIN is for nothing at all
    CHECK(later.next_poll_ms == 60'000);
    plugin.stop();
    REQUIRE(plugin.configure({{"arrives", true}}).ok());
    REQUIRE(plugin.start().ok());
    const Batch now = plugin.poll();
    CHECK(now.status == HB_OK);
    CHECK(now.messages.size() == 1);
    CHECK(now.next_poll_ms == 60'000);
}

TEST_CASE("what start() began is stopped where the address cannot be had", "[sdk]") {
    FakeHost host;
    host.without(HB_EXT_HOST_INGRESS_1);
    PluginUnderTest plugin(host, kEntryOf<Tide>);
    CHECK(plugin.start().status == HB_UNSUPPORTED);
    CHECK_FALSE(detail::Box<Tide>::of(plugin.instance()).plugin.waves.joinable());
}

TEST_CASE("a test sends requests to a channel that receives", "[testing]") {
    FakeHost host;
    PluginUnderTest plugin(host, kEntryOf<Shop>, kUrl);
    REQUIRE(plugin.start().ok());
    CHECK(host.routes().at(0).methods == "POST");
    const auto refused = plugin.receive({});
    CHECK(refused.ok());
    CHECK(refused.http_status == 401);
    CHECK(refused.refused == "token");
    CHECK(refused.body == "wrong token");
    testing::FakeRequest request;
    request.headers = {{"x-token", "right"}};
    request.body = "hello";
    const auto taken = plugin.receive(request);
    CHECK(taken.http_status == 204);
    CHECK(taken.batch.messages.at(0).text == "hello");
    request.path = "/nowhere";
    CHECK(plugin.receive(request).status == HB_UNSUPPORTED);
}

TEST_CASE("a test asks a classifier and hands a sink deliveries", "[testing]") {
    FakeHost host;
    PluginUnderTest mood(host, kEntryOf<Shop, Mood, Desk>, nlohmann::json::object(), "mood");
    REQUIRE(mood.start().ok());
    BatchOut request;
    request.add().text("hooray");
    request.add().subject("empty");
    request.add().text("alas");
    const auto answer = mood.classify(request);
    REQUIRE(answer.ok());
    CHECK(answer.of(0) == std::vector<std::string>{"up"});
    CHECK(answer.of(1).empty());
    CHECK(answer.of(2) == std::vector<std::string>{"down"});
    CHECK(answer.said[0].model_version == "mood/1");
    CHECK(answer.said[0].reason == "a word");
    CHECK(mood.labels() == std::vector<std::string>{"up", "down"});
    CHECK(mood.poll().status == HB_UNSUPPORTED);

    PluginUnderTest desk(host, kEntryOf<Shop, Mood, Desk>, nlohmann::json::object(), "desk");
    REQUIRE(desk.start().ok());
    Deliveries deliveries;
    deliveries.add("key-1").text("good");
    deliveries.add("key-2").text("bad");
    deliveries.add("key-3").text("late");
    const auto written = desk.write(deliveries);
    CHECK(written.of(0).ok());
    CHECK(written.remote_ids.at(0) == "key-1!");
    CHECK(written.of(1).status == HB_ITEM_INVALID);
    CHECK(written.of(2).status == HB_UNAVAILABLE);
    CHECK(written.of(2).text == "the desk is closed");
    CHECK_THROWS_WITH(PluginUnderTest(host, kEntryOf<Shop>, kUrl, "other"),
                      "the library has no plugin \"other\"");
    CHECK_THROWS(testing::load("/nowhere.so"));
}

TEST_CASE("the store of a test has the host's limits and its notes bear threads", "[testing]") {
    FakeHost host;
    CHECK_FALSE(host.host().load("key"));
    host.host().store("key", "value");
    CHECK(host.host().load("key") == "value");
    CHECK_THROWS(host.host().store(std::string(257, 'k'), ""));
    CHECK_THROWS(host.host().store("key", std::string((64 << 10) + 1, 'v')));
    std::thread other([&] {
        for (int i = 0; i < 1000; ++i) host.host().count("from a thread");
    });
    for (int i = 0; i < 1000; ++i) host.host().count("from a thread");
    other.join();
    CHECK(host.counts().at("from a thread") == 2000);
    host.advance(std::chrono::seconds(2));
    CHECK(host.host().nowUs() == 1767225602000000);
}

TEST_CASE("tokens and times to be woken are the test's to give and to see", "[sdk]") {
    FakeHost host;
    OAuthAccount account;
    account.token_url = "https://id.example/token";
    CHECK_THROWS_AS(host.host().accessToken(account), Error);
    host.setToken(account.token_url, "t1");
    CHECK(host.host().accessToken(account) == "t1");
    host.host().tokenRefused(account);
    CHECK(host.refusedTokens() == std::vector<std::string>{account.token_url});
    host.host().wakeAt(host.host().nowUs() + 60'000'000);
    CHECK(host.wakeTimes() == std::vector<std::int64_t>{host.host().nowUs() + 60'000'000});
    HttpCall call;
    call.url = "https://api.example/";
    call.account = "one";
    call.budgets = {{"units", 50, 10000, 86'400'000}};
    host.answers("GET", call.url, 429, "", {}, 5000);
    CHECK(host.host().send(call).retry_after_ms == 5000);
    const auto calls = host.calls();
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].account == "one");
    REQUIRE(calls[0].budgets.size() == 1);
    CHECK(calls[0].budgets[0].cost == 50);
}

TEST_CASE("the status of an answer is the status of the call", "[http]") {
    HttpAnswer answer;
    const auto outcome = [&](std::int32_t status) {
        answer.status = status;
        return answer.outcome();
    };
    CHECK(outcome(204).isOk());
    CHECK(outcome(401).code() == HB_AUTH);
    CHECK(outcome(422).code() == HB_ITEM_INVALID);
    CHECK(outcome(503).text() == "HTTP status 503");
    CHECK(outcome(429).retryAfterMs() == 0);
    answer.retry_after_ms = 120'000;
    CHECK(outcome(429).retryAfterMs() == 120'000);
}

TEST_CASE("what a server answers to a poll is never the fault of an item", "[http]") {
    HttpAnswer answer;
    const auto outcome = [&](std::int32_t status) {
        answer.status = status;
        return answer.pollOutcome();
    };
    CHECK(outcome(204).isOk());
    CHECK(outcome(401).code() == HB_AUTH);
    CHECK(outcome(404).code() == HB_UNAVAILABLE);
    CHECK(outcome(404).text() == "HTTP status 404");
    answer.retry_after_ms = 120'000;
    CHECK(outcome(429).retryAfterMs() == 120'000);
}
