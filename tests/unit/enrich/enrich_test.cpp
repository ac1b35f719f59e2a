#include "enrich/enrich.h"
#include "support/eventually.h"
#include "support/fake_classifier.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <thread>

using namespace hearback;
using hearback::testing::Eventually;
using hearback::testing::FakeClassifier;
using hearback::testing::ManualClock;

namespace {

using Groups = std::vector<pipeline::Batch>;
using Words = std::vector<std::string>;

Groups groupOf(const Words& texts) {
    Groups group(1);
    for (const std::string& text : texts) {
        v1::FeedbackMessage& message = group[0].items.emplace_back().message;
        message.set_text(text);
        message.set_language("en");
    }
    return group;
}

Words labelsOf(const pipeline::Item& item) {
    Words labels;
    for (const auto& each : item.annotations.annotations())
        labels.push_back(each.classifier() + "=" + each.label());
    return labels;
}

Words pendingOf(const pipeline::Item& item) {
    return {item.annotations.pending().begin(), item.annotations.pending().end()};
}

class EnrichFixture {
  public:
    // Built when every classifier is there.
    enrich::Enrich& stage() {
        if (!stage_) {
            std::vector<pipeline::Classifier*> all;
            for (const auto& each : classifiers_) all.push_back(each.get());
            stage_ = std::make_unique<enrich::Enrich>(all, clock, metrics, base::kSecond);
        }
        return *stage_;
    }
    FakeClassifier& add(const std::string& name, const std::string& task, const Words& labels) {
        return *classifiers_.emplace_back(std::make_unique<FakeClassifier>(name, task, labels));
    }
    ~EnrichFixture() { CHECK(stage().stop(base::kMinute)); }

    ManualClock clock;
    base::Metrics metrics;

  private:
    std::vector<std::unique_ptr<FakeClassifier>> classifiers_;
    std::unique_ptr<enrich::Enrich> stage_;
};

pipeline::Answer failure(const std::string& text) {
    return {pipeline::Verdict::Internal, "", text, 0};
}

} // namespace

TEST_CASE("every classifier says its label and the host its name and task", "[enrich]") {
    EnrichFixture fixture;
    fixture.add("mood", "sentiment", {"positive", "negative"}).say = [](const auto&) {
        v1::ClassifyResponse response;
        FakeClassifier::add(response, 1, "negative", 0.7);
        response.mutable_messages(0)->mutable_annotations(0)->set_task("something else");
        response.mutable_messages(0)->mutable_annotations(0)->set_classifier("somebody else");
        return FakeClassifier::answer(response);
    };
    fixture.add("topics", "topic", {"price"});
    Groups group = groupOf({"one", "two"});
    fixture.stage().process(group);
    CHECK(labelsOf(group[0].items[0]) == Words{"topics=price"});
    CHECK(labelsOf(group[0].items[1]) == Words{"mood=negative", "topics=price"});
    const v1::Annotation& said = group[0].items[1].annotations.annotations(0);
    CHECK(said.task() == "sentiment");
    CHECK(said.confidence() == 0.7);
    CHECK(said.model_version() == "fake/1");
    CHECK(pendingOf(group[0].items[0]).empty());
    CHECK(fixture.stage().state()[0].messages == 2);
}

TEST_CASE("a classifier is asked about all batches of a group at once", "[enrich]") {
    EnrichFixture fixture;
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    Groups group = groupOf({"one", "two"});
    for (auto& batch : groupOf({"three"})) group.push_back(std::move(batch));
    group.emplace_back();
    fixture.stage().process(group);
    REQUIRE(mood.requests.size() == 1);
    CHECK(mood.requests[0].messages_size() == 3);
    CHECK(mood.requests[0].messages(2).text() == "three");
    CHECK(labelsOf(group[1].items[0]) == Words{"mood=positive"});
}

TEST_CASE("nobody is asked about nothing nor about what was deleted", "[enrich]") {
    EnrichFixture fixture;
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    Groups none;
    fixture.stage().process(none);
    Groups group = groupOf({"gone"});
    group[0].items[0].message.set_deleted_at_us(1);
    fixture.stage().process(group);
    CHECK(mood.requests.empty());
    CHECK(group[0].items[0].annotations.ByteSizeLong() == 0);
}

TEST_CASE("a late classifier is noted as pending and the others' labels are kept", "[enrich]") {
    // Outlive the classifier's thread.
    Eventually let;
    bool go = false;
    EnrichFixture fixture;
    fixture.add("quick", "topic", {"price"});
    fixture.add("slow", "sentiment", {"positive"}).say = [&](const auto& request) {
        // The budget is over when the quick one's answer is in.
        while (fixture.stage().state()[0].messages == 0) std::this_thread::yield();
        fixture.clock.advance(base::kSecond);
        let.comesTrue([&] { return go; });
        return FakeClassifier::always("positive")(request);
    };
    Groups group = groupOf({"one", "two"});
    fixture.stage().process(group);
    for (const pipeline::Item& item : group[0].items) {
        CHECK(labelsOf(item) == Words{"quick=price"});
        CHECK(pendingOf(item) == Words{"slow"});
    }
    const auto state = fixture.stage().state();
    CHECK(state[0].problem.empty());
    CHECK(state[1].late == 2);
    CHECK(state[1].problem == "did not answer within 1000 ms");

    // While it still works it is not waited for.
    Groups next = groupOf({"three"});
    fixture.stage().process(next);
    CHECK(labelsOf(next[0].items[0]) == Words{"quick=price"});
    CHECK(pendingOf(next[0].items[0]) == Words{"slow"});
    CHECK(fixture.stage().state()[1].problem == "still works on an earlier question");
    let.note([&] { go = true; });
}

TEST_CASE("a classifier that answers again has no problem any more", "[enrich]") {
    EnrichFixture fixture;
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    mood.say = [](const auto&) { return failure("out of memory"); };
    Groups group = groupOf({"one"});
    fixture.stage().process(group);
    CHECK(pendingOf(group[0].items[0]) == Words{"mood"});
    CHECK(fixture.stage().state()[0].problem == "out of memory");
    mood.say = FakeClassifier::always("positive");
    Groups next = groupOf({"two"});
    fixture.stage().process(next);
    CHECK(labelsOf(next[0].items[0]) == Words{"mood=positive"});
    CHECK(fixture.stage().state()[0].problem.empty());
    CHECK(fixture.stage().state()[0].late == 1);
}

TEST_CASE("an answer that cannot be read is asked for again later", "[enrich]") {
    EnrichFixture fixture;
    std::string bytes;
    fixture.add("mood", "sentiment", {"positive"}).say = [&](const auto&) {
        return pipeline::Answer{pipeline::Verdict::Ok, bytes, "", 0};
    };
    v1::ClassifyResponse broken_text;
    FakeClassifier::add(broken_text, 0, "positive");
    std::string with_broken_text = broken_text.SerializeAsString();
    with_broken_text.replace(with_broken_text.find("positive"), 1, "\xFF");
    for (const std::string& garbage :
         {std::string("garbage"), std::string("\x0A\x7F"), with_broken_text}) {
        bytes = garbage;
        Groups group = groupOf({"one"});
        fixture.stage().process(group);
        CHECK(labelsOf(group[0].items[0]).empty());
        CHECK(pendingOf(group[0].items[0]) == Words{"mood"});
    }
    CHECK(fixture.stage().state()[0].problem == "answered with bytes that cannot be read");
    // Nothing to say is an answer.
    bytes.clear();
    Groups group = groupOf({"one"});
    fixture.stage().process(group);
    CHECK(pendingOf(group[0].items[0]).empty());
}

TEST_CASE("a label that was not declared is dropped and the rest kept", "[enrich]") {
    EnrichFixture fixture;
    fixture.add("mood", "sentiment", {"positive"}).say = [](const auto&) {
        v1::ClassifyResponse response;
        FakeClassifier::add(response, 0, "furious");
        FakeClassifier::add(response, 0, "positive");
        return FakeClassifier::answer(response);
    };
    fixture.add("words", "keywords", {}).say = FakeClassifier::always("whatever");
    Groups group = groupOf({"one"});
    fixture.stage().process(group);
    CHECK(labelsOf(group[0].items[0]) == Words{"mood=positive", "words=whatever"});
    CHECK(pendingOf(group[0].items[0]).empty());
}

TEST_CASE("what a classifier says about one message is bounded", "[enrich]") {
    EnrichFixture fixture;
    fixture.add("words", "keywords", {}).say = [](const auto&) {
        v1::ClassifyResponse response;
        FakeClassifier::add(response, 0, std::string(129, 'x'));
        for (int i = 0; i < 40; ++i) FakeClassifier::add(response, 0, "w" + std::to_string(i));
        return FakeClassifier::answer(response);
    };
    Groups group = groupOf({"one"});
    fixture.stage().process(group);
    const Words labels = labelsOf(group[0].items[0]);
    REQUIRE(labels.size() == 32);
    CHECK(labels.front() == "words=w0");
}

TEST_CASE("numbers of a classifier are made sane", "[enrich]") {
    EnrichFixture fixture;
    const double infinite = std::numeric_limits<double>::infinity();
    fixture.add("mood", "sentiment", {"positive"}).say = [&](const auto&) {
        v1::ClassifyResponse response;
        for (const double confidence : {1.5, -0.5, std::nan(""), infinite, 0.25})
            FakeClassifier::add(response, 0, "positive", confidence);
        v1::Annotation& first = *response.mutable_messages(0)->mutable_annotations(0);
        first.set_score(std::nan(""));
        first.set_reason(std::string(1025, 'x'));
        v1::Annotation& last = *response.mutable_messages(4)->mutable_annotations(0);
        last.set_score(-7);
        last.set_reason(std::string(1024, 'x'));
        FakeClassifier::add(response, 1, "positive");       // there is only one message
        FakeClassifier::add(response, 2000000, "positive"); //
        return FakeClassifier::answer(response);
    };
    Groups group = groupOf({"one"});
    fixture.stage().process(group);
    const auto& said = group[0].items[0].annotations.annotations();
    REQUIRE(said.size() == 5);
    const double wanted[] = {1, 0, 0, 0, 0.25};
    for (int i = 0; i < 5; ++i) CHECK(said[i].confidence() == wanted[i]);
    CHECK(said[0].score() == 0);
    CHECK(said[0].reason().empty());
    CHECK(said[4].score() == -7);
    CHECK(said[4].reason().size() == 1024);
}

TEST_CASE("the language is told first and only where the channel did not", "[enrich]") {
    EnrichFixture fixture;
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    FakeClassifier& tongue = fixture.add("tongue", "language", {"de", "en"});
    Groups group = groupOf({"known", "unknown"});
    group[0].items[1].message.clear_language();
    fixture.stage().process(group);
    REQUIRE(tongue.requests.size() == 1);
    REQUIRE(tongue.requests[0].messages_size() == 1);
    CHECK(tongue.requests[0].messages(0).text() == "unknown");
    REQUIRE(mood.requests.size() == 1);
    CHECK(mood.requests[0].messages(0).language() == "en");
    CHECK(mood.requests[0].messages(1).language() == "de");
    CHECK(group[0].items[0].message.language() == "en");
    CHECK(group[0].items[1].message.language() == "de");
    CHECK(labelsOf(group[0].items[0]) == Words{"mood=positive"});
    CHECK(labelsOf(group[0].items[1]) == Words{"tongue=de", "mood=positive"});
}

TEST_CASE("a language that is not found leaves the others to work without", "[enrich]") {
    EnrichFixture fixture;
    fixture.add("tongue", "language", {"de"}).say = [](const auto&) { return failure("broken"); };
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    Groups group = groupOf({"unknown"});
    group[0].items[0].message.clear_language();
    fixture.stage().process(group);
    CHECK(mood.requests.at(0).messages(0).language().empty());
    CHECK(labelsOf(group[0].items[0]) == Words{"mood=positive"});
    CHECK(pendingOf(group[0].items[0]) == Words{"tongue"});
}

TEST_CASE("when a message comes again only those who are pending are asked", "[enrich]") {
    EnrichFixture fixture;
    FakeClassifier& mood = fixture.add("mood", "sentiment", {"positive"});
    FakeClassifier& topics = fixture.add("topics", "topic", {"price"});
    FakeClassifier& words = fixture.add("words", "keywords", {"refund"});
    words.say = [](const auto&) { return failure("still broken"); };
    Groups group = groupOf({"again", "new"});
    pipeline::Item& again = group[0].items[0];
    again.errand = pipeline::Errand::Reannotation;
    again.annotations.add_pending("topics");
    again.annotations.add_pending("words");
    fixture.stage().process(group);
    CHECK(mood.requests.at(0).messages_size() == 1);
    CHECK(mood.requests.at(0).messages(0).text() == "new");
    CHECK(topics.requests.at(0).messages_size() == 2);
    CHECK(labelsOf(group[0].items[0]) == Words{"topics=price"});
    CHECK(labelsOf(group[0].items[1]) == Words{"mood=positive", "topics=price"});
    CHECK(pendingOf(group[0].items[0]) == Words{"words"});
    CHECK(pendingOf(group[0].items[1]) == Words{"words"});
}
