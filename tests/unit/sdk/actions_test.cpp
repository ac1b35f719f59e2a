#include "hearback/v1/action.pb.h"

#include <hearback/sdk/actions.hpp>

#include <catch2/catch.hpp>

using namespace hearback;

TEST_CASE("an action is read as it was written", "[sdk]") {
    v1::Action action;
    action.set_idempotency_key("hb_1");
    action.set_kind(v1::ACTION_KIND_REPLY);
    action.set_target_external_id("t7");
    action.set_text("We are on it");
    action.set_actor("Ada");
    action.set_deadline_us(5);
    action.set_dry_run(true);
    action.set_tag("vip");
    action.set_attempt(2);
    action.mutable_target()->set_text("It hums");
    const std::string bytes = action.SerializeAsString();
    const ActionView view(bytes);
    CHECK(view.idempotency_key == "hb_1");
    CHECK(view.kind == ActionKind::Reply);
    CHECK(view.target_external_id == "t7");
    CHECK(view.text == "We are on it");
    CHECK(view.actor == "Ada");
    CHECK(view.deadline_us == 5);
    CHECK(view.dry_run);
    CHECK(view.tag == "vip");
    CHECK(view.attempt == 2);
    REQUIRE(view.target);
    CHECK(view.target->text == "It hums");
    CHECK_FALSE(ActionView("").target);
    CHECK(ActionView("").attempt == 1);
}

TEST_CASE("what became of an action is told in the words of the schema", "[sdk]") {
    v1::ActionResult result;
    REQUIRE(
        result.ParseFromString(ActionResult::done("r9").nowVisible(Visibility::Hidden).encode()));
    CHECK(result.state() == v1::ACTION_STATE_DONE);
    CHECK(result.remote_id() == "r9");
    CHECK(result.visibility() == v1::VISIBILITY_HIDDEN);
    REQUIRE(result.ParseFromString(ActionResult::pending().encode()));
    CHECK(result.state() == v1::ACTION_STATE_PENDING);
    REQUIRE(result.ParseFromString(ActionResult::rejected("too old").encode()));
    CHECK(result.state() == v1::ACTION_STATE_REJECTED);
    CHECK(result.text() == "too old");
}

TEST_CASE("a capability says what can be done and why not", "[sdk]") {
    CapabilitiesOut out;
    out.add(Capability::of(ActionKind::Reply, Idempotency::VendorKey)
                .longest(300, TextUnit::Graphemes)
                .until(77));
    out.add(Capability::of(ActionKind::Hide, Idempotency::NaturalKey)
                .takenBack()
                .notNow("only in your own threads"));
    v1::Capabilities all;
    REQUIRE(all.ParseFromString(out.bytes()));
    REQUIRE(all.capabilities_size() == 2);
    CHECK(all.capabilities(0).kind() == v1::ACTION_KIND_REPLY);
    CHECK(all.capabilities(0).available());
    CHECK(all.capabilities(0).text_max() == 300);
    CHECK(all.capabilities(0).text_unit() == v1::TEXT_UNIT_GRAPHEMES);
    CHECK(all.capabilities(0).idempotency() == v1::IDEMPOTENCY_VENDOR_KEY);
    CHECK(all.capabilities(0).until_us() == 77);
    CHECK_FALSE(all.capabilities(1).available());
    CHECK(all.capabilities(1).reversible());
    CHECK(all.capabilities(1).reason() == "only in your own threads");
}
