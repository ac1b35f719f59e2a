#include "enrich/enrich.h"

#include "base/log.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cmath>

namespace hearback::enrich {

namespace {

using pipeline::Batch;
using pipeline::Errand;
using pipeline::Item;

constexpr std::size_t kReasonMax = 1024;
constexpr std::size_t kLabelMax = 128;
constexpr std::size_t kVersionMax = 256;
constexpr int kLabelsMax = 32; // of one classifier about one message

bool isPending(const Item& item, const std::string& classifier) {
    const auto& pending = item.annotations.pending();
    return std::find(pending.begin(), pending.end(), classifier) != pending.end();
}

void removePending(Item& item, const std::string& classifier) {
    auto& pending = *item.annotations.mutable_pending();
    pending.erase(std::remove(pending.begin(), pending.end(), classifier), pending.end());
}

void removeAnnotations(Item& item, const std::string& classifier) {
    auto& all = *item.annotations.mutable_annotations();
    const auto says = [&](const v1::Annotation& each) { return each.classifier() == classifier; };
    all.erase(std::remove_if(all.begin(), all.end(), says), all.end());
}

// A ClassifyRequest, written without copying the messages into one.
std::shared_ptr<const std::string> encode(const std::vector<Item*>& items) {
    namespace io = google::protobuf::io;
    constexpr std::uint32_t kTag = v1::ClassifyRequest::kMessagesFieldNumber << 3U | 2U;
    auto bytes = std::make_shared<std::string>();
    for (const Item* item : items) {
        const auto size = static_cast<std::uint32_t>(item->message.ByteSizeLong());
        const std::size_t at = bytes->size();
        const std::size_t head =
            io::CodedOutputStream::VarintSize32(kTag) + io::CodedOutputStream::VarintSize32(size);
        bytes->resize(at + head + size);
        auto* out = reinterpret_cast<std::uint8_t*>(bytes->data() + at);
        out = io::CodedOutputStream::WriteVarint32ToArray(kTag, out);
        out = io::CodedOutputStream::WriteVarint32ToArray(size, out);
        item->message.SerializeWithCachedSizesToArray(out);
    }
    return bytes;
}

} // namespace

struct Enrich::Desk {
    explicit Desk(pipeline::Classifier& of) : classifier(of), thread(of) {
        state.classifier = of.name();
        state.task = of.task();
        labels.insert(of.labels().begin(), of.labels().end());
    }
    // Why this is not taken beside `kept` others about the same message; null: it is.
    const char* refuses(const v1::Annotation& annotation, int kept) const {
        if (!labels.empty() && !labels.contains(annotation.label()))
            return "classifier gives a label that it did not declare";
        if (annotation.label().size() > kLabelMax)
            return "classifier gives a label that is too long";
        if (annotation.model_version().size() > kVersionMax)
            return "classifier names a version of its model that is too long";
        return kept < kLabelsMax ? nullptr : "classifier gives too many labels for a message";
    }
    pipeline::Classifier& classifier;
    ClassifierThread thread;
    std::set<std::string> labels;
    ClassifierState state;
    bool told_refused = false;
};

struct Enrich::Asking {
    Desk* desk = nullptr;
    std::vector<Item*> items;
    std::shared_ptr<Question> question;
};

Enrich::Enrich(const std::vector<pipeline::Classifier*>& classifiers, base::Clock& clock,
               base::Metrics& metrics, base::Micros budget)
    : clock_(clock), metrics_(metrics), budget_(budget) {
    for (pipeline::Classifier* classifier : classifiers) {
        Desk* desk = desks_.emplace_back(std::make_unique<Desk>(*classifier)).get();
        (classifier->task() == "language" ? first_ : others_).push_back(desk);
    }
}

Enrich::~Enrich() = default;

bool Enrich::stop(base::Micros patience) {
    bool all = true;
    for (const auto& desk : desks_) all = desk->thread.stop(clock_, patience) && all;
    return all;
}

std::vector<ClassifierState> Enrich::state() const {
    const std::lock_guard lock(mutex_);
    std::vector<ClassifierState> states;
    for (const auto& desk : desks_) states.push_back(desk->state);
    return states;
}

void Enrich::process(std::vector<Batch>& group) {
    askAll(first_, group);
    askAll(others_, group);
}

// A tombstone says nothing. The language is asked for only where the channel did not tell.
std::vector<Item*> Enrich::itemsFor(const Desk& desk, std::vector<Batch>& group) {
    std::vector<Item*> items;
    const bool tells_language = desk.classifier.task() == "language";
    for (Batch& batch : group) {
        for (Item& item : batch.items) {
            if (item.message.deleted_at_us() != 0) continue;
            const bool wanted = item.errand == Errand::Arrival
                                    ? !tells_language || item.message.language().empty()
                                    : isPending(item, desk.classifier.name());
            if (wanted) items.push_back(&item);
        }
    }
    return items;
}

void Enrich::askAll(const std::vector<Desk*>& desks, std::vector<Batch>& group) {
    std::vector<Asking> asked;
    const std::vector<Item*>* encoded_for = nullptr;
    std::shared_ptr<const std::string> request;
    asked.reserve(desks.size());
    const base::Micros begun = clock_.steady();
    for (Desk* desk : desks) {
        Asking& asking = asked.emplace_back();
        asking.desk = desk;
        asking.items = itemsFor(*desk, group);
        if (asking.items.empty()) continue;
        // Most groups are asked about as a whole: then the bytes are the same for all.
        if (encoded_for == nullptr || *encoded_for != asking.items) {
            request = encode(asking.items);
            encoded_for = &asking.items;
        }
        auto question = std::make_shared<Question>(request);
        if (desk->thread.ask(question)) asking.question = std::move(question);
    }
    for (Asking& asking : asked)
        if (!asking.items.empty()) collect(asking, begun + budget_);
    if (!asked.empty())
        metrics_.observe("hearback_enrich_seconds", {},
                         static_cast<double>(clock_.steady() - begun) / 1e6);
}

void Enrich::collect(Asking& asking, base::Micros deadline) {
    Desk& desk = *asking.desk;
    if (!asking.question) {
        fail(asking, "still works on an earlier question");
        return;
    }
    const auto answer = asking.question->waitFor(clock_, deadline);
    if (!answer) {
        fail(asking,
             "did not answer within " + std::to_string(budget_ / base::kMillisecond) + " ms");
        return;
    }
    v1::ClassifyResponse response;
    const google::protobuf::LogSilencer silence;
    if (!answer->isOk() || !response.ParseFromString(answer->bytes)) {
        fail(asking, answer->isOk() ? "answered with bytes that cannot be read" : answer->text);
        return;
    }
    for (Item* item : asking.items) removeAnnotations(*item, desk.classifier.name());
    // A message may be answered for in several entries.
    std::vector<int> taken(asking.items.size(), 0);
    for (v1::MessageAnnotations& said : *response.mutable_messages()) {
        if (said.index() >= asking.items.size()) continue;
        Item& item = *asking.items[said.index()];
        int& kept = taken[said.index()];
        for (v1::Annotation& annotation : *said.mutable_annotations()) {
            if (const char* why = desk.refuses(annotation, kept)) {
                if (!std::exchange(desk.told_refused, true))
                    base::logWarning("enrich", why, {{"classifier", desk.classifier.name()}});
                continue;
            }
            ++kept;
            if (!std::isfinite(annotation.score())) annotation.set_score(0);
            const double confidence = annotation.confidence();
            annotation.set_confidence(std::isfinite(confidence) ? std::clamp(confidence, 0.0, 1.0)
                                                                : 0);
            if (annotation.reason().size() > kReasonMax) annotation.clear_reason();
            annotation.set_classifier(desk.classifier.name());
            annotation.set_task(desk.classifier.task());
            if (annotation.task() == "language" && item.message.language().empty())
                item.message.set_language(annotation.label());
            *item.annotations.add_annotations() = std::move(annotation);
        }
    }
    for (Item* item : asking.items) {
        removePending(*item, desk.classifier.name());
        if (item->errand == Errand::Reclassification)
            item->answered.push_back(desk.classifier.name());
    }
    metrics_.count("hearback_classified_total", {{"classifier", desk.classifier.name()}},
                   static_cast<double>(asking.items.size()));
    const std::lock_guard lock(mutex_);
    desk.state.messages += static_cast<std::int64_t>(asking.items.size());
    if (!desk.state.problem.empty())
        base::logInfo("enrich", "classifier answers again",
                      {{"classifier", desk.classifier.name()}});
    desk.state.problem.clear();
}

void Enrich::fail(Asking& asking, const std::string& why) {
    const std::string& name = asking.desk->classifier.name();
    for (Item* item : asking.items)
        if (!isPending(*item, name)) item->annotations.add_pending(name);
    metrics_.count("hearback_classify_late_total", {{"classifier", name}},
                   static_cast<double>(asking.items.size()));
    const std::lock_guard lock(mutex_);
    ClassifierState& state = asking.desk->state;
    state.late += static_cast<std::int64_t>(asking.items.size());
    if (state.problem.empty())
        base::logWarning("enrich", "classifier fails; messages go on and are asked about later",
                         {{"classifier", name}, {"cause", why}});
    state.problem = why;
}

} // namespace hearback::enrich
