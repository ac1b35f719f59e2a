#include "cli/dev/samples.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"

#include <map>
#include <sstream>

namespace hearback::cli::dev {

namespace {

using pipeline::Answer;
using pipeline::Verdict;

void giveTexts(std::vector<std::string>& texts) {
    if (!texts.empty()) return;
    texts = {"Warm light, silent switch: I would buy it again.",
             "The lamp hums at night, and nobody answers my mails!", "Where can I get a new bulb?"};
}

v1::FeedbackMessage sample(std::size_t number, const std::string& text) {
    v1::FeedbackMessage message;
    message.set_source("sample");
    message.set_channel("sample");
    message.set_external_id("sample-" + std::to_string(number));
    message.set_text(text);
    return message;
}

std::string describe(const v1::Annotation& annotation) {
    std::ostringstream text;
    text.precision(2);
    text << annotation.label() << " " << std::fixed << annotation.confidence();
    if (!annotation.reason().empty()) text << " (" << fitTo(annotation.reason(), 40) << ")";
    return text.str();
}

} // namespace

bool showLabels(pipeline::Classifier& classifier, std::vector<std::string> texts,
                Console& console) {
    giveTexts(texts);
    v1::ClassifyRequest request;
    for (std::size_t i = 0; i < texts.size(); ++i)
        *request.add_messages() = sample(i + 1, texts[i]);
    const Answer answer = classifier.classify(request.SerializeAsString());
    v1::ClassifyResponse response;
    if (!answer.isOk()) {
        console.say("classify", dev::describe(answer), Style::Red);
        return false;
    }
    if (!response.ParseFromString(answer.bytes)) {
        console.say("classify", "what it wrote is no ClassifyResponse", Style::Red);
        return false;
    }
    std::map<std::uint32_t, std::string> labels;
    for (const v1::MessageAnnotations& message : response.messages())
        for (const v1::Annotation& annotation : message.annotations()) {
            std::string& all = labels[message.index()];
            all += (all.empty() ? "" : ", ") + describe(annotation);
        }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto found = labels.find(static_cast<std::uint32_t>(i));
        console.say("label",
                    (found == labels.end() ? "nothing" : found->second) + "  " + shown(texts[i]));
    }
    return true;
}

bool showDeliveries(pipeline::Sink& sink, std::vector<std::string> texts, const std::string& run,
                    Console& console) {
    giveTexts(texts);
    if (const Answer started = sink.start(); !started.isOk()) {
        console.say("start", describe(started), Style::Red);
        return false;
    }
    v1::DeliveryBatch batch;
    for (const std::string& text : texts) {
        v1::Delivery& delivery = *batch.add_deliveries();
        const auto number = static_cast<std::size_t>(batch.deliveries_size());
        *delivery.mutable_message() = sample(number, text);
        delivery.set_message_id(static_cast<std::int64_t>(number));
        delivery.set_idempotency_key("dev-" + run + "-" + std::to_string(number));
        delivery.mutable_route()->set_team("dev");
        delivery.set_attempt(1);
    }
    const Answer answer = sink.write(1, batch.SerializeAsString());
    v1::DeliveryResults results;
    bool all = results.ParseFromString(answer.bytes);
    if (!all) console.say("write", "what it wrote is no DeliveryResults", Style::Red);
    // What is not named shares the status of the call.
    std::map<std::uint32_t, Answer> outcomes;
    std::map<std::uint32_t, std::string> names;
    for (const v1::DeliveryResult& result : results.results()) {
        Answer& outcome = outcomes[result.index()];
        outcome.verdict = static_cast<Verdict>(result.status());
        outcome.text = result.text();
        outcome.retry_after = result.retry_after_ms() * base::kMillisecond;
        names[result.index()] = result.remote_id();
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto index = static_cast<std::uint32_t>(i);
        const auto found = outcomes.find(index);
        const Answer& outcome = found == outcomes.end() ? answer : found->second;
        const std::string& name = names[index];
        all = all && outcome.isOk();
        if (outcome.isOk())
            console.say("sent", shown(texts[i]) + (name.empty() ? "" : " as " + name),
                        Style::Green);
        else
            console.say("not sent", shown(texts[i]) + "  " + describe(outcome), Style::Red);
    }
    return all;
}

} // namespace hearback::cli::dev
