#include "history/decision_diff.h"

#include <catch2/catch.hpp>

using namespace hearback;
using history::DecisionDiff;

namespace {

pipeline::Item decided(const std::string& label, const std::string& team = "") {
    pipeline::Item item;
    item.message_id = 7;
    item.message.set_text("a text");
    v1::Annotation& said = *item.annotations.add_annotations();
    said.set_classifier("mood");
    said.set_label(label);
    item.route.set_team(team);
    return item;
}

} // namespace

TEST_CASE("the same decision with other scores and versions is no difference", "[history]") {
    DecisionDiff diff(DecisionDiff::Examples::Few);
    auto after = decided("good", "support");
    after.annotations.mutable_annotations(0)->set_confidence(0.1);
    after.annotations.mutable_annotations(0)->set_model_version("mood/2");
    CHECK_FALSE(diff.compare(decided("good", "support"), after));
    CHECK(diff.tally().messages() == 1);
    CHECK(diff.tally().changes_size() == 0);
}

TEST_CASE("labels are compared as sets and rules in their order", "[history]") {
    DecisionDiff diff(DecisionDiff::Examples::Few);
    auto before = decided("a");
    auto after = decided("b");
    for (const auto& [item, label] : {std::pair{&before, "b"}, std::pair{&after, "a"}}) {
        v1::Annotation& second = *item->annotations.add_annotations();
        second.set_classifier("mood");
        second.set_label(label);
    }
    CHECK_FALSE(diff.compare(before, after));
    before.route.add_rules("one");
    before.route.add_rules("two");
    after.route.add_rules("two");
    after.route.add_rules("one");
    CHECK(diff.compare(before, after));
    CHECK(diff.tally().changes(0).subject() == "rules");
    CHECK(diff.tally().changes(0).to() == "two, one");
}

TEST_CASE("labels for which no answer is there are not compared", "[history]") {
    DecisionDiff diff(DecisionDiff::Examples::Few);
    auto before = decided("good");
    before.annotations.clear_annotations();
    before.annotations.add_pending("mood");
    CHECK_FALSE(diff.compare(before, decided("good")));
    CHECK(diff.tally().unanswered() == 1);
}

TEST_CASE("kinds of differences without end are counted and not kept", "[history]") {
    DecisionDiff diff(DecisionDiff::Examples::None);
    for (int i = 0; i < DecisionDiff::kChangesMax + 5; ++i)
        CHECK(diff.compare(decided("good"), decided("label" + std::to_string(i))));
    CHECK(diff.compare(decided("good"), decided("label0")));
    CHECK(diff.tally().changes_size() == DecisionDiff::kChangesMax);
    CHECK(diff.tally().further() == 5);
    CHECK(diff.tally().changes(0).count() == 2);
    CHECK(diff.tally().changes(0).examples_size() == 0);
    // And counts on from there.
    DecisionDiff more(DecisionDiff::Examples::None, diff.tally());
    CHECK(more.compare(decided("good"), decided("label0")));
    CHECK(more.tally().changes(0).count() == 3);
    CHECK(more.tally().changed() == DecisionDiff::kChangesMax + 7);
}

TEST_CASE("a message as it came in has no language that a classifier told", "[history]") {
    auto item = decided("de");
    item.message.set_language("de");
    CHECK(history::asArrived(item).language() == "de");
    item.annotations.mutable_annotations(0)->set_task("language");
    CHECK(history::asArrived(item).language().empty());
}
