// What a classifier answers: any bytes. What is taken of it is within its limits, and messages that
// it said nothing about that could be read are asked about again.
#include "base/log.h"
#include "enrich/enrich.h"
#include "fuzz/promise.h"

#include <algorithm>
#include <cmath>

using namespace hearback;
using hearback::fuzz::require;

namespace {

// Answers with the bytes of the input.
class Parrot final : public pipeline::Classifier {
  public:
    Parrot(std::string name, std::string task, std::vector<std::string> labels)
        : name_(std::move(name)), task_(std::move(task)), labels_(std::move(labels)) {}
    const std::string& name() const override { return name_; }
    const std::string& task() const override { return task_; }
    const std::vector<std::string>& labels() const override { return labels_; }
    pipeline::Answer classify(std::string_view) override {
        pipeline::Answer answer;
        answer.bytes = bytes;
        return answer;
    }
    void cancel() override {}
    std::string bytes;

  private:
    std::string name_;
    std::string task_;
    std::vector<std::string> labels_;
};

struct Stage {
    base::SystemClock clock;
    base::Metrics metrics;
    Parrot language{"tongue", "language", {}};
    Parrot mood{"mood", "sentiment", {"positive", "negative"}};
    enrich::Enrich enrich{{&language, &mood}, clock, metrics, base::kMinute};
};

void requireSane(const pipeline::Item& item) {
    for (const v1::Annotation& said : item.annotations.annotations()) {
        require(std::isfinite(said.score()), "a score is a number");
        require(said.confidence() >= 0 && said.confidence() <= 1, "a confidence is a share");
        require(said.reason().size() <= 1024, "a reason is short");
        require(said.classifier() == "tongue" || said.classifier() == "mood",
                "the host names the classifier");
        require(said.classifier() != "mood" || said.label() == "positive" ||
                    said.label() == "negative",
                "a label is one that was declared");
    }
    require(item.annotations.pending_size() <= 2, "a classifier is asked again once");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Its threads wait until the process ends.
    static Stage& stage = *std::make_unique<Stage>().release();
    base::configureLog(base::LogFormat::Json, base::LogLevel::Error);
    stage.language.bytes = stage.mood.bytes = fuzz::toText(data, size);
    std::vector<pipeline::Batch> group(2);
    for (pipeline::Batch& batch : group) batch.items.resize(2);
    group[1].items[1].message.set_language("de");
    stage.enrich.process(group);
    for (const pipeline::Batch& batch : group)
        std::for_each(batch.items.begin(), batch.items.end(), requireSane);
    return 0;
}
