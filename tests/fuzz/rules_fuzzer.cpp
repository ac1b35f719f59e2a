// What stands behind `when =` of a rule: it is refused with its place, or it compiles, and then the
// router and its explanation say the same of every message.
#include "config/settings.h"
#include "fuzz/promise.h"
#include "route/router.h"

using namespace hearback;
using hearback::fuzz::require;

namespace {

const std::vector<route::KnownClassifier> kClassifiers = {
    {"mood", "sentiment", {"positive", "neutral", "negative"}},
    {"topic-shop", "topic", {"delivery", "price"}},
    {"topic-app", "topic", {"crash", "price"}},
    {"words", "keywords", {}}};

void say(pipeline::Item& item, const char* classifier, const char* task, const char* label) {
    v1::Annotation& said = *item.annotations.add_annotations();
    said.set_classifier(classifier);
    said.set_task(task);
    said.set_label(label);
    said.set_confidence(0.75);
    said.set_score(-1);
}

std::vector<pipeline::Item> someItems() {
    std::vector<pipeline::Item> items(4);
    v1::FeedbackMessage& full = items[1].message;
    full.set_source("shop");
    full.set_channel("webshop");
    full.set_kind(v1::KIND_REVIEW);
    full.set_language("pt-BR");
    full.set_subject("Lamp");
    full.set_text("The lamp broke after 3 days, refund \xC3\x84rger \xF0\x9F\x98\xA1");
    full.mutable_author()->set_handle("@ada");
    full.mutable_author()->set_display_name("Ada");
    full.mutable_author()->set_followers(12);
    full.mutable_rating()->set_value(2);
    full.mutable_rating()->set_scale_min(1);
    full.mutable_rating()->set_scale_max(5);
    full.mutable_reach()->set_views(1000);
    (*full.mutable_attributes())["brand"] = "acme";
    say(items[1], "mood", "sentiment", "negative");
    say(items[1], "topic-app", "topic", "crash");
    say(items[1], "topic-shop", "topic", "price");
    items[2].message.set_text(std::string(4000, 'a') + "b");
    items[2].message.set_deleted_at_us(1);
    say(items[2], "words", "keywords", "anything");
    items[3].message.set_kind(static_cast<v1::Kind>(99));
    items[3].message.mutable_rating()->set_value(1e300);
    items[3].message.mutable_rating()->set_scale_max(1e308);
    return items;
}

void requireSameVerdicts(const route::Router& router, const pipeline::Item& item) {
    const v1::Route route = router.route(item);
    int matched = 0;
    for (const route::RuleReport& report : router.explain(item)) {
        if (!report.matched) {
            require(!report.because.empty(), "what does not match has a reason");
            continue;
        }
        require(matched < route.rules_size() && route.rules(matched) == report.rule,
                "the explanation says what the router does");
        ++matched;
    }
    require(matched == route.rules_size(), "the explanation has every rule that matched");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<pipeline::Item> items = someItems();
    const std::string toml =
        "[[route]]\nname = \"r\"\nteam = \"t\"\nwhen = " + std::string(fuzz::toText(data, size)) +
        "\n";
    const config::Loaded loaded = config::parseSettings(toml, "/nowhere");
    if (!loaded.problems.empty()) return 0;
    std::vector<config::Problem> problems;
    const route::Router router(loaded.settings.rules, kClassifiers, {"crm"}, problems);
    for (const config::Problem& problem : problems)
        require(problem.place.line > 0 && !problem.path.empty() && !problem.text.empty(),
                "a problem has a place", problem.text);
    if (!problems.empty()) return 0;
    for (const pipeline::Item& item : items) requireSameVerdicts(router, item);
    return 0;
}
