#include <hearback/sdk/annotations_out.hpp>
#include <hearback/sdk/delivery.hpp>
#include <hearback/sdk/delivery_json.hpp>

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;

namespace {

v1::DeliveryBatch fullBatch() {
    v1::DeliveryBatch batch;
    v1::Delivery& delivery = *batch.add_deliveries();
    delivery.set_idempotency_key("key 1");
    delivery.set_message_id(42);
    delivery.set_attempt(3);
    v1::FeedbackMessage& message = *delivery.mutable_message();
    message.set_source("shop");
    message.set_external_id("7");
    message.set_revision(2);
    message.set_kind(v1::KIND_DIRECT_MESSAGE);
    message.set_channel("webshop");
    message.set_text("The lamp flickers.");
    message.set_occurred_at_us(1424158565000000);
    message.mutable_author()->set_display_name("Ada");
    message.mutable_author()->set_followers(0);
    message.mutable_rating()->set_value(2);
    message.mutable_rating()->set_scale_min(1);
    message.mutable_rating()->set_scale_max(5);
    (*message.mutable_attributes())["brand"] = "acme";
    v1::Annotation& annotation = *delivery.add_annotations();
    annotation.set_classifier("mood");
    annotation.set_task("sentiment");
    annotation.set_model_version("m/1");
    annotation.set_label("negative");
    annotation.set_score(-1.5);
    annotation.set_confidence(0.75);
    annotation.set_reason("flickers");
    v1::Route& route = *delivery.mutable_route();
    route.set_team("support");
    route.set_priority(v1::PRIORITY_HIGH);
    route.add_tags("lamp");
    route.add_tags("hurt");
    route.add_sinks("crm");
    route.add_rules("angry");
    batch.add_deliveries()->set_idempotency_key("key 2");
    return batch;
}

} // namespace

TEST_CASE("a sink reads deliveries field by field", "[sdk]") {
    const std::string bytes = fullBatch().SerializeAsString();
    std::vector<DeliveryView> seen;
    eachDelivery(bytes, [&](std::uint32_t index, const DeliveryView& delivery) {
        CHECK(index == seen.size());
        seen.push_back(delivery);
    });
    REQUIRE(seen.size() == 2);
    const DeliveryView& view = seen[0];
    CHECK(view.idempotency_key == "key 1");
    CHECK(view.message_id == 42);
    CHECK(view.attempt == 3);
    CHECK(view.message.text == "The lamp flickers.");
    REQUIRE(view.annotations.size() == 1);
    CHECK(view.annotations[0].classifier == "mood");
    CHECK(view.annotations[0].task == "sentiment");
    CHECK(view.annotations[0].model_version == "m/1");
    CHECK(view.annotations[0].label == "negative");
    CHECK(view.annotations[0].score == -1.5);
    CHECK(view.annotations[0].confidence == 0.75);
    CHECK(view.annotations[0].reason == "flickers");
    CHECK(view.route.team == "support");
    CHECK(view.route.priority == Priority::High);
    CHECK(view.route.tags == std::vector<std::string_view>{"lamp", "hurt"});
    CHECK(view.route.rules == std::vector<std::string_view>{"angry"});
    CHECK(seen[1].idempotency_key == "key 2");
    CHECK(seen[1].attempt == 1);
    CHECK(seen[1].route.priority == Priority::Normal);
}

TEST_CASE("a delivery as JSON has what is known and nothing else", "[sdk]") {
    const std::string bytes = fullBatch().SerializeAsString();
    std::vector<nlohmann::json> seen;
    eachDelivery(bytes, [&](std::uint32_t, const DeliveryView& delivery) {
        seen.push_back(toJson(delivery));
    });
    CHECK(seen[0] == nlohmann::json::parse(R"({
        "id": 42, "source": "shop", "external_id": "7", "revision": 2, "channel": "webshop",
        "kind": "direct_message", "text": "The lamp flickers.",
        "occurred_at": "2015-02-17T07:36:05Z",
        "author": {"name": "Ada", "followers": 0},
        "rating": {"value": 2.0, "scale_min": 1.0, "scale_max": 5.0},
        "attributes": {"brand": "acme"},
        "annotations": [{"task": "sentiment", "label": "negative", "confidence": 0.75,
                         "model": "m/1", "reason": "flickers"}],
        "route": {"team": "support", "priority": "high", "tags": ["lamp", "hurt"],
                  "rules": ["angry"]},
        "delivery": {"key": "key 1", "attempt": 3}})"));
    CHECK(seen[1] == nlohmann::json::parse(R"({
        "id": 0, "source": "", "external_id": "", "revision": 0, "channel": "", "text": "",
        "annotations": [], "route": {"priority": "normal", "tags": [], "rules": []},
        "delivery": {"key": "key 2", "attempt": 1}})"));
}

TEST_CASE("the host reads what became of deliveries", "[sdk]") {
    ResultsOut out;
    out.delivered(0, "remote 9");
    out.failed(2, Status::rateLimited(std::chrono::seconds(30), "too many"));
    out.failed(3, Status::itemInvalid("too large"));
    v1::DeliveryResults results;
    REQUIRE(results.ParseFromString(out.bytes()));
    REQUIRE(results.results_size() == 3);
    CHECK(results.results(0).index() == 0);
    CHECK(results.results(0).status() == HB_OK);
    CHECK(results.results(0).remote_id() == "remote 9");
    CHECK(results.results(1).index() == 2);
    CHECK(results.results(1).status() == HB_RATE_LIMITED);
    CHECK(results.results(1).retry_after_ms() == 30000);
    CHECK(results.results(1).text() == "too many");
    CHECK(results.results(2).status() == HB_ITEM_INVALID);
}

TEST_CASE("the host reads what a classifier says", "[sdk]") {
    AnnotationsOut out("m/1");
    Label label;
    label.label = "negative";
    label.score = -1.5;
    label.confidence = 0.75;
    label.reason = "flickers";
    out.add(3, label);
    v1::ClassifyResponse response;
    REQUIRE(response.ParseFromString(out.bytes()));
    REQUIRE(response.messages_size() == 1);
    CHECK(response.messages(0).index() == 3);
    REQUIRE(response.messages(0).annotations_size() == 1);
    const v1::Annotation& said = response.messages(0).annotations(0);
    CHECK(said.label() == "negative");
    CHECK(said.score() == -1.5);
    CHECK(said.confidence() == 0.75);
    CHECK(said.reason() == "flickers");
    CHECK(said.model_version() == "m/1");
    CHECK(said.classifier().empty());
}
