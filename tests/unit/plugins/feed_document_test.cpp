#include "feed_document.h"

#include <catch2/catch.hpp>

using hearback::feed::Entry;
using hearback::feed::Feed;
using hearback::feed::parseFeed;

namespace {

constexpr std::int64_t kTuesday = 1424158565000000; // 2015-02-17T07:36:05Z

Feed feedOf(const std::string& xml) {
    auto parsed = parseFeed(xml);
    if (const auto* problem = std::get_if<std::string>(&parsed)) FAIL(*problem);
    return std::move(std::get<Feed>(parsed));
}

std::string problemOf(const std::string& xml) {
    const auto parsed = parseFeed(xml);
    const auto* problem = std::get_if<std::string>(&parsed);
    return problem == nullptr ? "it is a feed" : *problem;
}

std::string rss(const std::string& items, const std::string& channel = "") {
    return "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Shop</title>" + channel +
           items + "</channel></rss>";
}

std::string atom(const std::string& entries) {
    return "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"de\"><title>Forum</title>" +
           entries + "</feed>";
}

} // namespace

TEST_CASE("an entry of RSS is read", "[plugins]") {
    const Feed feed = feedOf(rss("<item><guid>tag:7</guid><title>A &amp; B</title>"
                                 "<description>&lt;p&gt;text&lt;/p&gt;</description>"
                                 "<link>https://example.org/7</link>"
                                 "<dc:creator>Ada</dc:creator>"
                                 "<pubDate>Tue, 17 Feb 2015 07:36:05 GMT</pubDate></item>",
                                 "<language>en-us</language><ttl>60</ttl>"));
    CHECK(feed.title == "Shop");
    CHECK(feed.language == "en-us");
    CHECK(feed.ttl_s == 3600);
    REQUIRE(feed.entries.size() == 1);
    const Entry& entry = feed.entries[0];
    CHECK(entry.id == "tag:7");
    CHECK(entry.title == "A & B");
    CHECK(entry.html == "<p>text</p>");
    CHECK(entry.is_html);
    CHECK(entry.link == "https://example.org/7");
    CHECK(entry.author == "Ada");
    CHECK(entry.published_at_us == kTuesday);
    CHECK(entry.updated_at_us == 0);
}

TEST_CASE("the whole content of an entry goes before its summary", "[plugins]") {
    const Feed feed =
        feedOf(rss("<item><guid>1</guid><description>short</description>"
                   "<content:encoded><![CDATA[<p>whole</p>]]></content:encoded></item>"
                   "<item><guid>2</guid><description><![CDATA[<b>one</b>]]> two</description>"
                   "<author>ada@example.org</author><dc:date>2015-02-17T07:36:05Z</dc:date>"
                   "</item>"));
    CHECK(feed.entries[0].html == "<p>whole</p>");
    CHECK(feed.entries[1].html == "<b>one</b> two");
    CHECK(feed.entries[1].author == "ada@example.org");
    CHECK(feed.entries[1].published_at_us == kTuesday);
}

TEST_CASE("an entry of Atom is read", "[plugins]") {
    const Feed feed = feedOf(atom("<entry><id>urn:7</id><title>Title</title>"
                                  "<content type=\"html\">&lt;p&gt;text&lt;/p&gt;</content>"
                                  "<link rel=\"edit\" href=\"https://example.org/edit\"/>"
                                  "<link href=\"https://example.org/7\"/>"
                                  "<author><name>Ada</name></author>"
                                  "<published>2015-02-17T07:36:05Z</published>"
                                  "<updated>2015-02-18T07:36:05Z</updated></entry>"));
    CHECK(feed.title == "Forum");
    CHECK(feed.language == "de");
    REQUIRE(feed.entries.size() == 1);
    const Entry& entry = feed.entries[0];
    CHECK(entry.id == "urn:7");
    CHECK(entry.html == "<p>text</p>");
    CHECK(entry.is_html);
    CHECK(entry.link == "https://example.org/7");
    CHECK(entry.author == "Ada");
    CHECK(entry.published_at_us == kTuesday);
    CHECK(entry.updated_at_us == kTuesday + 86400000000);
}

TEST_CASE("text and html and xhtml of Atom are told apart", "[plugins]") {
    const Feed feed =
        feedOf(atom("<entry><id>1</id><summary>a &lt; b</summary><updated>2015-02-17</updated>"
                    "</entry>"
                    "<entry><id>2</id><content type=\"xhtml\"><div xmlns=\"x\"><p>one &amp; "
                    "two</p></div></content><updated>2015-02-18</updated></entry>"
                    "<entry><id>3</id><content type=\"text\">plain</content><updated>2015-02-19"
                    "</updated></entry>"));
    CHECK(feed.entries[0].html == "a < b");
    CHECK_FALSE(feed.entries[0].is_html);
    CHECK(feed.entries[0].published_at_us == feed.entries[0].updated_at_us);
    CHECK(feed.entries[1].html.find("<p>one &amp; two</p>") != std::string::npos);
    CHECK(feed.entries[1].is_html);
    CHECK_FALSE(feed.entries[2].is_html);
}

TEST_CASE("an entry without a good id has one that stays the same", "[plugins]") {
    const std::string items = "<item><link>https://example.org/7</link></item>"
                              "<item><title>a</title><description>b</description></item>"
                              "<item><title>a</title><description>c</description></item>"
                              "<item><guid>" +
                              std::string(1000, 'x') + "</guid></item>";
    const Feed feed = feedOf(rss(items));
    REQUIRE(feed.entries.size() == 4);
    CHECK(feed.entries[0].id == "https://example.org/7");
    CHECK(feed.entries[1].id != feed.entries[2].id);
    CHECK(feed.entries[1].id.find("hash-") == 0);
    CHECK(feed.entries[3].id.find("hash-") == 0);
    const Feed again = feedOf(rss(items));
    for (std::size_t i = 0; i < 4; ++i) CHECK(again.entries[i].id == feed.entries[i].id);
}

TEST_CASE("an id of a feed is one that the host takes", "[plugins]") {
    const Feed feed =
        feedOf(rss("<item><guid>\n  tag:7\n</guid></item>"
                   "<item><guid> \n </guid><link> https://example.org/7 </link></item>"
                   "<item><guid>a&#10;b</guid></item><item><guid>a&#27;b</guid></item>"
                   "<item><guid>" +
                   std::string(200, '\xFF') + "</guid></item>"));
    REQUIRE(feed.entries.size() == 5);
    CHECK(feed.entries[0].id == "tag:7");
    CHECK(feed.entries[1].id == "https://example.org/7");
    // Bytes that are no letters grow when they are repaired.
    for (std::size_t i = 2; i < 5; ++i) CHECK(feed.entries[i].id.find("hash-") == 0);
    CHECK(feed.entries[2].id != feed.entries[3].id);
}

TEST_CASE("entries come oldest first and otherwise in their order", "[plugins]") {
    const auto item = [](const char* id, const char* date) {
        return std::string("<item><guid>") + id + "</guid><pubDate>" + date + "</pubDate></item>";
    };
    const Feed feed = feedOf(rss(item("new", "2015-02-19") + item("b", "2015-02-17") +
                                 item("c", "2015-02-17") + item("undated", "soon")));
    std::string order;
    for (const Entry& entry : feed.entries) order += entry.id + " ";
    CHECK(order == "undated b c new ");
}

TEST_CASE("a wish not to be read often is kept within a day", "[plugins]") {
    const auto ttl = [](const std::string& text) {
        return feedOf(rss("", "<ttl>" + text + "</ttl>")).ttl_s;
    };
    CHECK(ttl("15") == 900);
    CHECK(ttl("99999999999999999999") == 86400);
    CHECK(ttl("-5") == 0);
    CHECK(ttl("often") == 0);
    CHECK(feedOf(rss("")).ttl_s == 0);
}

TEST_CASE("what is no feed is told by what it is", "[plugins]") {
    CHECK(problemOf("<html><body>moved</body></html>") ==
          "is no feed: its root is <html>, wanted is <rss> or <feed>");
    CHECK(problemOf("<rss></rss>") == "is no feed: its root is <rss>, wanted is <rss> or <feed>");
    CHECK(problemOf("<" + std::string(1000, 'x') + "/>").size() < 200);
    CHECK(problemOf("<rss><channel>").find("the XML is broken at byte ") == 0);
    CHECK(problemOf("").find("the XML is broken at byte 0") == 0);
    CHECK(problemOf("{\"json\": true}").find("the XML is broken") == 0);
}

TEST_CASE("feeds in the usual letters are read as UTF-8", "[plugins]") {
    const std::string item = "<item><guid>1</guid><title>";
    CHECK(feedOf("\xEF\xBB\xBF" + rss(item + "caf\xC3\xA9</title></item>")).entries[0].title ==
          "caf\xC3\xA9");
    CHECK(feedOf("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel>" + item +
                 "caf\xE9</title></item></channel></rss>")
              .entries[0]
              .title == "caf\xC3\xA9");
    CHECK(feedOf(rss(item + "&#233;&#x1F600;</title></item>")).entries[0].title ==
          "\xC3\xA9\xF0\x9F\x98\x80");
}

// Each entity stands for ten of the one before: expanded, a billion.
TEST_CASE("entities of the document itself are not expanded", "[plugins]") {
    std::string doctype = "<!DOCTYPE rss [<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 10; ++i) {
        doctype += "<!ENTITY a" + std::to_string(i) + " \"";
        for (int j = 0; j < 10; ++j) doctype += "&a" + std::to_string(i - 1) + ";";
        doctype += "\">";
    }
    const Feed feed =
        feedOf(doctype + "]>" + rss("<item><guid>1</guid><title>&a9;</title></item>"));
    CHECK(feed.entries[0].title == "&a9;");
    const Feed file = feedOf("<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" +
                             rss("<item><guid>1</guid><title>&x;</title></item>"));
    CHECK(file.entries[0].title == "&x;");
}

TEST_CASE("a document nested beyond reason is survived", "[plugins]") {
    std::string open;
    std::string close;
    for (int i = 0; i < 200000; ++i) {
        open += "<a>";
        close += "</a>";
    }
    const Feed feed =
        feedOf(rss("<item><guid>1</guid><title>kept</title>" + open + close + "</item>"));
    CHECK(feed.entries[0].title == "kept");
    const Feed deep = feedOf(atom("<entry><id>1</id><content type=\"xhtml\">" + open + "x" + close +
                                  "</content></entry>"));
    CHECK(deep.entries[0].html.size() > 1000000);
    CHECK(problemOf(open).find("the XML is broken") == 0);
}

TEST_CASE("a feed has a limit of entries", "[plugins]") {
    std::string items;
    for (int i = 0; i < 10100; ++i) items += "<item><guid>" + std::to_string(i) + "</guid></item>";
    CHECK(feedOf(rss(items)).entries.size() == 10000);
}

TEST_CASE("a feed cut off anywhere is read or refused", "[plugins]") {
    const std::string whole = atom("<entry><id>1</id><content type=\"xhtml\"><p>x</p></content>"
                                   "<![CDATA[y]]><!-- z --></entry>");
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(problemOf(whole.substr(0, size)) != "it is a feed");
    CHECK(problemOf(whole) == "it is a feed");
}
