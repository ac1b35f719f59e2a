// Rules as somebody writes them in a configuration, and messages for them.
#pragma once

#include "config/settings.h"
#include "route/router.h"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace hearback::testing {

class RulesUnderTest {
  public:
    explicit RulesUnderTest(const std::string& toml) {
        const auto loaded = config::parseSettings(toml, "/");
        for (const auto& each : loaded.problems) FAIL(config::describe("rules", each));
        router_ =
            std::make_unique<route::Router>(loaded.settings.rules, classifiers(),
                                            std::vector<std::string>{"crm", "archive"}, problems_);
    }

    // One rule that gives the team "hit" where the test holds.
    static RulesUnderTest ofTest(const std::string& test) {
        return RulesUnderTest("[[route]]\nname = \"r\"\nteam = \"hit\"\nwhen = " + test + "\n");
    }

    static std::vector<route::KnownClassifier> classifiers() {
        return {{"mood", "sentiment", {"positive", "neutral", "negative"}},
                {"topic-shop", "topic", {"delivery", "price"}},
                {"topic-app", "topic", {"crash", "price"}},
                {"words", "keywords", {}}};
    }

    const route::Router& router() const { return *router_; }
    bool hits(const pipeline::Item& item) const { return router_->route(item).team() == "hit"; }
    std::string because(const pipeline::Item& item) const {
        return router_->explain(item).at(0).because;
    }
    // "4:8 route[0].when.value must be a number"
    std::vector<std::string> problems() const {
        std::vector<std::string> lines;
        for (const auto& each : problems_)
            lines.push_back(std::to_string(each.place.line) + ":" +
                            std::to_string(each.place.column) + " " + each.path + " " + each.text);
        return lines;
    }

    static pipeline::Item item(const std::string& text = "") {
        pipeline::Item item;
        item.message.set_text(text);
        return item;
    }
    static void say(pipeline::Item& item, const std::string& classifier, const std::string& task,
                    const std::string& label, double confidence = 0.9, double score = 0) {
        v1::Annotation& said = *item.annotations.add_annotations();
        said.set_classifier(classifier);
        said.set_task(task);
        said.set_label(label);
        said.set_confidence(confidence);
        said.set_score(score);
    }

  private:
    std::vector<config::Problem> problems_;
    std::unique_ptr<route::Router> router_;
};

} // namespace hearback::testing
