#include "base/random.h"
#include "base/utf8.h"
#include "intake/html_text.h"

#include <catch2/catch.hpp>

using namespace hearback;
using intake::htmlToText;

namespace {

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

} // namespace

TEST_CASE("blocks stand on lines of their own and spaces are one", "[intake]") {
    CHECK(htmlToText("<p>one</p><p>two</p>") == "one\ntwo");
    CHECK(htmlToText("one<br>two<br/>three") == "one\ntwo\nthree");
    CHECK(htmlToText("<ul><li>a</li><li>b</li></ul>c") == "a\nb\nc");
    CHECK(htmlToText("<div><div>a</div></div>\n\n  <h1>b</h1>") == "a\nb");
    CHECK(htmlToText("  many \n\t spaces  ") == "many spaces");
    CHECK(htmlToText("a <b> bold </b> word") == "a bold word");
    CHECK(htmlToText("un<i>broken</i>") == "unbroken");
    CHECK(htmlToText("<table><tr><td>a</td> <td>b</td></tr><tr><td>c</td></tr></table>") ==
          "a b\nc");
}

TEST_CASE("entities become the characters that they stand for", "[intake]") {
    CHECK(htmlToText("caf&eacute; &#228;&#xE4; &amp; &lt;b&gt; &copy") ==
          "caf\xC3\xA9 \xC3\xA4\xC3\xA4 & <b> \xC2\xA9");
    CHECK(htmlToText("AT&T &nosuchthing; &#0;") == "AT&T &nosuchthing; \xEF\xBF\xBD");
}

TEST_CASE("what a person does not see is not in the text", "[intake]") {
    CHECK(htmlToText("a<script>alert('x')</script>b<style>p{}</style>c<!-- note -->d"
                     "<noscript>e</noscript><template>f</template>") == "abcd");
    CHECK(htmlToText("<html><head><title>t</title></head><body>b</body></html>") == "b");
    CHECK(htmlToText("<img alt=\"x\" src=\"y\"><input value=\"z\">seen") == "seen");
}

TEST_CASE("broken HTML still gives its text", "[intake]") {
    CHECK(htmlToText("") == "");
    CHECK(htmlToText("<p>open <b>twice <i>more") == "open twice more");
    CHECK(htmlToText("</p></div>closed") == "closed");
    CHECK(htmlToText("a < b and c > d") == "a < b and c > d");
    CHECK(htmlToText("<p title=\"a > b\">text</p>") == "text");
    CHECK(htmlToText("text <") == "text <");
    CHECK(htmlToText("<td>cell</td> <option>choice") == "cell choice");
}

TEST_CASE("tags nested 100,000 deep end neither the process nor the text", "[intake]") {
    for (const char* tag : {"div", "b", "font", "table"}) {
        const std::string open = std::string("<") + tag + ">";
        const std::string text = htmlToText(repeated(open, 100000) + "deep &amp; down");
        INFO(tag);
        CHECK(text == "deep & down");
    }
    CHECK(htmlToText(repeated("<div>", 900) + "less deep") == "less deep");
}

// Each paragraph opens every <b> that is still open anew: a few kilobytes would become gigabytes,
// and hours for a feed that is full of them.
TEST_CASE("a fragment made to grow in memory does not", "[intake]") {
    std::string bomb = "<p>";
    for (int i = 0; i < 1600; ++i) bomb += "<b a=" + std::to_string(i) + ">";
    bomb += repeated("</p><p>x", 1600);
    for (int i = 0; i < 200; ++i) REQUIRE(htmlToText(bomb).size() >= 1600);
}

TEST_CASE("a reference to a letter beyond all numbers is mended", "[intake]") {
    CHECK(base::isUtf8(htmlToText("a &#x11000bbbbbbbbbbbb; b")));
    CHECK(base::isUtf8(htmlToText("&#99999999999; &#xD800; &#x110000;")));
}

TEST_CASE("whatever the bytes there is a text", "[intake]") {
    const std::string pieces[] = {"<",   ">",        "</",    "p",          " ",       "\"",
                                  "=",   "b",        "<!--",  "-->",        "&",       "#x41;",
                                  "/",   "<script>", "\n",    "<p>",        "'",       "<![CDATA[",
                                  "]]>", "\xC3\xA4", "<svg>", "<template>", "<table>", "<select>"};
    base::SeededRandom random(17);
    for (int round = 0; round < 3000; ++round) {
        std::string html;
        for (std::uint64_t i = random.next() % 60; i > 0; --i)
            html += pieces[random.next() % std::size(pieces)];
        (void)htmlToText(html);
    }
    SUCCEED("nothing crashed");
}
