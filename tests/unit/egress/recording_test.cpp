// Exchanges as files: what is written, what is left out, and what is played back.
#include "egress/recording.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace hearback;
using base::Code;
using Catch::Matchers::Contains;
using egress::Recording;
using hearback::testing::ManualClock;
using hearback::testing::TempFolder;

namespace {

egress::Sender withSecret() {
    return {"shop", [](const std::string&) { return base::Result<void>(); },
            [](std::string_view text) {
                std::string out(text);
                for (auto at = out.find("s3cret"); at != std::string::npos; at = out.find("s3cret"))
                    out.replace(at, 6, "***");
                return out;
            }};
}

v1::HttpRequest asking(const std::string& method, const std::string& url,
                       const std::string& body = {}) {
    v1::HttpRequest request;
    request.set_method(method);
    request.set_url(url);
    request.set_body(body);
    auto& header = *request.add_headers();
    header.set_name("Authorization");
    header.set_value("Bearer abc");
    return request;
}

base::Result<v1::HttpResponse> answered(int status, const std::string& body) {
    v1::HttpResponse answer;
    answer.set_status(status);
    answer.set_body(body);
    answer.set_url("https://api.example/x?key=AIza");
    auto& header = *answer.add_headers();
    header.set_name("Set-Cookie");
    header.set_value("id=1");
    return answer;
}

std::unique_ptr<Recording> opened(Recording::Mode mode, const TempFolder& folder,
                                  base::Clock& clock) {
    auto recording = Recording::open(mode, folder / "tape", clock);
    REQUIRE(recording);
    return std::move(*recording);
}

} // namespace

TEST_CASE("what was recorded is played back in its order", "[recording]") {
    TempFolder folder;
    ManualClock clock;
    const std::string bytes("\0\xff", 2);
    {
        const auto tape = opened(Recording::Mode::Record, folder, clock);
        tape->add(asking("GET", "https://api.example/x"), answered(200, "one"), withSecret());
        tape->add(asking("GET", "https://api.example/x"), answered(200, "two"), withSecret());
        tape->add(asking("POST", "https://api.example/x", "a"), answered(201, bytes), withSecret());
        tape->add(asking("GET", "https://api.example/gone"),
                  base::Error{Code::Unavailable, "api.example: closed"}, withSecret());
    }
    const auto tape = opened(Recording::Mode::Replay, folder, clock);
    const auto play = [&](const std::string& method, const std::string& url,
                          const std::string& body = {}) {
        return tape->play(asking(method, url, body), withSecret());
    };
    CHECK(play("POST", "https://api.example/x", "a")->body() == bytes);
    CHECK(play("GET", "https://api.example/x")->body() == "one");
    CHECK(play("GET", "https://api.example/x")->body() == "two");
    CHECK(play("GET", "https://api.example/gone").error().code == Code::Unavailable);
    const auto more = play("GET", "https://api.example/x");
    CHECK(more.error().code == Code::Invalid);
    CHECK_THAT(more.error().message, Contains("more often than the 2 times"));
    CHECK_THAT(play("POST", "https://api.example/x", "b").error().message,
               Contains("no answer to POST https://api.example/x with a body of SHA-256"));
    // What is recorded further on comes behind what is there.
    opened(Recording::Mode::Record, folder, clock)
        ->add(asking("GET", "https://api.example/later"), answered(200, ""), withSecret());
    CHECK(std::filesystem::exists(folder / "tape/000005-get-api.example.json"));
}

TEST_CASE("a recording holds no credentials", "[recording]") {
    TempFolder folder;
    ManualClock clock;
    const auto ask =
        asking("POST", "https://api.example/x?page=2&access_token=tok-1", R"({"text":"s3cret"})");
    opened(Recording::Mode::Record, folder, clock)
        ->add(ask, answered(200, R"({"access_token":"tok-2","a":"s3cret"})"), withSecret());
    const std::string text = folder.read("tape/000001-post-api.example.json");
    for (const char* gone : {"tok-1", "tok-2", "s3cret", "Bearer abc", "id=1", "AIza"}) {
        INFO(gone);
        CHECK(text.find(gone) == std::string::npos);
    }
    const auto file = nlohmann::json::parse(text);
    CHECK(file["instance"] == "shop");
    CHECK(file["at"] == "2026-03-02T12:00:00Z");
    CHECK(file["request"]["url"] == "https://api.example/x?page=2&access_token=***");
    CHECK(file["response"]["status"] == 200);
    // And is found with other ones.
    const auto other =
        asking("POST", "https://api.example/x?page=2&access_token=tok-9", R"({"text":"s3cret"})");
    CHECK(opened(Recording::Mode::Replay, folder, clock)->play(other, withSecret()));
}

TEST_CASE("a folder that holds no recording is refused with the file", "[recording]") {
    TempFolder folder;
    ManualClock clock;
    CHECK_THAT(Recording::open(Recording::Mode::Replay, folder / "none", clock).error().message,
               Contains("is no folder"));
    folder.write("tape/000001-get-x.json", "{");
    CHECK_THAT(Recording::open(Recording::Mode::Replay, folder / "tape", clock).error().message,
               Contains("000001-get-x.json"));
}
