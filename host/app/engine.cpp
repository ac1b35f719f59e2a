#include "app/engine.h"

#include "base/log.h"
#include "deliver/action_carrier.h"
#include "deliver/sink_carrier.h"

namespace hearback::app {

namespace {

// More than the grace of a worker that was asked to come back.
constexpr base::Micros kClassifierPatience = 8 * base::kSecond;
constexpr std::int64_t kSourceBatch = 256;

} // namespace

Engine::Engine(const config::Settings& settings, Environment& environment, Store& store,
               Plugins& plugins)
    : environment_(environment), store_(store),
      enrich_(plugins.classifiers(), environment.clock, environment.metrics,
              settings.classify_budget_ms * base::kMillisecond),
      message_ledger_(store.dictionary(), environment.clock),
      dead_letter_ledger_(environment.clock), outbox_ledger_(store.dictionary(), environment.clock),
      checkpoint_ledger_(environment.clock),
      commit_(store.database(), environment.clock, environment.random,
              {&message_ledger_, &dead_letter_ledger_, &rollup_ledger_, &outbox_ledger_,
               &checkpoint_ledger_}),
      pipeline_({}, {&enrich_, &plugins.rules()}, commit_),
      reannotator_(store.messages(), pipeline_, environment.clock),
      deliver_lock_(settings.data_dir / "deliver.lock") {
    auto installation = store.outbox().installation(environment.random);
    installation_ = installation ? *installation : "unnamed";
    for (pipeline::Sink* sink : plugins.sinks()) {
        deliver::DelivererOptions options;
        for (const config::PluginSettings& each : settings.sinks) {
            if (each.name != sink->name()) continue;
            if (each.batch_items > 0) options.batch_items = each.batch_items;
            options.per_minute = each.per_minute;
        }
        deliverers_.push_back(
            std::make_unique<deliver::Deliverer>(delivererServices(), carrierTo(*sink), options));
    }
    commit_.onCommit([this] { store_.search().wake(); });
    outbox_ledger_.onRows([this] {
        for (const auto& deliverer : deliverers_) deliverer->wake();
    });
}

Engine::~Engine() { (void)stop(); }

deliver::DelivererServices Engine::delivererServices() {
    const auto keep = [this](storage::Transaction& tx, const pipeline::DeadLetter& letter) {
        dead_letter_ledger_.keep(tx, letter);
    };
    return {store_.outbox(), environment_.clock, environment_.random, keep};
}

std::unique_ptr<deliver::Carrier> Engine::carrierTo(pipeline::Sink& sink) {
    const auto load = [this](std::int64_t id,
                             std::int64_t revision) -> base::Result<std::optional<v1::Delivery>> {
        auto stored = store_.messages().findRevision(id, revision);
        if (!stored) return stored.error();
        if (!*stored) return std::optional<v1::Delivery>();
        v1::Delivery delivery;
        delivery.set_message_id(id);
        *delivery.mutable_message() = std::move((*stored)->message);
        *delivery.mutable_annotations() = std::move(*(*stored)->annotations.mutable_annotations());
        *delivery.mutable_route() = std::move((*stored)->route);
        return std::optional(std::move(delivery));
    };
    return std::make_unique<deliver::SinkCarrier>(sink, load, installation_);
}

void Engine::addActing(pipeline::Source& source) {
    if (!source.acts()) return;
    const auto load = [this](std::int64_t id) -> base::Result<std::optional<v1::FeedbackMessage>> {
        auto stored = store_.messages().find(id);
        if (!stored) return stored.error();
        if (!*stored) return std::optional<v1::FeedbackMessage>();
        return std::optional(std::move((*stored)->message));
    };
    const auto is_here = [this, name = source.name()] { return !may_read_ || may_read_(name); };
    deliverers_.push_back(std::make_unique<deliver::Deliverer>(
        delivererServices(),
        std::make_unique<deliver::ActionCarrier>(
            source, deliver::ActionServices{store_.actions(), load, installation_, is_here}),
        deliver::DelivererOptions{}));
}

void Engine::start() {
    started_ = true;
    pipeline_.start();
    store_.search().start();
    // Of hosts that share the data one asks: see Service.
    if (!store_.database().isShared()) reannotator_.start();
}

bool Engine::becomeDeliverer() {
    if (!deliver_lock_.tryTake()) return false;
    // Others deliver too, and their claims are theirs.
    if (store_.database().isShared()) return true;
    const auto released = store_.outbox().releaseClaims();
    if (!released)
        base::logWarning("deliver", "deliveries of an earlier process wait for their lease to end",
                         {{"cause", released.error().message}});
    return true;
}

void Engine::startDelivering() {
    if (delivering_ || deliverers_.empty()) return;
    if (!becomeDeliverer()) return;
    delivering_ = true;
    for (const auto& deliverer : deliverers_) deliverer->start();
}

bool Engine::deliverNow() {
    if (deliverers_.empty()) return true;
    if (!becomeDeliverer()) return false;
    for (const auto& deliverer : deliverers_)
        while (deliverer->step()) {
        }
    return true;
}

bool Engine::stop() {
    if (!std::exchange(started_, false)) return true;
    for (const auto& deliverer : deliverers_) deliverer->stop();
    reannotator_.stop();
    pipeline_.stop();
    store_.search().stop();
    return enrich_.stop(kClassifierPatience);
}

std::unique_ptr<intake::SourceRunner> Engine::makeRunner(pipeline::Source& source,
                                                         std::int64_t batch_items) {
    const std::string name = source.name();
    const std::string plugin = source.plugin();
    const auto begin = [this, name, plugin]() -> base::Result<intake::Beginning> {
        if (may_read_ && !may_read_(name))
            return base::Error{base::Code::Busy, "another host reads it"};
        auto beginning = commit::beginReading(store_.database(), name);
        if (!beginning) return beginning.error();
        auto& saved = beginning->checkpoint;
        if (!saved) return intake::Beginning{std::nullopt, beginning->epoch};
        if (saved->plugin != plugin)
            return base::Error{base::Code::Conflict,
                               "the source \"" + name + "\" was read by the plugin \"" +
                                   saved->plugin + "\" before, whose checkpoint \"" + plugin +
                                   "\" cannot read: give the source another name"};
        return intake::Beginning{std::move(saved->data), beginning->epoch};
    };
    const auto items = static_cast<std::uint32_t>(batch_items > 0 ? batch_items : kSourceBatch);
    return std::make_unique<intake::SourceRunner>(
        source,
        intake::RunnerServices{pipeline_, environment_.clock, environment_.random,
                               environment_.metrics, begin},
        items);
}

std::vector<deliver::SinkState> Engine::sinkStates() const {
    std::vector<deliver::SinkState> states;
    for (const auto& deliverer : deliverers_) states.push_back(deliverer->state());
    return states;
}

} // namespace hearback::app
