#include "frames/frame_socket.h"

#include <catch2/catch.hpp>

#include <array>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace hearback;
using frames::FrameSocket;

namespace {

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
        a = std::make_unique<FrameSocket>(ends[0]);
        raw = ends[1];
    }
    FrameSocket& b() {
        if (!b_) b_ = std::make_unique<FrameSocket>(raw);
        return *b_;
    }
    void write(const std::string& bytes) const {
        REQUIRE(::write(raw, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }

    std::unique_ptr<FrameSocket> a;
    int raw = -1;

  private:
    std::unique_ptr<FrameSocket> b_;
};

std::string sizes(std::uint32_t head, std::uint32_t body) {
    std::string bytes(8, '\0');
    for (unsigned i = 0; i < 4; ++i) {
        bytes[i] = static_cast<char>(head >> (8 * i));
        bytes[4 + i] = static_cast<char>(body >> (8 * i));
    }
    return bytes;
}

} // namespace

TEST_CASE("frames arrive as they were sent", "[frames]") {
    Pair pair;
    const std::string large(3 << 20, '\xfe');
    std::thread sender([&] {
        CHECK(pair.a->send({{"call", 1}, {"do", "poll"}}));
        CHECK(pair.a->send({{"answer", 2}}, large));
        // What is no letter is replaced, not refused.
        CHECK(pair.a->send({{"text", "a\xff"}}));
    });
    const auto first = pair.b().receive();
    const auto second = pair.b().receive();
    const auto third = pair.b().receive();
    sender.join();
    REQUIRE(first);
    CHECK(first->head == nlohmann::json{{"call", 1}, {"do", "poll"}});
    CHECK(first->body.empty());
    REQUIRE(second);
    CHECK(second->body == large);
    REQUIRE(third);
    CHECK(third->head["text"] == "a\xef\xbf\xbd");
}

TEST_CASE("what is no frame is an error and is not waited for", "[frames]") {
    const auto [bytes, problem] =
        GENERATE(table<std::string, std::string>({{sizes(0, 0), "a head of 0"},
                                                  {sizes(70000, 0), "a head of 70000"},
                                                  {sizes(2, 0xffffffff), "a body of 4294967295"},
                                                  {sizes(2, 0) + "}{", "no JSON object"},
                                                  {sizes(1, 0) + "7", "no JSON object"},
                                                  {sizes(2, 0) + "[]", "no JSON object"}}));
    Pair pair;
    pair.write(bytes);
    const auto received = pair.a->receive();
    REQUIRE_FALSE(received);
    CHECK(received.error().code == base::Code::Corrupt);
    INFO(received.error().message);
    CHECK(received.error().message.find(problem) != std::string::npos);
}

TEST_CASE("the end of the stream is told from nonsense", "[frames]") {
    Pair pair;
    pair.write(sizes(20, 0) + "{\"call\"");
    ::close(pair.raw);
    const auto received = pair.a->receive();
    REQUIRE_FALSE(received);
    CHECK(received.error().code == base::Code::Cancelled);
    pair.raw = ::dup(0);
}

TEST_CASE("a side that takes nothing is not waited for without end", "[frames]") {
    Pair pair;
    pair.a->setPatience(20 * base::kMillisecond);
    base::Result<void> sent;
    for (int i = 0; i < 100 && sent; ++i)
        sent = pair.a->send({{"note", "log"}}, std::string(1 << 20, 'x'));
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == base::Code::TimedOut);
    // Half a frame is out: nothing can follow it.
    CHECK_FALSE(pair.a->send({{"note", "ping"}}));
}

TEST_CASE("more than a frame carries is refused before a byte is sent", "[frames]") {
    Pair pair;
    CHECK(pair.a->send({{"text", std::string(100000, 'x')}}).error().code == base::Code::Full);
    CHECK(pair.a->send({{"answer", 1}}, std::string(frames::kBodyMax + 1, 'x')).error().code ==
          base::Code::Full);
    CHECK(pair.a->send({{"answer", 1}}));
    CHECK(pair.b().receive()->head == nlohmann::json{{"answer", 1}});
}
