#include "unit/route/rules_under_test.h"

#include <re2/re2.h>

#include <random>

using namespace hearback;
using namespace hearback::testing;

namespace {

pipeline::Item saying(const std::string& text) {
    pipeline::Item item;
    item.message.set_text(text);
    return item;
}

std::string ruleAbout(const std::string& field, const std::string& op, const std::string& value) {
    return "[[route]]\nname = \"" + value + "\"\ntags = [\"" + value + "\"]\nwhen = { field = \"" +
           field + "\", op = \"" + op + "\", value = '" + value + "' }\n";
}

} // namespace

TEST_CASE("each of many rules about one text finds its own", "[route]") {
    std::string toml;
    for (int i = 100; i < 400; ++i)
        toml += ruleAbout("text", "contains", "word" + std::to_string(i));
    toml += ruleAbout("text", "is", "word150") + ruleAbout("subject", "contains", "word151");
    const RulesUnderTest rules(toml);
    const auto tagsOf = [&](const std::string& text) {
        const v1::Route route = rules.router().route(saying(text));
        return std::vector<std::string>(route.tags().begin(), route.tags().end());
    };
    using Tags = std::vector<std::string>;
    CHECK(tagsOf("WORD101 and word399, not word99") == Tags{"word101", "word399"});
    CHECK(tagsOf("word150") == Tags{"word150"});
    CHECK(rules.router().route(saying("word150")).rules_size() == 2);
    CHECK(rules.router().route(saying("word150 again")).rules_size() == 1);
    CHECK(tagsOf("nothing of it").empty());
}

// As one automaton these would need more memory than they get.
TEST_CASE("expressions that are too much together are searched for one by one", "[route]") {
    std::string toml;
    std::vector<std::string> expressions;
    for (int i = 10; i < 40; ++i) {
        expressions.push_back("a.{" + std::to_string(i) + "}b");
        toml += ruleAbout("text", "matches", expressions.back());
    }
    const RulesUnderTest rules(toml);
    std::minstd_rand chance(7);
    for (int round = 0; round < 20; ++round) {
        std::string text;
        for (int i = 0; i < 5000; ++i) text += "abcdefgh"[chance() % (round % 2 == 0 ? 2 : 8)];
        const v1::Route route = rules.router().route(saying(text));
        std::vector<std::string> expected;
        for (const std::string& each : expressions)
            if (RE2::PartialMatch(text, each)) expected.push_back(each);
        CHECK(std::vector<std::string>(route.tags().begin(), route.tags().end()) == expected);
    }
}
