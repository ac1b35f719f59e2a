#include "unit/route/rules_under_test.h"

using namespace hearback;
using Rules = hearback::testing::RulesUnderTest;

namespace {

// Whether the condition holds for a text; what is explained must say the same.
bool holdsFor(const std::string& condition, const std::string& text) {
    const Rules rules = Rules::ofTest(condition);
    REQUIRE(rules.problems().empty());
    const pipeline::Item item = Rules::item(text);
    CHECK(rules.router().explain(item).at(0).matched == rules.hits(item));
    return rules.hits(item);
}

std::string has(const std::string& word) {
    return "{ field = \"text\", op = \"contains\", value = \"" + word + "\" }";
}

std::string whyNot(const std::string& condition, const std::string& text) {
    return Rules::ofTest(condition).because(Rules::item(text));
}

} // namespace

TEST_CASE("all needs every part and any needs one and not none", "[route]") {
    const std::string all = "{ all = [" + has("a") + ", " + has("b") + "] }";
    CHECK(holdsFor(all, "a b"));
    CHECK_FALSE(holdsFor(all, "a"));
    CHECK_FALSE(holdsFor(all, "b"));
    const std::string any = "{ any = [" + has("a") + ", " + has("b") + "] }";
    CHECK(holdsFor(any, "a"));
    CHECK(holdsFor(any, "b"));
    CHECK_FALSE(holdsFor(any, "c"));
    const std::string negated = "{ not = " + any + " }";
    CHECK(holdsFor(negated, "c"));
    CHECK_FALSE(holdsFor(negated, "b"));
    CHECK(holdsFor("{ all = [" + has("a") + ", { not = " + has("b") + " }] }", "a"));
}

TEST_CASE("an explanation names the first test that fails and what the message has", "[route]") {
    CHECK(whyNot(has("a"), "a").empty());
    CHECK(whyNot(has("a"), "bcd") == "text contains \"a\", but it is \"bcd\"");
    CHECK(whyNot(has("a"), "") == "text contains \"a\", but there is none");
    CHECK(whyNot("{ all = [" + has("a") + ", " + has("b") + ", " + has("c") + "] }", "a") ==
          "text contains \"b\", but it is \"a\"");
    CHECK(whyNot("{ any = [" + has("a") + ", " + has("b") + "] }", "c") ==
          "none of: text contains \"a\", but it is \"c\"; nor: text contains \"b\", but it is "
          "\"c\"");
    CHECK(whyNot("{ not = { all = [" + has("a") + ", " + has("b") + "] } }", "ab") ==
          "it must not be that text contains \"a\" and text contains \"b\"");
    CHECK(whyNot("{ not = { any = [" + has("a") + ", { not = " + has("b") + " }] } }", "a") ==
          "it must not be that text contains \"a\" or not (text contains \"b\")");
}

TEST_CASE("an explanation does not repeat a long text", "[route]") {
    CHECK(whyNot(has("lamp"), std::string(65, 'x')) == "text contains \"lamp\", but it is not");
    CHECK(whyNot("{ field = \"text\", op = \"exists\", value = false }", std::string(65, 'x')) ==
          "text exists false, but it is not");
}

TEST_CASE("an explanation shows numbers and labels as they are", "[route]") {
    pipeline::Item item = Rules::item();
    item.message.mutable_author()->set_followers(1234567);
    item.message.mutable_rating()->set_value(2.5);
    Rules::say(item, "topic-shop", "topic", "price");
    Rules::say(item, "topic-app", "topic", "crash");
    const auto because = [&](const std::string& test) { return Rules::ofTest(test).because(item); };
    CHECK(because("{ field = \"author.followers\", op = \"<\", value = 100 }") ==
          "author.followers < 100, but it is 1234567");
    CHECK(because("{ field = \"rating\", op = \">\", value = 2.75 }") ==
          "rating > 2.75, but it is 2.5");
    CHECK(because("{ field = \"deleted\", op = \"is\", value = true }") ==
          "deleted is true, but it is false");
    CHECK(because("{ field = \"topic\", op = \"is\", value = \"delivery\" }") ==
          "topic is \"delivery\", but it is \"price\", \"crash\"");
    CHECK(because("{ field = \"sentiment\", op = \"in\", value = [\"positive\"] }") ==
          "sentiment in [\"positive\"], but there is none");
}

TEST_CASE("every test of a condition that is wrong is told of", "[route]") {
    const Rules rules = Rules::ofTest("{ all = [ { field = \"nothing\", op = \"exists\" }, "
                                      "{ any = [ { field = \"text\", op = \"<\", value = 1 }, " +
                                      has("a") +
                                      " ] }, { not = { field = \"rating\", op = \"is\", value = "
                                      "\"x\" } } ] }");
    const auto problems = rules.problems();
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].find(" route[0].when.all[0].field ") != std::string::npos);
    CHECK(problems[1].find(" route[0].when.all[1].any[0].op ") != std::string::npos);
    CHECK(problems[2].find(" route[0].when.all[2].not.value ") != std::string::npos);
}
