#include "integration/nginx.h"
#include "integration/server.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace hearback;
using namespace hearback::testing;

namespace {

std::string item(const std::string& guid, const std::string& text) {
    return "<item><guid>" + guid + "</guid><title>About " + guid +
           "</title><link>https://example.org/" + guid +
           "</link><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description><![CDATA[<p>" +
           text + "</p><script>alert(1)</script>]]></description></item>";
}

std::string rss(const std::string& items) {
    return "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Shop news</title>" + items +
           "</channel></rss>";
}

std::string source(const Nginx& nginx, const std::string& name, const std::string& file,
                   int every = 10) {
    return "[[source]]\nname = \"" + name + "\"\nplugin = \"feed\"\nsettings = { url = \"" +
           nginx.url(file) + "\", every_s = " + std::to_string(every) + " }\n";
}

nlohmann::json sourceState(const Server& server, const std::string& name) {
    const nlohmann::json status = server.status();
    for (const auto& each : status["sources"])
        if (each["name"] == name) return each;
    return {};
}

} // namespace

TEST_CASE("a feed is read and again only where it changed", "[feed]") {
    const Nginx nginx;
    nginx.page("feed.xml", rss(item("1", "first") + item("2", "second")));
    Server server(nginx.allowed() + source(nginx, "news", "feed.xml"));
    REQUIRE(eventually([&] { return server.messages() == 2; }));
    const auto shown = server.json({"search", "second"})["hits"][0]["message"];
    CHECK(shown["text"] == "second");
    CHECK(shown["subject"] == "About 2");
    CHECK(shown["permalink"] == "https://example.org/2");
    CHECK(shown["occurred_at_us"] == "1772445600000000");
    CHECK(server.stop().code == 0);
    // Unchanged: the server is asked with what it said before, and answers 304.
    server.start();
    REQUIRE(eventually(
        [&] { return nginx.folder.read("access.log").find("\" 304 ") != std::string::npos; }));
    CHECK(server.messages() == 2);
    CHECK(server.stop().code == 0);
    // A new entry, and one whose text was changed.
    nginx.page("feed.xml",
               rss(item("1", "first, edited") + item("2", "second") + item("3", "third")));
    server.start();
    REQUIRE(eventually([&] { return server.messages() == 3; }));
    CHECK(eventually([&] { return server.json({"search", "edited"})["total"] == 1; }));
    CHECK(server.json({"show", "1"})["revisions"].size() == 1);
}

TEST_CASE("feeds that misbehave are told apart and the others go on", "[feed]") {
    const Nginx nginx;
    nginx.page("feed.xml", rss(item("1", "fine")));
    nginx.page("broken.xml", "<rss><channel><item><title>no end");
    nginx.page("page.xml", "<html><body>not a feed</body></html>");
    nginx.page("huge.xml", rss(item("h", std::string(9 << 20, 'x'))));
    std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\">";
    for (char c = 'b'; c <= 'k'; ++c) {
        bomb += "<!ENTITY " + std::string(1, c) + " \"";
        for (int i = 0; i < 10; ++i) bomb += "&" + std::string(1, static_cast<char>(c - 1)) + ";";
        bomb += "\">";
    }
    nginx.page("bomb.xml", bomb + "]><rss version=\"2.0\"><channel>"
                                  "<item><guid>b</guid><title>&k;</title></item></channel></rss>");
    std::string config = nginx.allowed();
    for (const char* name :
         {"feed", "broken", "page", "huge", "bomb", "gone", "locked", "moved", "inside", "missing"})
        config += source(nginx, name, std::string(name) + ".xml");
    config += source(nginx, "loop", "loop-a.xml") + source(nginx, "slow", "slow-down.xml");
    Server server(config);
    const auto problem = [&](const std::string& name) {
        return sourceState(server, name)["problem"].get<std::string>();
    };
    REQUIRE(eventually([&] {
        for (const char* name : {"gone", "locked", "huge", "loop", "slow", "inside", "missing"})
            if (problem(name).empty()) return false;
        return server.messages() >= 3;
    }));
    CHECK(problem("gone").find("gone for good (410)") != std::string::npos);
    CHECK(sourceState(server, "gone")["condition"] == "failed");
    CHECK(problem("locked").find("status 403") != std::string::npos);
    CHECK(problem("huge").find("more than the 8388608 bytes") != std::string::npos);
    CHECK(problem("loop").find("circle") != std::string::npos);
    CHECK(problem("slow").find("status 429") != std::string::npos);
    CHECK(problem("missing").find("status 404") != std::string::npos);
    CHECK(problem("inside").find("169.254.169.254") != std::string::npos);
    CHECK(problem("feed").empty());
    // What could not be read is kept with its cause.
    REQUIRE(eventually([&] { return server.json({"dead-letters", "list"}).size() == 2; }));
    for (const auto& letter : server.json({"dead-letters", "list"})) {
        const auto cause = letter["cause"].get<std::string>();
        CHECK((cause.find("the XML is broken at byte") == 0 || cause.find("is no feed") == 0));
    }
    // Nothing of the bomb was expanded.
    const auto bombed = server.json({"search", "source:bomb"})["hits"];
    REQUIRE(bombed.size() == 1);
    CHECK(bombed[0]["message"]["subject"].get<std::string>().size() < 100);
    CHECK(server.stop().code == 0);
}
