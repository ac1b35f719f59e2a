// The kit for plugins in C, held against the schema and a host.
#include "unit/sdk/c_kit.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <hearback/testing/plugin_under_test.hpp>

#include <catch2/catch.hpp>

using namespace hearback;
using testing::FakeHost;
using testing::PluginUnderTest;

namespace {

template <class Message, class Call>
Message written(Call&& call) {
    std::string bytes;
    const detail::StringWriter out(bytes);
    call(out.table());
    Message message;
    REQUIRE(message.ParseFromString(bytes));
    return message;
}

hb_text textOf(std::string_view text) { return detail::toText(text); }

std::string jsonText(std::string_view json, const char* name, std::size_t size = 64) {
    std::vector<char> into(size, 'x');
    return c_kit_text(textOf(json), name, into.data(), size) != 0 ? std::string(into.data())
                                                                  : "(none)";
}

} // namespace

TEST_CASE("what the C kit writes is what the schema says", "[c]") {
    const auto batch = written<v1::FeedbackBatch>([](const hb_writer* out) { c_kit_batch(out); });
    REQUIRE(batch.messages_size() == 2);
    const v1::FeedbackMessage& m = batch.messages(0);
    CHECK(m.external_id() == "id-1");
    CHECK(m.revision() == 7);
    CHECK(m.kind() == v1::KIND_SURVEY_ANSWER);
    CHECK(m.text_format() == v1::TEXT_FORMAT_HTML);
    CHECK(m.channel() == "shop");
    CHECK(m.conversation_key() == "thread");
    CHECK(m.parent_external_id() == "id-0");
    CHECK(m.author().external_id() == "u1");
    CHECK(m.author().handle() == "@ada");
    CHECK(m.author().display_name() == "Ada");
    CHECK(m.text() == "<p>Hello</p>");
    CHECK(m.subject() == "Lamp");
    CHECK(m.language() == "en");
    CHECK(m.rating().value() == 4.5);
    CHECK(m.rating().scale_min() == 1);
    CHECK(m.rating().scale_max() == 5);
    CHECK(m.permalink() == "https://shop.example/1");
    CHECK(m.occurred_at_us() == 1);
    CHECK(m.edited_at_us() == 2);
    CHECK(m.deleted_at_us() == 3);
    CHECK(m.attributes().at("brand") == "Lumo");
    CHECK(m.attributes().at("empty").empty());
    CHECK_FALSE(batch.messages(1).has_revision());
    CHECK_FALSE(batch.messages(1).has_author());
    CHECK_FALSE(batch.messages(1).has_rating());
    CHECK(batch.checkpoint() == std::string("1\0x", 3));
    CHECK(batch.has_more());
    CHECK(batch.next_poll_ms() == 250);
    REQUIRE(batch.rejects_size() == 1);
    CHECK(batch.rejects(0).cause() == "why");
    CHECK(batch.rejects(0).payload() == "\xff");
    CHECK(batch.rejects(0).position() == "line 3");

    const auto labels =
        written<v1::ClassifyResponse>([](const hb_writer* out) { c_kit_labels(out); });
    REQUIRE(labels.messages_size() == 1);
    CHECK(labels.messages(0).index() == 300);
    const v1::Annotation& said = labels.messages(0).annotations(0);
    CHECK(said.model_version() == "v/1");
    CHECK(said.label() == "calm");
    CHECK(said.score() == 2.5);
    CHECK(said.confidence() == 0.25);
    CHECK(said.reason() == "a word");
}

TEST_CASE("what the C kit reads it writes again", "[c]") {
    auto batch = written<v1::FeedbackBatch>([](const hb_writer* out) { c_kit_batch(out); });
    v1::ClassifyRequest request;
    *request.mutable_messages() = batch.messages();
    request.mutable_messages(0)->clear_attributes(); // it reads all but these
    request.mutable_messages(0)->clear_text_format();
    request.mutable_messages(0)->set_text(std::string(1 << 20, 'x'));
    std::string bytes = request.SerializeAsString();
    const auto copy = [&] {
        return written<v1::FeedbackBatch>(
            [&](const hb_writer* out) { c_kit_copy(detail::toBytes(bytes), out); });
    };
    v1::FeedbackBatch same = copy();
    CHECK(same.rejects_size() == 0);
    REQUIRE(same.messages_size() == 2);
    CHECK(same.messages(0).SerializeAsString() == request.messages(0).SerializeAsString());
    // Whatever is cut off, nothing is read beyond the end.
    request.mutable_messages(0)->set_text("short");
    const std::string whole = request.SerializeAsString();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        bytes = whole.substr(0, size);
        CHECK(copy().messages_size() <= 1);
    }
}

TEST_CASE("a sink in C reads deliveries and names what became of them", "[c]") {
    v1::DeliveryBatch batch;
    v1::Delivery& delivery = *batch.add_deliveries();
    delivery.set_idempotency_key("key");
    delivery.set_message_id(17);
    delivery.set_attempt(2);
    delivery.mutable_message()->set_text("Hello");
    delivery.mutable_message()->mutable_author()->set_display_name("Ada");
    delivery.mutable_route()->set_team("support");
    for (const auto& [task, label] : {std::pair{"topic", "lamp"}, std::pair{"mood", "up"}}) {
        delivery.add_annotations()->set_task(task);
        delivery.mutable_annotations(delivery.annotations_size() - 1)->set_label(label);
    }
    batch.add_deliveries();
    const std::string bytes = batch.SerializeAsString();
    const auto results = written<v1::DeliveryResults>(
        [&](const hb_writer* out) { c_kit_write(detail::toBytes(bytes), out); });
    REQUIRE(results.results_size() == 5);
    CHECK(results.results(0).status() == HB_OK);
    CHECK(results.results(0).remote_id() == "up");
    CHECK(results.results(1).status() == HB_ITEM_INVALID);
    CHECK(results.results(1).text() == "text");
    CHECK(results.results(2).remote_id() == "Ada");
    CHECK(results.results(3).index() == 1);
    CHECK(results.results(3).status() == HB_RATE_LIMITED);
    CHECK(results.results(3).retry_after_ms() == 500);
}

TEST_CASE("the C kit finds members of JSON by name and type", "[c]") {
    const std::string_view json =
        R"( { "other" : {"name": "inner", "list": ["]", "}"]}, "n\u0061me" :"Caf\u00e9 \"\\\n",)"
        R"("count": -17 ,"big":9007199254740993,"share":2.5e-1,"on":true,"off": false,)"
        R"("list":[1, "two,]", {"three": [3]} ,[ ]],"none":null,"empty":[],"pair":"\ud83d\ude00",)"
        R"("half":"\ud83dx","zero":"a\u0000b" } )";
    CHECK(jsonText(json, "name") == "Caf\u00e9 \"\\\n");
    CHECK(jsonText(json, "pair") == "\U0001F600");
    CHECK(jsonText(json, "half") == "\uFFFDx");
    CHECK(jsonText(json, "name", 10) == "Caf\u00e9 \"\\\n");
    CHECK(jsonText(json, "name", 9) == "(none)"); // no room for the zero at its end
    for (const char* none : {"zero", "count", "none", "other", "inner", ""})
        CHECK(jsonText(json, none) == "(none)");
    std::int64_t whole = 0;
    CHECK(c_kit_int(textOf(json), "count", &whole) != 0);
    CHECK(whole == -17);
    CHECK(c_kit_int(textOf(json), "big", &whole) != 0);
    CHECK(whole == 9007199254740993);
    CHECK(c_kit_int(textOf(json), "share", &whole) == 0);
    CHECK(c_kit_int(textOf(json), "on", &whole) == 0);
    double number = 0;
    CHECK(c_kit_number(textOf(json), "share", &number) != 0);
    CHECK(number == 0.25);
    int truth = 7;
    CHECK(c_kit_bool(textOf(json), "on", &truth) != 0);
    CHECK(truth == 1);
    CHECK(c_kit_bool(textOf(json), "off", &truth) != 0);
    CHECK(truth == 0);
    CHECK(c_kit_bool(textOf(json), "none", &truth) == 0);
    std::array<char, 256> all{};
    CHECK(c_kit_items(textOf(json), "list", all.data(), all.size()) == 4);
    CHECK(std::string(all.data()) == R"(1;"two,]";{"three": [3]};[ ];)");
    CHECK(c_kit_items(textOf(json), "empty", all.data(), all.size()) == 0);
    // What is cut off or no JSON does no harm.
    for (std::size_t size = 0; size < json.size(); ++size) {
        const std::vector<char> exact(json.begin(),
                                      json.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(jsonText({exact.data(), size}, "nowhere") == "(none)");
        (void)c_kit_items({exact.data(), size}, "list", all.data(), all.size());
    }
    for (const char* broken : {"", "x", "[]", "{", "{\"name\"}", "{name:1}", "{\"name\":}", "{,}"})
        CHECK(jsonText(broken, "name") == "(none)");
}

TEST_CASE("a plugin in C is made configured polled and ended by its macros", "[c]") {
    FakeHost host;
    host.setValue("seen", "id-9");
    host.answers("GET", "https://x.example/", 200, "hello");
    host.answers("GET", "https://x.example/", 429, "", {}, 120'000);
    host.answers("GET", "https://x.example/", 503, "");
    host.answers("GET", "https://x.example/", 404, "");
    host.setToken("https://x.example/token", "t-1");
    host.setSecret("word", "hush");
    host.setValue("old", "1");
    {
        PluginUnderTest plugin(host, hearback_plugin_entry);
        CHECK(plugin.configured.ok());
        CHECK(host.log().at(0).text == "caf\u00e9 \" 17");
        CHECK(host.log().at(0).level == HB_LOG_WARNING);
        CHECK(plugin.manifest().at("settings").at("properties").at("word").at("x-odd") == true);
        CHECK(plugin.check().text == "fine");
        CHECK(plugin.startFrom("2").text == "version 2");
        REQUIRE(plugin.start().ok());
        const auto batch = plugin.poll();
        REQUIRE(batch.messages.size() == 1);
        CHECK(batch.messages[0].external_id == "id-9");
        CHECK(batch.messages[0].text == "hello");
        CHECK(host.calls().at(0).method == "GET");
        CHECK(host.calls().at(0).headers.at(0).second == "k");
        CHECK(host.calls().at(0).body == "body");
        CHECK(plugin.poll().retry_after_ms == 120'000);
        CHECK(plugin.poll().text == "HTTP status 503");
        CHECK(plugin.poll().status == HB_UNAVAILABLE); // 404
        CHECK(host.values() == std::map<std::string, std::string>{
                                   {"seen", "id-9"}, {"token", "t-1"}, {"secret", "hush"}});
        CHECK(host.refusedTokens() == std::vector<std::string>{"https://x.example/token"});
        CHECK(host.wakeTimes() == std::vector<std::int64_t>{host.host().nowUs() + 7});
        CHECK(host.counts().at("polls") == 2);
        CHECK(host.gauges().at("depth") == 1.5);
        CHECK(host.timings().at("page") == std::vector<std::int64_t>{250});
        CHECK(host.routes().at(0).path == "/in");
        CHECK(host.routes().at(0).methods == "GET,POST");
        plugin.stop();
        CHECK(plugin.configure({{"word", "much too long"}}).path == "/word");
    }
    host.without(HB_EXT_HOST_HTTP_1);
    PluginUnderTest plugin(host, hearback_plugin_entry);
    REQUIRE(plugin.start().ok());
    CHECK(plugin.poll().text == "this host offers no HTTP");
    const hb_instance_table* table = nullptr;
    hb_instance* instance = nullptr;
    CHECK(hearback_plugin_entry.create(host.table(), textOf("other"), &table, &instance) ==
          HB_UNSUPPORTED);
}

TEST_CASE("a plugin in C sees no call that is out of its order", "[c]") {
    FakeHost host;
    PluginUnderTest plugin(host, hearback_plugin_entry);
    REQUIRE(plugin.configured.ok());
    CHECK(plugin.poll().text == "poll() came out of its order");
    CHECK_FALSE(plugin.configure({{"word", "much too long"}}).ok());
    CHECK(plugin.start().text == "start() came out of its order");
    REQUIRE(plugin.configure({}).ok());
    REQUIRE(plugin.start().ok());
    CHECK(plugin.configure({}).text == "configure() came out of its order");
    plugin.stop();
    CHECK_FALSE(plugin.poll().ok());
}

TEST_CASE("the C kit holds settings against the schema of the manifest", "[c]") {
    FakeHost host;
    PluginUnderTest plugin(host, hearback_plugin_entry);
    using Json = nlohmann::json;
    const auto path = [&](const Json& settings) {
        const auto outcome = plugin.configure(settings);
        return outcome.ok() ? "fits" : outcome.path;
    };
    CHECK(path({{"word", "x"}, {"limits", {{"low", 1}, {"high", 2.5}}}, {"tags", {"a", "b"}}}) ==
          "fits");
    CHECK(path({{"wrod", "x"}}) == "/wrod");
    CHECK(path({{"word", 7}}) == "/word");
    CHECK(path({{"tags", {"a", "c"}}}) == "/tags/1");
    CHECK(path({{"tags", Json::array()}}) == "/tags");
    CHECK(path({{"tags", "a"}}) == "/tags");
    CHECK(path({{"limits", Json::object()}}) == "/limits/low");
    CHECK(path({{"limits", {{"low", 1.5}}}}) == "/limits/low");
    CHECK(path({{"limits", {{"low", 10}}}}) == "/limits/low");
    CHECK(path({{"limits", {{"low", 1}, {"else", true}}}}) == "/limits/else");
    // Letters, not bytes.
    CHECK(path({{"name", "\u00e9\u00e9\n"}}) == "fits");
    CHECK(path({{"name", "four"}}) == "/name");
}
