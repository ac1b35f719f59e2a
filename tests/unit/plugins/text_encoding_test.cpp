#include "base/utf8.h"
#include "text_encoding.h"

#include <catch2/catch.hpp>

using hearback::file::byteOrderMark;
using hearback::file::Encoding;
using hearback::file::fromLatin1;
using hearback::file::guessEncoding;
using hearback::file::isUtf16;

TEST_CASE("UTF-8 is told from the Latin-1 of Windows", "[plugins]") {
    CHECK(guessEncoding("") == Encoding::Utf8);
    CHECK(guessEncoding("plain ASCII") == Encoding::Utf8);
    CHECK(guessEncoding("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == Encoding::Utf8);
    CHECK(guessEncoding("caf\xE9 au lait") == Encoding::Latin1);
    CHECK(guessEncoding("\x80 5") == Encoding::Latin1);
    CHECK(guessEncoding("gr\xFC\xDF") == Encoding::Latin1);
    // The head may end in the middle of a character.
    CHECK(guessEncoding("caf\xC3") == Encoding::Utf8);
    CHECK(guessEncoding("\xF0\x9F\x98") == Encoding::Utf8);
    CHECK(guessEncoding("\xEF\xBB\xBF"
                        "caf\xE9") == Encoding::Utf8);
}

TEST_CASE("byte order marks are seen", "[plugins]") {
    CHECK(byteOrderMark("\xEF\xBB\xBFid") == 3);
    CHECK(byteOrderMark("id") == 0);
    CHECK(byteOrderMark("\xEF\xBB") == 0);
    CHECK(isUtf16("\xFF\xFEi"));
    CHECK(isUtf16("\xFE\xFFi"));
    CHECK_FALSE(isUtf16("\xEF\xBB\xBFid"));
    CHECK_FALSE(isUtf16(""));
}

TEST_CASE("every byte of Windows-1252 becomes a character", "[plugins]") {
    CHECK(fromLatin1("caf\xE9") == "caf\xC3\xA9");
    CHECK(fromLatin1("\x80 5 \x96 \x93ok\x94 \x99") ==
          "\xE2\x82\xAC 5 \xE2\x80\x93 \xE2\x80\x9Cok\xE2\x80\x9D \xE2\x84\xA2");
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text = fromLatin1(std::string(1, static_cast<char>(byte)));
        CHECK(hearback::base::isUtf8(text));
        CHECK(text.size() == (byte < 0x80 ? 1 : byte >= 0xA0 ? 2 : text.size()));
        CHECK_FALSE(text.empty());
    }
}
