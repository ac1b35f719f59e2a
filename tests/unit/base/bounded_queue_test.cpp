#include "base/bounded_queue.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

using namespace hearback;
using base::BoundedQueue;
using base::Pushed;

namespace {

constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::minutes kLong{1};

Pushed put(BoundedQueue<int>& queue, int item, std::size_t weight = 1,
           std::chrono::milliseconds timeout = kAtOnce) {
    return queue.push(item, weight, timeout);
}

} // namespace

TEST_CASE("an empty queue takes one item however heavy", "[base]") {
    BoundedQueue<int> queue(10);
    CHECK(put(queue, 1, 1000) == Pushed::Yes);
    CHECK(put(queue, 2, 1) == Pushed::Full);
    CHECK(queue.pop(1) == std::vector<int>{1});
    CHECK(put(queue, 3, 1000) == Pushed::Yes);
}

TEST_CASE("a full queue refuses and leaves the item with the caller", "[base]") {
    BoundedQueue<std::unique_ptr<int>> queue(10);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    REQUIRE(queue.push(first, 10, kAtOnce) == Pushed::Yes);
    CHECK(first == nullptr);
    CHECK(queue.push(second, 1, kAtOnce) == Pushed::Full);
    REQUIRE(second != nullptr);
    CHECK(*second == 2);
    CHECK(queue.weight() == 10);
}

TEST_CASE("items leave a queue in the order in which they came", "[base]") {
    BoundedQueue<int> queue(100);
    for (int i = 0; i < 10; ++i) REQUIRE(put(queue, i) == Pushed::Yes);
    std::vector<int> taken;
    while (taken.size() < 10)
        for (const int each : queue.pop(3)) taken.push_back(each);
    CHECK(std::is_sorted(taken.begin(), taken.end()));
    CHECK(queue.weight() == 0);
}

TEST_CASE("a pop takes up to the weight asked for and at least one item", "[base]") {
    BoundedQueue<int> queue(100);
    for (const std::size_t weight : {5U, 5U, 5U}) REQUIRE(put(queue, 1, weight) == Pushed::Yes);
    CHECK(queue.pop(10).size() == 2);
    CHECK(queue.pop(0).size() == 1);
}

TEST_CASE("what is in a closed queue can be taken and nothing more goes in", "[base]") {
    BoundedQueue<int> queue(100);
    REQUIRE(put(queue, 1) == Pushed::Yes);
    queue.close();
    CHECK(put(queue, 2) == Pushed::Closed);
    CHECK(queue.pop(100) == std::vector<int>{1});
    CHECK(queue.pop(100).empty());
}

TEST_CASE("closing wakes who waits for room and who waits for items", "[base]") {
    BoundedQueue<int> full(1);
    BoundedQueue<int> empty(1);
    REQUIRE(put(full, 1) == Pushed::Yes);
    Pushed pushed = Pushed::Yes;
    std::vector<int> popped = {1};
    std::thread writer([&] { pushed = put(full, 2, 1, kLong); });
    std::thread reader([&] { popped = empty.pop(1); });
    full.close();
    empty.close();
    writer.join();
    reader.join();
    CHECK(pushed == Pushed::Closed);
    CHECK(popped.empty());
}

TEST_CASE("a pop lets in who waits for room", "[base]") {
    BoundedQueue<int> queue(1);
    REQUIRE(put(queue, 1) == Pushed::Yes);
    Pushed pushed = Pushed::Full;
    std::thread writer([&] { pushed = put(queue, 2, 1, kLong); });
    CHECK(queue.pop(1) == std::vector<int>{1});
    CHECK(queue.pop(1) == std::vector<int>{2});
    writer.join();
    CHECK(pushed == Pushed::Yes);
}

TEST_CASE("many writers and readers lose nothing and see nothing twice", "[base]") {
    constexpr int kWriters = 4;
    constexpr int kEach = 2000;
    BoundedQueue<int> queue(7);
    std::array<std::atomic<int>, kWriters * kEach> seen{};
    std::atomic<bool> in_order = true;
    const auto read = [&] {
        std::array<int, kWriters> last;
        last.fill(-1);
        for (auto items = queue.pop(3); !items.empty(); items = queue.pop(3)) {
            for (const int item : items) {
                ++seen[static_cast<std::size_t>(item)];
                int& before = last[static_cast<std::size_t>(item / kEach)];
                if (item <= before) in_order = false;
                before = item;
            }
        }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w)
        writers.emplace_back([&, w] {
            for (int i = 0; i < kEach; ++i) (void)put(queue, w * kEach + i, 1, kLong);
        });
    for (std::thread& writer : writers) writer.join();
    queue.close();
    for (std::thread& reader : readers) reader.join();
    CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& count) { return count == 1; }));
    CHECK(in_order);
    CHECK(queue.weight() == 0);
}
