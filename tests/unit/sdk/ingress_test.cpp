#include <hearback/sdk/ingress.hpp>

#include "hearback/v1/host.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;

TEST_CASE("a channel reads a request as it came", "[sdk]") {
    v1::IngressRequest sent;
    sent.set_method("POST");
    sent.set_path("/callback");
    sent.set_query("a=1&b=%20");
    sent.set_body(std::string("body\xFF\0", 6));
    sent.set_received_at_us(7);
    for (const auto& [name, value] :
         {std::pair("X-Signature", "first"), std::pair("x-signature", "second")}) {
        sent.add_headers()->set_name(name);
        sent.mutable_headers(sent.headers_size() - 1)->set_value(value);
    }
    const std::string bytes = sent.SerializeAsString();
    const Request request(bytes);
    CHECK(request.method == "POST");
    CHECK(request.path == "/callback");
    CHECK(request.query == "a=1&b=%20");
    CHECK(request.body == std::string("body\xFF\0", 6));
    CHECK(request.received_at_us == 7);
    CHECK(request.headers.size() == 2);
    CHECK(request.header("x-SIGNATURE") == "first");
    CHECK(request.header("X-Other").empty());
}

TEST_CASE("the host reads a reply with its batch", "[sdk]") {
    Reply reply;
    reply.status(202);
    reply.body("application/json", "{}");
    reply.header("X-Id", "7");
    reply.batch().add().externalId("a").text("text");
    v1::IngressReply read;
    REQUIRE(read.ParseFromString(reply.encode()));
    CHECK(read.status() == 202);
    CHECK(read.body() == "{}");
    REQUIRE(read.headers_size() == 2);
    CHECK(read.headers(0).name() == "Content-Type");
    CHECK(read.headers(0).value() == "application/json");
    CHECK(read.headers(1).name() == "X-Id");
    REQUIRE(read.batch().messages_size() == 1);
    CHECK(read.batch().messages(0).external_id() == "a");
    CHECK(read.refused().empty());
}

TEST_CASE("a reply that nothing was said about is an empty success", "[sdk]") {
    v1::IngressReply read;
    REQUIRE(read.ParseFromString(Reply().encode()));
    CHECK(read.status() == 204);
    CHECK_FALSE(read.has_batch());
}

TEST_CASE("a refusal has a status and a word and a sentence", "[sdk]") {
    Reply reply;
    reply.refuse(401, "signature", "the signature does not fit\n");
    v1::IngressReply read;
    REQUIRE(read.ParseFromString(reply.encode()));
    CHECK(read.status() == 401);
    CHECK(read.refused() == "signature");
    CHECK(read.body() == "the signature does not fit\n");
}
