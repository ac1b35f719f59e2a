#include "app/sharing.h"
#include "leases/leases.h"
#include "support/test_store.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;

namespace {

using Names = std::set<std::string>;

struct Fixture {
    TestStore store;
    leases::Leases host(const std::string& name) {
        return {*store.database, name, [this](storage::Session&) { return store.clock.now(); }};
    }
    static Names keep(leases::Leases& host, const std::vector<std::string>& wanted) {
        const auto held = host.keep(wanted, 3 * base::kSecond);
        REQUIRE(held);
        return held->names;
    }
};

const std::vector<std::string> kFour{"a", "b", "c", "d"};

} // namespace

TEST_CASE("one host has everything and a second one gets its share", "[leases]") {
    Fixture f;
    auto one = f.host("one");
    auto two = f.host("two");
    CHECK(Fixture::keep(one, kFour) == Names{"a", "b", "c", "d"});
    CHECK(Fixture::keep(two, kFour).empty());
    for (int i = 0; i < 4; ++i) {
        f.store.clock.advance(base::kSecond);
        (void)Fixture::keep(one, kFour);
        (void)Fixture::keep(two, kFour);
    }
    const Names first = Fixture::keep(one, kFour);
    const Names second = Fixture::keep(two, kFour);
    CHECK(first.size() == 2);
    CHECK(second.size() == 2);
    for (const std::string& each : first) CHECK_FALSE(second.contains(each));
}

TEST_CASE("what a host does not renew is another one's when it has ended", "[leases]") {
    Fixture f;
    auto frozen = f.host("frozen");
    auto other = f.host("other");
    CHECK(Fixture::keep(frozen, {"a"}) == Names{"a"});
    f.store.clock.advance(2 * base::kSecond);
    CHECK(Fixture::keep(other, {"a"}).empty());
    f.store.clock.advance(2 * base::kSecond);
    const auto held = other.keep({"a"}, 3 * base::kSecond);
    REQUIRE(held);
    CHECK(held->names == Names{"a"});
    CHECK(held->hosts == 1);
    CHECK(held->gone == std::vector<std::string>{"frozen"});
    REQUIRE(other.forget("frozen"));
    CHECK(other.keep({"a"}, 3 * base::kSecond)->gone.empty());
    // It comes back and learns that it has nothing.
    CHECK(Fixture::keep(frozen, {"a"}).empty());
}

TEST_CASE("a host that ends leaves nothing to be waited for", "[leases]") {
    Fixture f;
    auto one = f.host("one");
    auto two = f.host("two");
    CHECK(Fixture::keep(one, {"a"}) == Names{"a"});
    REQUIRE(one.releaseAll());
    CHECK(Fixture::keep(two, {"a"}) == Names{"a"});
}

TEST_CASE("duties begin and end with their leases", "[leases]") {
    Fixture f;
    auto other = f.host("other");
    bool runs = false;
    bool ends = true;
    int begun = 0;
    app::Sharing sharing(f.host("this"), *f.store.outbox, f.store.clock);
    sharing.add({"a",
                 [&] {
                     runs = true;
                     ++begun;
                 },
                 [&] { runs = !ends; }, [&] { return !runs; }});
    sharing.step();
    CHECK(runs);
    CHECK(sharing.has("a"));
    sharing.step();
    CHECK(begun == 1);
    // Frozen past its lease, which another host takes.
    f.store.clock.advance(4 * base::kSecond);
    CHECK_FALSE(sharing.has("a"));
    CHECK(Fixture::keep(other, {"a"}) == Names{"a"});
    ends = false; // it takes its time
    sharing.step();
    CHECK(runs);
    // The other one ends before this one has: it begins only after that.
    REQUIRE(other.releaseAll());
    sharing.step();
    CHECK(begun == 1);
    runs = false;
    sharing.step();
    CHECK(begun == 2);
}

TEST_CASE("what a dead host was sending is sent by another one", "[leases]") {
    Fixture f;
    auto batch = TestStore::batchOf({TestStore::message("a", "hello")});
    batch.items.front().route.add_sinks("crm");
    f.store.store(std::move(batch));
    const deliver::Endpoint crm{storage::Term::Sink, "crm"};
    auto dead = f.host("dead");
    CHECK(Fixture::keep(dead, {}).empty());
    deliver::Outbox its(*f.store.database, *f.store.dictionary, f.store.clock);
    its.claimAs("dead");
    REQUIRE(its.claim(crm, 10, 5 * base::kMinute)->size() == 1);

    app::Sharing sharing(f.host("this"), *f.store.outbox, f.store.clock);
    sharing.step();
    CHECK(f.store.outbox->claim(crm, 10, base::kMinute)->empty());
    f.store.clock.advance(4 * base::kSecond);
    sharing.step();
    CHECK(f.store.outbox->claim(crm, 10, base::kMinute)->size() == 1);
}
