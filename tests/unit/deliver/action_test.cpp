// Actions leave by the outbox, to the channel that brought the message.
#include "deliver/action_carrier.h"
#include "unit/deliver/deliver_fixture.h"

using namespace hearback;
using Catch::Matchers::Contains;
using deliver::DeliveryState;
using hearback::testing::TestStore;
using pipeline::Verdict;

namespace {

// A channel that can reply, like and, for a while, delete.
class Forum final : public pipeline::Source {
  public:
    const std::string& name() const override { return name_; }
    const std::string& plugin() const override { return name_; }
    std::size_t maxInflight() const override { return 1; }
    bool polls() const override { return true; }
    bool receives() const override { return false; }
    pipeline::Answer start(const std::optional<std::string>&) override { return {}; }
    pipeline::Answer poll(const pipeline::PollLimits&) override { return {}; }
    void ack(std::uint64_t, bool) override {}
    pipeline::Answer decode(std::string_view) override { return {}; }
    std::vector<pipeline::Route> routes() const override { return {}; }
    pipeline::Answer receive(const std::string&, std::string_view) override { return {}; }
    void cancel() override {}
    void stop() override {}
    void onWake(std::function<void()>) override {}

    bool acts() const override { return true; }
    pipeline::Answer capabilities(std::string_view) override {
        v1::Capabilities all;
        add(all, v1::ACTION_KIND_REPLY, v1::IDEMPOTENCY_NONE, "");
        add(all, v1::ACTION_KIND_LIKE, v1::IDEMPOTENCY_NATURAL_KEY, "");
        add(all, v1::ACTION_KIND_DELETE, v1::IDEMPOTENCY_NATURAL_KEY, "only within an hour");
        pipeline::Answer answer;
        answer.bytes = all.SerializeAsString();
        return answer;
    }
    pipeline::Answer act(std::string_view bytes) override {
        v1::Action action;
        REQUIRE(action.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        seen.push_back(action);
        pipeline::Answer answer = answers;
        answer.bytes = result.SerializeAsString();
        return answer;
    }

    pipeline::Answer answers;
    v1::ActionResult result;
    std::vector<v1::Action> seen;

  private:
    static void add(v1::Capabilities& all, v1::ActionKind kind, v1::Idempotency idempotency,
                    const std::string& why_not) {
        v1::Capability& each = *all.add_capabilities();
        each.set_kind(kind);
        each.set_idempotency(idempotency);
        each.set_available(why_not.empty());
        each.set_reason(why_not);
    }
    std::string name_ = "shop";
};

struct ForumFixture {
    TestStore store;
    Forum forum;
    bool is_here = true; // the source, among the hosts that share the data
    deliver::ActionOrders orders{*store.database, *store.dictionary, store.clock};
    deliver::Deliverer deliverer{
        {*store.outbox, store.clock, store.random,
         [this](storage::Transaction& tx, const pipeline::DeadLetter& letter) {
             store.dead_letter_ledger.keep(tx, letter);
         }},
        carrier(),
        {}};

    ForumFixture() {
        forum.result.set_state(v1::ACTION_STATE_DONE);
        forum.result.set_remote_id("reply-7");
        store.store(TestStore::batchOf({TestStore::message("a", "does it work?")}));
    }
    std::unique_ptr<deliver::Carrier> carrier() {
        const auto load =
            [this](std::int64_t id) -> base::Result<std::optional<v1::FeedbackMessage>> {
            const auto stored = store.queries->find(id);
            if (!stored) return stored.error();
            if (!*stored) return std::optional<v1::FeedbackMessage>();
            return std::optional((*stored)->message);
        };
        return std::make_unique<deliver::ActionCarrier>(
            forum, deliver::ActionServices{orders, load, "test", [this] { return is_here; }});
    }
    std::int64_t order(v1::ActionKind kind, base::Micros in = 0, base::Micros not_after = 0) {
        deliver::ActionOrder order;
        order.message_id = 1;
        order.source = "shop";
        order.action.set_kind(kind);
        order.action.set_text("it does");
        order.action.set_actor("Ada");
        order.due_at = store.clock.now() + in;
        order.not_after = not_after;
        const auto id = orders.give(order);
        REQUIRE(id);
        return *id;
    }
    deliver::OutboxRow row(std::int64_t id) {
        deliver::DeliveryFilter filter;
        filter.ids = {id};
        const auto rows = store.outbox->list(filter, 1);
        REQUIRE(rows);
        REQUIRE(rows->size() == 1);
        return rows->front();
    }
    void deliverAll() {
        while (deliverer.step()) {
        }
    }
};

} // namespace

TEST_CASE("a reply leaves once its time to be taken back is over", "[deliver]") {
    ForumFixture f;
    const auto id = f.order(v1::ACTION_KIND_REPLY, 20 * base::kSecond);
    f.deliverAll();
    CHECK(f.forum.seen.empty());
    f.store.clock.advance(21 * base::kSecond);
    f.deliverAll();
    REQUIRE(f.forum.seen.size() == 1);
    CHECK(f.forum.seen[0].text() == "it does");
    CHECK(f.forum.seen[0].actor() == "Ada");
    CHECK(f.forum.seen[0].target_external_id() == "a");
    CHECK(f.forum.seen[0].target().text() == "does it work?");
    CHECK_FALSE(f.forum.seen[0].idempotency_key().empty());
    CHECK(f.row(id).state == DeliveryState::Delivered);
    CHECK(f.row(id).remote_id == "reply-7");
}

TEST_CASE("an action that is taken back in time never reaches the channel", "[deliver]") {
    ForumFixture f;
    const auto id = f.order(v1::ACTION_KIND_REPLY, 20 * base::kSecond);
    deliver::DeliveryFilter filter;
    filter.ids = {id};
    CHECK(f.store.outbox->cancel(filter).value() == 1);
    f.store.clock.advance(base::kHour);
    f.deliverAll();
    CHECK(f.forum.seen.empty());
    CHECK(f.row(id).state == DeliveryState::Cancelled);
}

TEST_CASE("an action that comes too late is not done", "[deliver]") {
    ForumFixture f;
    const auto id = f.order(v1::ACTION_KIND_REPLY, 0, f.store.clock.now() + base::kMinute);
    f.store.clock.advance(base::kHour);
    f.deliverAll();
    CHECK(f.forum.seen.empty());
    CHECK(f.row(id).state == DeliveryState::Dead);
    CHECK(f.row(id).last_error == "it was not sent in time");
}

TEST_CASE("what the channel cannot do is refused with its reason and not tried", "[deliver]") {
    ForumFixture f;
    const auto now = f.order(v1::ACTION_KIND_DELETE);
    const auto never = f.order(v1::ACTION_KIND_HIDE);
    f.deliverAll();
    CHECK(f.forum.seen.empty());
    CHECK(f.row(now).state == DeliveryState::Dead);
    CHECK_THAT(f.row(now).last_error, Contains("only within an hour"));
    CHECK(f.row(never).state == DeliveryState::Dead);
    CHECK_THAT(f.row(never).last_error, Contains("hide"));
}

TEST_CASE("after an unclear outcome a like is repeated and a reply is shown to a person",
          "[deliver]") {
    ForumFixture f;
    f.forum.answers = hearback::testing::failing(Verdict::Unavailable);
    const auto like = f.order(v1::ACTION_KIND_LIKE);
    f.deliverer.step();
    CHECK(f.row(like).state == DeliveryState::Waiting);
    const auto reply = f.order(v1::ACTION_KIND_REPLY);
    f.forum.answers = {};
    f.deliverer.step(); // the like again: the reply waits for it no longer than that
    f.forum.answers = hearback::testing::failing(Verdict::Unavailable);
    f.deliverAll();
    CHECK(f.row(like).state == DeliveryState::Delivered);
    CHECK(f.row(reply).state == DeliveryState::Unclear);
    REQUIRE(f.forum.seen.size() == 3);
    CHECK(f.forum.seen[0].idempotency_key() == f.forum.seen[1].idempotency_key());
}

TEST_CASE("a refusal of the channel is final and one that names a time is not", "[deliver]") {
    ForumFixture f;
    f.forum.result.set_state(v1::ACTION_STATE_REJECTED);
    f.forum.result.set_text("the thread is locked");
    const auto locked = f.order(v1::ACTION_KIND_REPLY);
    f.deliverAll();
    CHECK(f.row(locked).state == DeliveryState::Dead);
    CHECK_THAT(f.row(locked).last_error, Contains("the thread is locked"));
    f.forum.result.set_retry_after_ms(60000);
    const auto slow = f.order(v1::ACTION_KIND_REPLY);
    f.deliverer.step();
    CHECK(f.row(slow).state == DeliveryState::Waiting);
    CHECK(f.row(slow).due_at == f.store.clock.now() + base::kMinute);
}

TEST_CASE("kinds of actions have names", "[deliver]") {
    CHECK(deliver::nameOf(v1::ACTION_KIND_PRIVATE_REPLY) == "private-reply");
    CHECK(deliver::actionKind("block-author") == v1::ACTION_KIND_BLOCK_AUTHOR);
    CHECK_FALSE(deliver::actionKind("unspecified"));
    CHECK_FALSE(deliver::actionKind("dance"));
    CHECK_FALSE(deliver::actionKind(""));
}

TEST_CASE("an action waits untouched where its source runs on another host", "[deliver]") {
    ForumFixture f;
    f.is_here = false;
    const auto id = f.order(v1::ACTION_KIND_REPLY);
    f.deliverAll();
    CHECK(f.forum.seen.empty());
    CHECK(f.row(id).attempts == 0);
    CHECK(f.row(id).claimed_until == 0);
    CHECK(f.deliverer.untilNext() <= base::kSecond);
    f.is_here = true;
    f.deliverAll();
    CHECK(f.row(id).state == DeliveryState::Delivered);
    // It has moved away again: nothing is sent from here, as the plugin does not run.
    f.is_here = false;
    const auto later = f.order(v1::ACTION_KIND_LIKE);
    f.deliverAll();
    CHECK(f.row(later).state == DeliveryState::Waiting);
    CHECK(f.row(later).attempts == 0);
}
