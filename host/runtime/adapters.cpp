#include "runtime/adapters.h"

#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"
#include "hearback/v1/annotation.pb.h"

#include <algorithm>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using loader::Call;
using loader::Method;
using loader::PluginInstance;
using pipeline::Answer;

// What is not up at the moment is believed to be what its manifest says.
bool offers(const PluginInstance& instance, Method method) {
    return instance.can(method) || !instance.health().isOk();
}

Error missing(const PluginInstance& instance, const std::string& what) {
    return {Code::Unsupported, "plugin \"" + instance.manifest().id + "\" offers no " + what};
}

class SourceInstance final : public pipeline::Source {
  public:
    explicit SourceInstance(std::shared_ptr<PluginInstance> instance)
        : instance_(std::move(instance)) {}

    const std::string& name() const override { return instance_->name(); }
    const std::string& plugin() const override { return instance_->manifest().id; }
    std::size_t maxInflight() const override { return instance_->maxInflight(); }
    bool polls() const override { return instance_->can(Method::Poll); }
    bool receives() const override {
        const auto& needs = instance_->manifest().needs;
        return std::find(needs.begin(), needs.end(), "ingress") != needs.end();
    }
    Answer start(const std::optional<std::string>& checkpoint) override {
        return instance_->run({.method = Method::Start,
                               .bytes = checkpoint ? std::string_view(*checkpoint) : "",
                               .has_checkpoint = checkpoint.has_value()});
    }
    Answer poll(const pipeline::PollLimits& limits) override {
        return instance_->run({.method = Method::Poll, .limits = limits});
    }
    void ack(std::uint64_t batch_id, bool stored) override {
        if (instance_->can(Method::Ack))
            (void)instance_->run({.method = Method::Ack, .batch_id = batch_id, .stored = stored});
    }
    Answer decode(std::string_view payload) override {
        if (instance_->can(Method::Decode))
            return instance_->run({.method = Method::Decode, .bytes = payload});
        Answer answer;
        answer.verdict = pipeline::Verdict::Unsupported;
        answer.text = "plugin \"" + plugin() + "\" cannot read its rejects again";
        return answer;
    }
    std::vector<pipeline::Route> routes() const override { return instance_->routes(); }
    Answer receive(const std::string& path, std::string_view request) override {
        return instance_->run({.method = Method::Receive, .bytes = request, .path = path});
    }
    bool acts() const override {
        return instance_->manifest().has(HB_EXT_ACTIONS_1) && offers(*instance_, Method::Act);
    }
    Answer capabilities(std::string_view request) override {
        return instance_->run({.method = Method::Capabilities, .bytes = request});
    }
    Answer act(std::string_view action) override {
        return instance_->run({.method = Method::Act, .bytes = action});
    }
    void cancel() override { instance_->cancel(); }
    void stop() override { (void)instance_->run({.method = Method::Stop}); }
    void onWake(std::function<void()> wake) override { instance_->onWake(std::move(wake)); }
    Answer health() const override { return instance_->health(); }

  private:
    std::shared_ptr<PluginInstance> instance_;
};

class ClassifierInstance final : public pipeline::Classifier {
  public:
    ClassifierInstance(std::shared_ptr<PluginInstance> instance, std::vector<std::string> labels)
        : instance_(std::move(instance)), labels_(std::move(labels)) {
        task_ = instance_->manifest().task.empty() ? instance_->name() : instance_->manifest().task;
    }
    ~ClassifierInstance() override { (void)instance_->run({.method = Method::Stop}); }

    const std::string& name() const override { return instance_->name(); }
    const std::string& task() const override { return task_; }
    const std::vector<std::string>& labels() const override { return labels_; }
    Answer classify(std::string_view request) override {
        return instance_->run({.method = Method::Classify, .bytes = request});
    }
    void cancel() override { instance_->cancel(); }

  private:
    std::shared_ptr<PluginInstance> instance_;
    std::vector<std::string> labels_;
    std::string task_;
};

class SinkInstance final : public pipeline::Sink {
  public:
    explicit SinkInstance(std::shared_ptr<PluginInstance> instance)
        : instance_(std::move(instance)) {}
    ~SinkInstance() override { (void)instance_->run({.method = Method::Stop}); }

    const std::string& name() const override { return instance_->name(); }
    Answer start() override { return instance_->run({.method = Method::Start}); }
    bool mayRepeat() const override { return instance_->manifest().idempotency != "none"; }
    Answer write(std::uint64_t batch_id, std::string_view batch) override {
        return instance_->run({.method = Method::Write, .bytes = batch, .batch_id = batch_id});
    }
    void cancel() override { instance_->cancel(); }

  private:
    std::shared_ptr<PluginInstance> instance_;
};

} // namespace

base::Result<std::vector<std::string>> labelsOf(PluginInstance& instance) {
    if (!instance.can(Method::Labels)) return instance.manifest().labels;
    const Answer answer = instance.run({.method = Method::Labels});
    v1::LabelSet set;
    if (!answer.isOk() || !set.ParseFromString(answer.bytes))
        return Error{Code::Internal, "the classifier does not tell its labels: " + answer.text};
    std::vector<std::string> labels(set.labels().begin(), set.labels().end());
    return labels.empty() ? instance.manifest().labels : labels;
}

base::Result<std::unique_ptr<pipeline::Source>>
makeSource(std::shared_ptr<PluginInstance> instance) {
    if (!offers(*instance, Method::Poll) && !offers(*instance, Method::Receive))
        return missing(*instance, HB_EXT_SOURCE_1);
    std::unique_ptr<pipeline::Source> source =
        std::make_unique<SourceInstance>(std::move(instance));
    return source;
}

base::Result<std::unique_ptr<pipeline::Classifier>>
makeClassifier(std::shared_ptr<PluginInstance> instance) {
    if (!offers(*instance, Method::Classify)) return missing(*instance, HB_EXT_CLASSIFIER_1);
    const auto labels = labelsOf(*instance);
    if (!labels) return labels.error();
    const Answer started = instance->run({.method = Method::Start});
    if (!started.isOk() && instance->health().isOk()) return Error{Code::Unavailable, started.text};
    std::unique_ptr<pipeline::Classifier> classifier =
        std::make_unique<ClassifierInstance>(std::move(instance), *labels);
    return classifier;
}

base::Result<std::unique_ptr<pipeline::Sink>> makeSink(std::shared_ptr<PluginInstance> instance) {
    if (!offers(*instance, Method::Write)) return missing(*instance, HB_EXT_SINK_1);
    std::unique_ptr<pipeline::Sink> sink = std::make_unique<SinkInstance>(std::move(instance));
    return sink;
}

} // namespace hearback::runtime
