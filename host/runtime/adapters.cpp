#include "runtime/adapters.h"

#include "base/check.h"

#include "hearback/v1/annotation.pb.h"

#include <algorithm>
#include <condition_variable>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using pipeline::Answer;
using pipeline::Verdict;

constexpr std::size_t kBatchMax = 16 << 20;

hb_bytes toBytes(std::string_view bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// A table that the plugin offers, as long as this host's; null where it is shorter.
template <class Table>
const Table* tableOf(const Instance& instance, std::string_view id) {
    const auto* table = static_cast<const Table*>(instance.extension(id));
    return table != nullptr && table->struct_size >= sizeof(Table) ? table : nullptr;
}

Error missing(const Instance& instance, const std::string& what) {
    return {Code::Unsupported, "plugin \"" + instance.manifest().id + "\" offers no " + what};
}

// Lets at most so many calls in at once: the plugin's "max_concurrency".
class Turnstile {
  public:
    explicit Turnstile(std::int64_t places) : free_(places) {}
    class Pass {
      public:
        explicit Pass(Turnstile& gate) : gate_(gate) {
            std::unique_lock lock(gate_.mutex_);
            gate_.freed_.wait(lock, [&] { return gate_.free_ > 0; });
            --gate_.free_;
        }
        ~Pass() {
            {
                const std::lock_guard lock(gate_.mutex_);
                ++gate_.free_;
            }
            gate_.freed_.notify_one();
        }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;

      private:
        Turnstile& gate_;
    };

  private:
    std::mutex mutex_;
    std::condition_variable freed_;
    std::int64_t free_;
};

class SourceInstance final : public pipeline::Source {
  public:
    SourceInstance(std::shared_ptr<Instance> instance, const hb_source_1* table)
        : instance_(std::move(instance)), table_(table),
          gate_(instance_->manifest().max_concurrency) {}

    const std::string& name() const override { return instance_->name(); }
    const std::string& plugin() const override { return instance_->manifest().id; }
    std::size_t maxInflight() const override {
        return static_cast<std::size_t>(instance_->manifest().max_inflight);
    }
    bool polls() const override { return table_->poll != nullptr; }
    bool receives() const override {
        const auto& needs = instance_->manifest().needs;
        return std::find(needs.begin(), needs.end(), "ingress") != needs.end();
    }
    Answer start(const std::optional<std::string>& checkpoint) override {
        return instance_->start(checkpoint);
    }
    Answer poll(const pipeline::PollLimits& limits) override {
        const Turnstile::Pass pass(gate_);
        return instance_->call(Role::Worker, "poll", kBatchMax,
                               [&](hb_instance* plugin, const hb_writer* out) {
                                   return table_->poll(plugin, limits.batch_id, limits.max_items,
                                                       limits.max_bytes, limits.timeout_ms, out);
                               });
    }
    void ack(std::uint64_t batch_id, bool stored) override {
        if (table_->ack == nullptr) return;
        const Turnstile::Pass pass(gate_);
        (void)instance_->call(Role::Worker, "ack", 0, [&](hb_instance* plugin, const hb_writer*) {
            return table_->ack(plugin, batch_id, stored ? HB_VERDICT_STORED : HB_VERDICT_REJECTED);
        });
    }
    Answer decode(std::string_view payload) override {
        if (table_->decode == nullptr) {
            Answer answer;
            answer.verdict = Verdict::Unsupported;
            answer.text = "plugin \"" + plugin() + "\" cannot read its rejects again";
            return answer;
        }
        const Turnstile::Pass pass(gate_);
        return instance_->call(Role::Worker, "decode", kBatchMax,
                               [&](hb_instance* plugin, const hb_writer* out) {
                                   return table_->decode(plugin, toBytes(payload), out);
                               });
    }
    std::vector<pipeline::Route> routes() const override {
        std::vector<pipeline::Route> routes;
        for (const IngressRoute& route : instance_->routes())
            routes.push_back({route.path, route.methods, route.max_body_bytes});
        return routes;
    }
    Answer receive(const std::string& path, std::string_view request) override {
        const auto routes = instance_->routes();
        const auto route = std::find_if(routes.begin(), routes.end(),
                                        [&](const auto& each) { return each.path == path; });
        if (route == routes.end()) {
            Answer answer;
            answer.verdict = Verdict::Unsupported;
            answer.text = "no such route";
            return answer;
        }
        const Turnstile::Pass pass(gate_);
        return instance_->call(Role::Worker, "receive", kBatchMax,
                               [&](hb_instance* plugin, const hb_writer* out) {
                                   return route->handler(plugin, toBytes(request), out);
                               });
    }
    void cancel() override { instance_->cancel(); }
    void stop() override { (void)instance_->stop(); }
    void onWake(std::function<void()> wake) override { instance_->onWake(std::move(wake)); }

  private:
    std::shared_ptr<Instance> instance_;
    const hb_source_1* table_;
    Turnstile gate_;
};

class ClassifierInstance final : public pipeline::Classifier {
  public:
    ClassifierInstance(std::shared_ptr<Instance> instance, const hb_classifier_1* table,
                       std::vector<std::string> labels)
        : instance_(std::move(instance)), table_(table), labels_(std::move(labels)) {
        task_ = instance_->manifest().task.empty() ? instance_->name() : instance_->manifest().task;
    }
    ~ClassifierInstance() override { (void)instance_->stop(); }

    const std::string& name() const override { return instance_->name(); }
    const std::string& task() const override { return task_; }
    const std::vector<std::string>& labels() const override { return labels_; }
    Answer classify(std::string_view request) override {
        return instance_->call(Role::Worker, "classify", kBatchMax,
                               [&](hb_instance* plugin, const hb_writer* out) {
                                   return table_->classify(plugin, toBytes(request), out);
                               });
    }

  private:
    std::shared_ptr<Instance> instance_;
    const hb_classifier_1* table_;
    std::vector<std::string> labels_;
    std::string task_;
};

class SinkInstance final : public pipeline::Sink {
  public:
    SinkInstance(std::shared_ptr<Instance> instance, const hb_sink_1* table)
        : instance_(std::move(instance)), table_(table) {}
    ~SinkInstance() override { (void)instance_->stop(); }

    const std::string& name() const override { return instance_->name(); }
    // What the sink only took is made durable before the deliveries count as done.
    Answer write(std::uint64_t batch_id, std::string_view batch) override {
        Answer answer = instance_->call(
            Role::Worker, "write", kBatchMax, [&](hb_instance* plugin, const hb_writer* out) {
                return table_->write(plugin, batch_id, toBytes(batch), out);
            });
        if (!answer.isOk() || table_->flush == nullptr) return answer;
        Answer flushed =
            instance_->call(Role::Worker, "flush", 0, [&](hb_instance* plugin, const hb_writer*) {
                return table_->flush(plugin, kFlushDeadlineMs);
            });
        return flushed.isOk() ? answer : flushed;
    }
    void cancel() override { instance_->cancel(); }

  private:
    static constexpr std::int64_t kFlushDeadlineMs = 10000;
    std::shared_ptr<Instance> instance_;
    const hb_sink_1* table_;
};

base::Result<std::vector<std::string>> labelsOf(Instance& instance, const hb_classifier_1& table) {
    if (table.labels == nullptr) return instance.manifest().labels;
    const Answer answer = instance.call(
        Role::Control, "labels", kBatchMax,
        [&](hb_instance* plugin, const hb_writer* out) { return table.labels(plugin, out); });
    v1::LabelSet set;
    if (!answer.isOk() || !set.ParseFromString(answer.bytes))
        return Error{Code::Internal, "the classifier does not tell its labels: " + answer.text};
    std::vector<std::string> labels(set.labels().begin(), set.labels().end());
    return labels.empty() ? instance.manifest().labels : labels;
}

} // namespace

base::Result<std::unique_ptr<pipeline::Source>> makeSource(std::shared_ptr<Instance> instance) {
    const auto* table = tableOf<hb_source_1>(*instance, HB_EXT_SOURCE_1);
    if (table == nullptr) return missing(*instance, HB_EXT_SOURCE_1);
    std::unique_ptr<pipeline::Source> source =
        std::make_unique<SourceInstance>(std::move(instance), table);
    return source;
}

base::Result<std::unique_ptr<pipeline::Classifier>>
makeClassifier(std::shared_ptr<Instance> instance) {
    const auto* table = tableOf<hb_classifier_1>(*instance, HB_EXT_CLASSIFIER_1);
    if (table == nullptr || table->classify == nullptr)
        return missing(*instance, HB_EXT_CLASSIFIER_1);
    const auto labels = labelsOf(*instance, *table);
    if (!labels) return labels.error();
    const Answer started = instance->start(std::nullopt);
    if (!started.isOk()) return Error{Code::Unavailable, started.text};
    std::unique_ptr<pipeline::Classifier> classifier =
        std::make_unique<ClassifierInstance>(std::move(instance), table, *labels);
    return classifier;
}

base::Result<std::unique_ptr<pipeline::Sink>> makeSink(std::shared_ptr<Instance> instance) {
    const auto* table = tableOf<hb_sink_1>(*instance, HB_EXT_SINK_1);
    if (table == nullptr || table->write == nullptr) return missing(*instance, HB_EXT_SINK_1);
    const Answer started = instance->start(std::nullopt);
    if (!started.isOk()) return Error{Code::Unavailable, started.text};
    std::unique_ptr<pipeline::Sink> sink =
        std::make_unique<SinkInstance>(std::move(instance), table);
    return sink;
}

} // namespace hearback::runtime
