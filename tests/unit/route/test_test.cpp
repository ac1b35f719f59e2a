#include "unit/route/rules_under_test.h"

using namespace hearback;
using Rules = hearback::testing::RulesUnderTest;

namespace {

bool holds(const std::string& test, const pipeline::Item& item) {
    const Rules rules = Rules::ofTest(test);
    INFO(test);
    REQUIRE(rules.problems().empty());
    CHECK(rules.router().explain(item).at(0).matched == rules.hits(item));
    return rules.hits(item);
}

std::vector<std::string> problemsOf(const std::string& test) {
    return Rules::ofTest(test).problems();
}

std::string textTest(const std::string& op, const std::string& value) {
    return "{ field = \"text\", op = \"" + op + "\", value = " + value + " }";
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a text is compared without regard to case in every script", "[route]") {
    CHECK(holds(textTest("is", "'straSSe 7'"), Rules::item("Strasse 7")));
    CHECK(holds(textTest("is", "'\xC3\x84RGER'"), Rules::item("\xC3\xA4rger")));
    CHECK(holds(textTest("is", "'\xD0\x9F\xD0\xA0\xD0\x98'"),
                Rules::item("\xD0\xBF\xD1\x80\xD0\xB8")));
    CHECK_FALSE(holds(textTest("is", "'lamp'"), Rules::item("a lamp")));
    CHECK(holds(textTest("contains", "'LAMP'"), Rules::item("the lamp flickers")));
    CHECK_FALSE(holds(textTest("contains", "'lamps'"), Rules::item("the lamp flickers")));
    CHECK(holds(textTest("in", "['lamp', 'Bulb']"), Rules::item("BULB")));
    CHECK_FALSE(holds(textTest("in", "['lamp', 'bulb']"), Rules::item("bulbs")));
}

TEST_CASE("only a regular expression gives characters a meaning of their own", "[route]") {
    CHECK(holds(textTest("contains", "'(5$ off?)'"), Rules::item("get it (5$ off?) now")));
    CHECK_FALSE(holds(textTest("contains", "'l.mp'"), Rules::item("lamp")));
    CHECK_FALSE(holds(textTest("is", "'.*'"), Rules::item("lamp")));
    CHECK(holds(textTest("matches", "'refund(ed|s)?\\b'"), Rules::item("I want my REFUND!")));
    CHECK(holds(textTest("matches", "'^two'"), Rules::item("Two lines\nof text")));
    CHECK_FALSE(holds(textTest("matches", "'^refund$'"), Rules::item("a refund")));
}

TEST_CASE("a regular expression that is none is told with its place and reason", "[route]") {
    const Lines lines = problemsOf(textTest("matches", "'(open'"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == "4:50 route[0].when.value is no regular expression: missing ): (open");
    CHECK(problemsOf(textTest("matches", "'a{1001}'")).size() == 1);
    CHECK(problemsOf(textTest("matches", "'(?=ahead)'")).size() == 1);
    CHECK(problemsOf(textTest("matches", "'" + std::string(4097, 'x') + "'")).size() == 1);
    CHECK(problemsOf(textTest("matches", "'((a{100}){100}){100}'")).size() == 1);
}

TEST_CASE("a regular expression made to be slow is quick", "[route]") {
    CHECK_FALSE(holds(textTest("matches", "'(a+)+$'"), Rules::item(std::string(60000, 'a') + "b")));
}

TEST_CASE("numbers are compared as numbers", "[route]") {
    pipeline::Item item = Rules::item();
    item.message.mutable_rating()->set_value(2);
    const auto rated = [&](const std::string& op, const std::string& value) {
        return holds("{ field = \"rating\", op = \"" + op + "\", value = " + value + " }", item);
    };
    CHECK(rated("is", "2"));
    CHECK(rated("is", "2.0"));
    CHECK_FALSE(rated("is", "3"));
    CHECK(rated("is not", "3"));
    CHECK_FALSE(rated("is not", "2"));
    CHECK(rated("<", "2.5"));
    CHECK_FALSE(rated("<", "2"));
    CHECK(rated("<=", "2"));
    CHECK_FALSE(rated("<=", "1"));
    CHECK(rated(">", "1"));
    CHECK_FALSE(rated(">", "2"));
    CHECK(rated(">=", "2"));
    CHECK_FALSE(rated(">=", "2.1"));
}

TEST_CASE("what is true or false is tested for being so", "[route]") {
    pipeline::Item item = Rules::item();
    CHECK(holds("{ field = \"deleted\", op = \"is\", value = false }", item));
    CHECK_FALSE(holds("{ field = \"deleted\", op = \"is\", value = true }", item));
    item.message.set_deleted_at_us(1);
    CHECK(holds("{ field = \"deleted\", op = \"is\", value = true }", item));
    CHECK(holds("{ field = \"deleted\", op = \"is not\", value = false }", item));
}

TEST_CASE("a label is tested for being one of those given", "[route]") {
    pipeline::Item item = Rules::item();
    Rules::say(item, "mood", "sentiment", "negative");
    Rules::say(item, "topic-shop", "topic", "price");
    Rules::say(item, "topic-app", "topic", "crash");
    CHECK(holds("{ field = \"sentiment\", op = \"is\", value = \"negative\" }", item));
    CHECK(holds("{ field = \"mood\", op = \"is\", value = \"negative\" }", item));
    CHECK_FALSE(holds("{ field = \"sentiment\", op = \"is\", value = \"positive\" }", item));
    CHECK(holds("{ field = \"sentiment\", op = \"is not\", value = \"positive\" }", item));
    CHECK(holds("{ field = \"sentiment\", op = \"in\", value = [\"positive\", \"negative\"] }",
                item));
    CHECK(holds("{ field = \"topic\", op = \"is\", value = \"price\" }", item));
    CHECK(holds("{ field = \"topic\", op = \"is\", value = \"crash\" }", item));
    CHECK_FALSE(holds("{ field = \"topic\", op = \"is not\", value = \"crash\" }", item));
    CHECK(holds("{ field = \"topic-app\", op = \"is\", value = \"crash\" }", item));
    CHECK_FALSE(holds("{ field = \"topic-app\", op = \"is\", value = \"price\" }", item));
    // A classifier that declares no labels may give any.
    CHECK_FALSE(holds("{ field = \"keywords\", op = \"is\", value = \"whatever\" }", item));
}

TEST_CASE("a label that a classifier never gives is a mistake with a suggestion", "[route]") {
    CHECK(problemsOf("{ field = \"sentiment\", op = \"is\", value = \"negativ\" }") ==
          Lines{"4:50 route[0].when.value \"sentiment\" is never \"negativ\" (did you mean "
                "\"negative\"?)"});
    CHECK(
        problemsOf("{ field = \"mood\", op = \"in\", value = [\"positive\", \"good\"] }").size() ==
        1);
    CHECK(problemsOf("{ field = \"topic-shop\", op = \"is\", value = \"crash\" }").size() == 1);
}

TEST_CASE("two classifiers of one task bring their labels together", "[route]") {
    for (const char* label : {"delivery", "price", "crash"}) {
        INFO(label);
        CHECK(
            problemsOf("{ field = \"topic\", op = \"is\", value = \"" + std::string(label) + "\" }")
                .empty());
    }
    CHECK(problemsOf("{ field = \"topic\", op = \"is\", value = \"weather\" }").size() == 1);
}

TEST_CASE("a message without the field fails every test but those for its absence", "[route]") {
    const pipeline::Item item = Rules::item();
    for (const char* test : {"{ field = \"subject\", op = \"is\", value = \"\" }",
                             "{ field = \"subject\", op = \"contains\", value = \"\" }",
                             "{ field = \"subject\", op = \"matches\", value = \".*\" }",
                             "{ field = \"subject\", op = \"in\", value = [\"\"] }",
                             "{ field = \"subject\", op = \"exists\" }",
                             "{ field = \"subject\", op = \"exists\", value = true }",
                             "{ field = \"rating\", op = \"<\", value = 5 }",
                             "{ field = \"rating\", op = \">=\", value = 0 }",
                             "{ field = \"rating\", op = \"is\", value = 0 }",
                             "{ field = \"author.followers\", op = \"<\", value = 100 }",
                             "{ field = \"sentiment\", op = \"is\", value = \"negative\" }",
                             "{ field = \"sentiment.confidence\", op = \"<\", value = 1 }",
                             "{ field = \"attributes.brand\", op = \"is\", value = \"acme\" }"}) {
        INFO(test);
        CHECK_FALSE(holds(test, item));
    }
    for (const char* test : {"{ field = \"subject\", op = \"is not\", value = \"x\" }",
                             "{ field = \"subject\", op = \"exists\", value = false }",
                             "{ field = \"rating\", op = \"is not\", value = 5 }",
                             "{ field = \"sentiment\", op = \"is not\", value = \"negative\" }",
                             "{ field = \"sentiment\", op = \"exists\", value = false }"}) {
        INFO(test);
        CHECK(holds(test, item));
    }
}

TEST_CASE("a field that does not exist is a mistake with a suggestion", "[route]") {
    CHECK(problemsOf("{ field = \"sentimant\", op = \"is\", value = \"negative\" }") ==
          Lines{"4:18 route[0].when.field there is no field \"sentimant\" (did you mean "
                "\"sentiment\"?)"});
    CHECK(problemsOf("{ field = \"attributes.\", op = \"exists\" }").size() == 1);
    CHECK(problemsOf("{ field = \"sentiment.label\", op = \"exists\" }").size() == 1);
}

TEST_CASE("an operator that does not go with the field is a mistake", "[route]") {
    CHECK(problemsOf("{ field = \"rating\", op = \"contains\", value = \"2\" }") ==
          Lines{"4:33 route[0].when.op \"contains\" does not go with the number \"rating\": use "
                "\"is\", \"is not\", \"<\", \"<=\", \">\", \">=\", \"exists\""});
    CHECK(problemsOf(textTest("<", "3")) ==
          Lines{"4:31 route[0].when.op \"<\" does not go with the text \"text\": use \"is\", \"is "
                "not\", \"contains\", \"matches\", \"in\", \"exists\""});
    CHECK(problemsOf("{ field = \"sentiment\", op = \"contains\", value = \"neg\" }") ==
          Lines{"4:36 route[0].when.op \"contains\" does not go with the label \"sentiment\": use "
                "\"is\", \"is not\", \"in\", \"exists\""});
    CHECK(problemsOf("{ field = \"deleted\", op = \"<\", value = true }") ==
          Lines{"4:34 route[0].when.op \"<\" does not go with the true or false \"deleted\": use "
                "\"is\", \"is not\", \"exists\""});
}

TEST_CASE("a value of the wrong type is a mistake", "[route]") {
    CHECK(problemsOf("{ field = \"rating\", op = \"<\", value = \"2\" }") ==
          Lines{"4:46 route[0].when.value must be a number"});
    CHECK(problemsOf("{ field = \"rating\", op = \"<\" }") ==
          Lines{"4:8 route[0].when.value must be a number"});
    CHECK(problemsOf(textTest("is", "3")) == Lines{"4:45 route[0].when.value must be text"});
    CHECK(problemsOf(textTest("in", "'a'")) ==
          Lines{"4:45 route[0].when.value must be a list of texts"});
    CHECK(problemsOf(textTest("in", "[]")) ==
          Lines{"4:45 route[0].when.value must be a list of texts"});
    CHECK(problemsOf(textTest("in", "['a', 3]")) ==
          Lines{"4:45 route[0].when.value must hold texts only"});
    CHECK(problemsOf("{ field = \"deleted\", op = \"is\", value = \"true\" }") ==
          Lines{"4:48 route[0].when.value must be true or false"});
    // "false" in quotes would otherwise mean the opposite of what was meant.
    CHECK(problemsOf(textTest("exists", "'false'")) ==
          Lines{"4:49 route[0].when.value must be true or false"});
}
