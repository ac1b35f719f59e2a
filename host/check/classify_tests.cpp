// Level 1: what classifiers answer.
#include "check/bench.h"
#include "check/samples.h"
#include "check/test.h"

#include "base/utf8.h"
#include "intake/wire_repair.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace hearback::check {

namespace {

std::optional<v1::ClassifyResponse> answerOf(const std::string& bytes) {
    v1::ClassifyResponse response;
    const auto repaired = intake::repairStrings(*v1::ClassifyResponse::descriptor(), bytes);
    if (!repaired || !repaired->originals.empty() || !response.ParseFromString(repaired->bytes))
        return std::nullopt;
    return response;
}

// Skips where it cannot answer, which classify/answers tells.
v1::ClassifyResponse ask(Bench& bench, Subject& subject, const v1::ClassifyRequest& question) {
    const Said said = subject.classify(question.SerializeAsString());
    if (!said.isOk()) bench.skip("classify() gives " + describe(said) + ": see classify/answers");
    const auto answer = answerOf(said.bytes);
    if (!answer) bench.skip("it writes no ClassifyResponse: see classify/answers");
    return *answer;
}

std::set<std::string> labelsOf(Bench& bench, Subject& subject) {
    const auto& listed = bench.manifest().labels;
    std::set<std::string> labels(listed.begin(), listed.end());
    if (subject.classifier() == nullptr || subject.classifier()->labels == nullptr) return labels;
    v1::LabelSet set;
    const Said said = subject.labels();
    if (!said.isOk() || !set.ParseFromString(said.bytes) || set.labels().empty()) return labels;
    return {set.labels().begin(), set.labels().end()};
}

std::string problemOf(const v1::Annotation& annotation) {
    if (!annotation.classifier().empty() || !annotation.task().empty())
        return "it sets classifier or task, which are the host's to set";
    if (annotation.model_version().empty() || annotation.model_version().size() > 128)
        return "its model_version is empty or has more than 128 bytes";
    if (annotation.label().empty()) return "it has no label";
    if (!std::isfinite(annotation.score())) return "its score is no number";
    if (!(annotation.confidence() >= 0 && annotation.confidence() <= 1))
        return "its confidence is " + std::to_string(annotation.confidence()) +
               ", not between 0 and 1";
    if (annotation.reason().size() > 1024) return "its reason has more than 1 KiB";
    return {};
}

void classifyAnswers(Bench& bench) {
    Subject& subject = bench.started();
    const auto question = questionOf(ordinaryTexts(bench.plan()));
    const Said said = subject.classify(question.SerializeAsString());
    bench.expect(said.isOk(), "classify() of ordinary messages is OK",
                 "it gives " + describe(said));
    const auto answer = answerOf(said.bytes);
    bench.expect(answer.has_value(), "what classify() writes is a ClassifyResponse",
                 std::to_string(said.bytes.size()) + " bytes are none");
    std::uint32_t last = 0;
    for (const auto& of : answer->messages()) {
        bench.expect(of.index() < static_cast<std::uint32_t>(question.messages_size()),
                     "an answer is about a message of the request",
                     "there is one for index " + std::to_string(of.index()) + " of " +
                         std::to_string(question.messages_size()));
        bench.expect(of.index() >= last, "indexes do not fall",
                     std::to_string(of.index()) + " comes after " + std::to_string(last));
        last = of.index();
        for (const auto& annotation : of.annotations()) {
            const std::string problem = problemOf(annotation);
            bench.expect(problem.empty(), "an annotation is as annotation.proto says", problem);
        }
    }
}

void classifyLabels(Bench& bench) {
    Subject& subject = bench.configured();
    if (subject.classifier() == nullptr) bench.skip("see contract/extensions");
    if (subject.classifier()->labels != nullptr) {
        const Said said = subject.labels();
        v1::LabelSet set;
        bench.expect(said.isOk() && set.ParseFromString(said.bytes),
                     "labels() of a configured instance gives a LabelSet",
                     "it gives " + describe(said));
        std::set<std::string> seen;
        for (const std::string& label : set.labels()) {
            bench.expect(!label.empty() && label.size() <= 256, "a label has 1 to 256 bytes",
                         "one has " + std::to_string(label.size()));
            bench.expect(seen.insert(label).second, "each label is told once",
                         "\"" + label + "\" is told twice");
        }
    }
    const auto labels = labelsOf(bench, subject);
    if (labels.empty()) bench.skip("it declares no labels: any is taken");
    (void)subject.start();
    const auto answer = ask(bench, subject, questionOf(ordinaryTexts(bench.plan())));
    for (const auto& of : answer.messages())
        for (const auto& annotation : of.annotations())
            bench.expect(labels.contains(annotation.label()),
                         "classify() gives only labels that were declared",
                         "it gives \"" + annotation.label() + "\"");
}

void classifySameAgain(Bench& bench) {
    const auto question = questionOf(ordinaryTexts(bench.plan())).SerializeAsString();
    Subject& subject = bench.started();
    const Said first = subject.classify(question);
    if (!first.isOk()) bench.skip("classify() gives " + describe(first));
    for (int i = 0; i < 3; ++i)
        bench.expect(subject.classify(question).bytes == first.bytes,
                     "the same request gives the same answer", "it gives another one");
    bench.expect(bench.started().classify(question).bytes == first.bytes,
                 "the same request gives the same answer in every instance",
                 "another instance gives another one");
}

// Annotations of each message, by index.
std::map<std::uint32_t, std::string> byMessage(const v1::ClassifyResponse& response) {
    std::map<std::uint32_t, std::string> all;
    for (const auto& of : response.messages())
        for (const auto& annotation : of.annotations())
            all[of.index()] += annotation.SerializeAsString();
    return all;
}

void classifyAlone(Bench& bench) {
    const auto texts = ordinaryTexts(bench.plan());
    Subject& subject = bench.started();
    const auto together = byMessage(ask(bench, subject, questionOf(texts)));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto alone = byMessage(ask(bench, subject, questionOf({texts[i]})));
        const auto in_group = together.find(static_cast<std::uint32_t>(i));
        const std::string expected = in_group == together.end() ? "" : in_group->second;
        const std::string got = alone.empty() ? "" : alone.begin()->second;
        bench.expect(got == expected,
                     "what is said of a message does not depend on those beside it",
                     "message " + std::to_string(i) + " alone gets another answer");
    }
}

void classifyHardTexts(Bench& bench) {
    Subject& subject = bench.started();
    const auto must = [&](const v1::ClassifyRequest& question, const std::string& what) {
        const Said said = subject.classify(question.SerializeAsString());
        bench.expect(said.isOk(), "classify() takes every text that is valid UTF-8",
                     "for " + what + " it gives " + describe(said));
        bench.expect(answerOf(said.bytes).has_value(),
                     "what classify() writes is a ClassifyResponse in valid UTF-8",
                     "for " + what + " it is none");
    };
    must(v1::ClassifyRequest(), "no message at all");
    const auto texts = hardTexts();
    for (const std::string& text : texts)
        must(questionOf({text}),
             "a text of " + std::to_string(text.size()) + " bytes, " +
                 nlohmann::json(text.substr(0, 20))
                     .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    must(questionOf(texts), "many of them");
    must(questionOf(std::vector<std::string>(2000, "short")), "2000 messages");
    const Said said = subject.classify("\xff\xff\xff\xff");
    bench.expect(!said.isOk(), "bytes that are no ClassifyRequest are refused", "they are OK");
    must(questionOf(ordinaryTexts(bench.plan())), "ordinary messages after that");
}

constexpr std::string_view kClassifier = "hearback/plugin/classifier.h";
constexpr std::string_view kSchema = "schemas/hearback/v1/annotation.proto";

constexpr Test kTests[] = {
    {"classify/answers", 1, kClassifiers, "Answers are about messages of the request, and whole",
     kSchema, "for each message at most one entry, none means", classifyAnswers},
    {"classify/labels", 1, kClassifiers, "Only labels are given that were declared", kClassifier,
     "every label that classify() can give under the present", classifyLabels},
    {"classify/same-again", 1, kClassifiers, "The same request gives the same answer", kClassifier,
     "The same request gives the", classifySameAgain},
    {"classify/alone", 1, kClassifiers, "A message is answered the same alone and among others",
     "docs/plugins.md", "The same messages give the same answer", classifyAlone},
    {"classify/hard-texts", 1, kClassifiers,
     "Every text is taken: empty, long, of every script, and many at once", kSchema,
     "Normalised: plain text, valid UTF-8", classifyHardTexts, 30},
};

} // namespace

std::span<const Test> classifyTests() { return kTests; }

} // namespace hearback::check
