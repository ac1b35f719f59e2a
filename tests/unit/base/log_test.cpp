#include "base/log.h"
#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <limits>
#include <sstream>

using namespace hearback;
using base::LogFormat;
using base::LogLevel;

namespace {

// Catches what is logged, in the format asked for, for as long as it lives.
class CaughtLog {
  public:
    explicit CaughtLog(LogFormat format, LogLevel level = LogLevel::Debug)
        : real_(std::cerr.rdbuf(text_.rdbuf())) {
        base::configureLog(format, level);
    }
    ~CaughtLog() {
        std::cerr.rdbuf(real_);
        base::configureLog(LogFormat::Text, LogLevel::Info);
    }
    std::string text() const { return text_.str(); }
    // The one line, without its end.
    std::string line() const {
        std::string text = text_.str();
        REQUIRE(std::count(text.begin(), text.end(), '\n') == 1);
        text.pop_back();
        return text;
    }

  private:
    std::ostringstream text_;
    std::streambuf* real_;
};

} // namespace

TEST_CASE("a line of the JSON log is one JSON object with the values named", "[base]") {
    const CaughtLog log(LogFormat::Json);
    base::logWarning("intake", "source has a problem",
                     {{"source", "shop"}, {"tries", 3}, {"share", 0.5}});
    const auto json = nlohmann::json::parse(log.line());
    CHECK(json["level"] == "warning");
    CHECK(json["room"] == "intake");
    CHECK(json["event"] == "source has a problem");
    CHECK(json["source"] == "shop");
    CHECK(json["tries"] == 3);
    CHECK(json["share"] == 0.5);
    CHECK(json["time"].get<std::string>().back() == 'Z');
}

TEST_CASE("no value can break out of its place in the JSON log", "[base]") {
    const CaughtLog log(LogFormat::Json);
    const std::string value = std::string("a \"quote\" \\ and\nnew \x1b[31m line \x7f ") + '\0';
    base::logInfo("intake", "event", {{"cause", value}});
    const auto json = nlohmann::json::parse(log.line());
    CHECK(json["cause"] == value);
    CHECK(json.size() == 5);
    CHECK(log.text().find('\x1b') == std::string::npos);
}

TEST_CASE("broken UTF-8 and numbers that are none leave the JSON log readable", "[base]") {
    const CaughtLog log(LogFormat::Json);
    base::logInfo("intake", "event",
                  {{"cause", "caf\xE9"}, {"share", std::numeric_limits<double>::quiet_NaN()}});
    CHECK(base::isUtf8(log.text()));
    const auto json = nlohmann::json::parse(log.line(), nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["cause"] == "caf\xEF\xBF\xBD");
}

TEST_CASE("in the text log plain values stand plain and others in quotes", "[base]") {
    const CaughtLog log(LogFormat::Text);
    base::logInfo("intake", "source ended",
                  {{"source", "shop"}, {"cause", "no \"data\" left"}, {"empty", ""}});
    CHECK(log.line().substr(8) ==
          R"( info    intake: source ended  source=shop  cause="no \"data\" left"  empty="")");
}

TEST_CASE("no control character reaches the terminal", "[base]") {
    std::string controls = "\x7f";
    for (char c = 0; c < 0x20; ++c) controls += c;
    for (const char control : controls) {
        const CaughtLog log(LogFormat::Text);
        // Plugins choose the event, and what goes wrong the values.
        const std::string text = std::string("a") + control;
        base::logInfo("plugin", text, {{"value", text}});
        const std::string line = log.line();
        INFO("byte " << static_cast<int>(control));
        CHECK(line.find_first_of(controls) == std::string::npos);
        CHECK(line.find("plugin: a\\u00") != std::string::npos);
        CHECK(line.find("value=\"a\\u00") != std::string::npos);
    }
}

TEST_CASE("what is below the level asked for is not logged", "[base]") {
    const CaughtLog log(LogFormat::Json, LogLevel::Warning);
    base::logDebug("intake", "debug");
    base::logInfo("intake", "info");
    CHECK(log.text().empty());
    base::logWarning("intake", "warning");
    base::logError("a room never heard of before", "error");
    const std::string text = log.text();
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}
