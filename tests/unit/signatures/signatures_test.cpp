#include "hearback/signatures/signatures.h"

#include <catch2/catch.hpp>

using namespace hearback::signatures;

namespace {

std::string bytes(std::string_view hex) {
    const auto decoded = fromHex(hex);
    REQUIRE(decoded);
    return *decoded;
}

std::string mac(const std::string& key, const std::string& text) {
    return toHex(hmacSha256(key, text));
}

// The example of the specification of Standard Webhooks, and of its libraries.
const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTimestamp = 1614265330;
const std::string kBody = "{\"test\": 2432232314}";
const std::string kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

} // namespace

// RFC 4231, chapter 4; case 5, of which only half is given, is left out.
TEST_CASE("HMAC-SHA256 gives what RFC 4231 says", "[signatures]") {
    CHECK(mac(std::string(20, '\x0b'), "Hi There") ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(mac("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(mac(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(
        mac(bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd')) ==
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    CHECK(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(mac(std::string(131, '\xaa'),
              "This is a test using a larger than block-size key and a larger than block-size "
              "data. The key needs to be hashed before being used by the HMAC algorithm.") ==
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    CHECK(mac("", "").size() == 64);
}

TEST_CASE("the example of Standard Webhooks is signed as it says", "[signatures]") {
    const std::string key = standardKey(kSecret);
    CHECK(key.size() == 24);
    CHECK(standardSignature(key, kId, kTimestamp, kBody) == kSignature);
    CHECK(isStandardSignature(key, kId, kTimestamp, kBody, kSignature));
    const std::string utf8 =
        "{\"type\":\"feedback.created\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"data\":{\"id\":"
        "\"fb_1\",\"text\":\"na\xC3\xAFve caf\xC3\xA9 \xE2\x98\x95 \\\"quoted\\\" / slash\"}}";
    CHECK(standardSignature(key, kId, 1767323045, utf8) ==
          "v1,SxaA0lL2s3RnrbLo4mwy8BhVTK/DSuimeUkqlIq1V3M=");
}

TEST_CASE("a signature fits one id and time and body and key only", "[signatures]") {
    const std::string key = standardKey(kSecret);
    CHECK_FALSE(isStandardSignature(key, kId + "x", kTimestamp, kBody, kSignature));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp + 1, kBody, kSignature));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody + " ", kSignature));
    CHECK_FALSE(isStandardSignature(key + "x", kId, kTimestamp, kBody, kSignature));
    for (std::size_t i = 0; i < kSignature.size(); ++i) {
        std::string other = kSignature;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, other));
    }
    for (const char* header : {"", " ", "v1,", "v1", ","})
        CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, header));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, kSignature.substr(3)));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, "v2" + kSignature.substr(2)));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, kSignature + "x"));
}

TEST_CASE("one of several signatures is enough while a secret is changed", "[signatures]") {
    const std::string key = standardKey(kSecret);
    const std::string other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    CHECK(isStandardSignature(key, kId, kTimestamp, kBody, kSignature + " " + other));
    CHECK(isStandardSignature(key, kId, kTimestamp, kBody, other + " " + kSignature));
    CHECK(isStandardSignature(key, kId, kTimestamp, kBody, "v1a,x  " + kSignature + " "));
    CHECK_FALSE(isStandardSignature(key, kId, kTimestamp, kBody, other + " " + other));
}

TEST_CASE("a secret is base64 behind its prefix or else a text as it is", "[signatures]") {
    CHECK(standardKey("whsec_aGVsbG8=") == "hello");
    CHECK(standardKey("hello") == "hello");
    CHECK(standardKey("whsec_not base64!") == "whsec_not base64!");
}

TEST_CASE("hexadecimal and base64 are read and written", "[signatures]") {
    const std::string all = std::string("\x00\x01\x7f\x80\xff", 5);
    CHECK(toHex(all) == "00017f80ff");
    CHECK(fromHex("00017f80ff") == all);
    CHECK(fromHex("00017F80FF") == all);
    CHECK(toBase64(all) == "AAF/gP8=");
    CHECK(fromBase64("AAF/gP8=") == all);
    CHECK(toHex("").empty());
    CHECK(toBase64("").empty());
    CHECK(fromHex("") == "");
    CHECK(fromBase64("") == "");
    for (const char* text : {"0", "0g", "00 01", "0x00", "00:01"}) CHECK_FALSE(fromHex(text));
    for (const char* text : {"A", "AAF", "AAF/gP8", "AAF_gP8=", "AAF/gP8= ", "AAF/gP8=="})
        CHECK_FALSE(fromBase64(text));
}

TEST_CASE("bytes are equal when all of them are", "[signatures]") {
    CHECK(equal("", ""));
    CHECK(equal(std::string("a\0b", 3), std::string("a\0b", 3)));
    CHECK_FALSE(equal(std::string("a\0b", 3), std::string("a\0c", 3)));
    CHECK_FALSE(equal("a", "ab"));
    CHECK_FALSE(equal("ab", "a"));
}
