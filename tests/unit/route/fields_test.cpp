#include "route/fields.h"
#include "unit/route/rules_under_test.h"

#include <algorithm>
#include <limits>

using namespace hearback;
using route::Field;
using Rules = hearback::testing::RulesUnderTest;

namespace {

Field fieldOf(const std::string& name) {
    const auto field = Field::find(name, Rules::classifiers());
    INFO(name);
    REQUIRE(field);
    return *field;
}

std::string textOf(const std::string& name, const pipeline::Item& item) {
    const auto values = fieldOf(name).read(item);
    return values.texts.size() == 1 ? std::string(values.texts.front()) : "not one text";
}

double numberOf(const std::string& name, const pipeline::Item& item) {
    return fieldOf(name).read(item).number.value_or(-1);
}

} // namespace

TEST_CASE("every field of a message can be asked for", "[route]") {
    pipeline::Item item = Rules::item("some text");
    v1::FeedbackMessage& message = item.message;
    message.set_source("shop");
    message.set_channel("webshop");
    message.set_kind(v1::KIND_DIRECT_MESSAGE);
    message.set_language("pt-BR");
    message.set_subject("title");
    message.mutable_author()->set_handle("@ada");
    message.mutable_author()->set_display_name("Ada");
    message.mutable_author()->set_followers(12);
    message.mutable_rating()->set_value(4);
    message.mutable_rating()->set_scale_min(0);
    message.mutable_rating()->set_scale_max(10);
    message.mutable_reach()->set_views(1);
    message.mutable_reach()->set_likes(2);
    message.mutable_reach()->set_shares(3);
    message.mutable_reach()->set_replies(4);
    (*message.mutable_attributes())["app.version"] = "1.2";
    CHECK(textOf("source", item) == "shop");
    CHECK(textOf("channel", item) == "webshop");
    CHECK(textOf("kind", item) == "direct_message");
    CHECK(textOf("language", item) == "pt-BR");
    CHECK(textOf("subject", item) == "title");
    CHECK(textOf("text", item) == "some text");
    CHECK(textOf("author.handle", item) == "@ada");
    CHECK(textOf("author.name", item) == "Ada");
    CHECK(textOf("attributes.app.version", item) == "1.2");
    CHECK(numberOf("author.followers", item) == 12);
    CHECK(numberOf("rating", item) == 4);
    CHECK(numberOf("rating.share", item) == Approx(0.4));
    CHECK(numberOf("reach.views", item) == 1);
    CHECK(numberOf("reach.likes", item) == 2);
    CHECK(numberOf("reach.shares", item) == 3);
    CHECK(numberOf("reach.replies", item) == 4);
    CHECK(numberOf("length", item) == 9);
    CHECK(fieldOf("deleted").read(item).truth == false);
}

TEST_CASE("a message that says nothing has no field but those that always are", "[route]") {
    const pipeline::Item item = Rules::item();
    for (const std::string& name : Field::names(Rules::classifiers())) {
        if (name == "length" || name == "deleted") continue;
        INFO(name);
        CHECK_FALSE(fieldOf(name).read(item).any());
    }
}

TEST_CASE("a share of a rating needs a scale", "[route]") {
    pipeline::Item item = Rules::item();
    item.message.mutable_rating()->set_value(3);
    CHECK(fieldOf("rating").read(item).any());
    CHECK_FALSE(fieldOf("rating.share").read(item).any());
}

TEST_CASE("what a classifier said is found by its name and by its task", "[route]") {
    pipeline::Item item = Rules::item();
    Rules::say(item, "topic-shop", "topic", "price", 0.4, 1.5);
    Rules::say(item, "topic-app", "topic", "crash", 0.7, -2);
    const auto topics = fieldOf("topic").read(item).texts;
    CHECK(std::vector<std::string_view>(topics.begin(), topics.end()) ==
          std::vector<std::string_view>{"price", "crash"});
    CHECK(textOf("topic-shop", item) == "price");
    CHECK(textOf("topic-app", item) == "crash");
    CHECK(numberOf("topic.confidence", item) == 0.7);
    CHECK(numberOf("topic-shop.confidence", item) == 0.4);
    CHECK(fieldOf("topic-app.score").read(item).number == -2);
    CHECK_FALSE(fieldOf("sentiment").read(item).any());
}

TEST_CASE("the names that are suggested can all be asked for", "[route]") {
    const auto names = Field::names(Rules::classifiers());
    for (const std::string& name : names) CHECK(Field::find(name, Rules::classifiers()));
    for (const char* name : {"sentiment", "mood", "topic-app.confidence", "attributes.NAME"})
        CHECK(std::find(names.begin(), names.end(), name) != names.end());
    CHECK_FALSE(Field::find("attributes.", Rules::classifiers()));
    CHECK_FALSE(Field::find("", Rules::classifiers()));
    CHECK_FALSE(Field::find("sentiment", {}));
}
