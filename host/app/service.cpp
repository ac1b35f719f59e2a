#include "app/service.h"

#include "app/version.h"
#include "http/handlers.h"

#include <algorithm>
#include <unistd.h>

namespace hearback::app {

namespace {

constexpr base::Micros kServerPatience = 10 * base::kSecond;
// For all of them: longer than a worker has to return from a call before it is ended.
constexpr base::Micros kSourcePatience = 15 * base::kSecond;

const std::string kReannotate = "late answers of classifiers";

std::string leaseOf(const std::string& source) { return "source " + source; }

// Other than that of any other process, and one that people know.
std::string holderName(base::Random& random) {
    char machine[256] = "host";
    (void)::gethostname(machine, sizeof machine - 1);
    return std::string(machine) + " " + std::to_string(::getpid()) + " " + random.hex(6);
}

template <class T>
T valueOr(const base::Result<T>& result, T otherwise) {
    return result ? *result : otherwise;
}

} // namespace

Service::Service(const config::Settings& settings, Environment& environment, Store& store,
                 Plugins& plugins, std::vector<config::Problem>& problems)
    : settings_(settings), environment_(environment), store_(store), plugins_(plugins),
      engine_(settings, environment, store, plugins),
      ingress_(engine_.pipeline(), environment.clock, environment.metrics,
               settings.webhook_timeout_ms * base::kMillisecond),
      watch_(environment.clock, store.kv()) {
    for (const config::PluginSettings& each : settings.sources) {
        if (plugins.leavesOut(each)) continue;
        auto source = plugins.makeSource(each, problems);
        if (!source) continue;
        ingress_.add(*source);
        engine_.addActing(*source);
        runners_.push_back(engine_.makeRunner(*source, each.batch_items));
        sources_.push_back(std::move(source));
    }
    if (store.database().isShared()) share();
}

// Sources that are fetched, and questions to classifiers that were late: by one host at a time.
// What is sent to a host is taken by whichever it comes to.
void Service::share() {
    sharing_ = std::make_unique<Sharing>(
        leases::Leases(store_.database(), holderName(environment_.random)), store_.outbox(),
        environment_.clock);
    for (std::size_t i = 0; i < runners_.size(); ++i) {
        if (!sources_[i]->polls()) continue;
        intake::SourceRunner& runner = *runners_[i];
        sharing_->add({leaseOf(runner.state().source), [&runner] { runner.start(); },
                       [&runner] { runner.requestStop(); },
                       [&runner] { return runner.waitForEnd(0) && runner.stop(0); }});
    }
    enrich::Reannotator& reannotator = engine_.reannotator();
    sharing_->add({kReannotate, [&reannotator] { reannotator.start(); },
                   [&reannotator] { reannotator.stop(); }, [] { return true; }});
    engine_.onlyWhere([this](const std::string& source) { return mayRead(source); });
}

bool Service::mayRead(const std::string& source) const {
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i]->name() == source && !sources_[i]->polls()) return true;
    return sharing_->has(leaseOf(source));
}

Service::~Service() { (void)stop(); }

base::Result<void> Service::start() {
    started_at_ = environment_.clock.now();
    auto operators = http::Server::start(
        "operator", settings_.http,
        http::operatorHandler([this] { return status(); }, environment_.metrics), {},
        environment_.clock, environment_.metrics);
    if (!operators) return operators.error();
    operator_server_ = std::move(*operators);
    auto intake = http::Server::start(
        "intake", settings_.intake, http::intakeHandler(ingress_, environment_.clock),
        http::intakeBodyLimit(ingress_), environment_.clock, environment_.metrics);
    if (!intake) return intake.error();
    intake_server_ = std::move(*intake);
    engine_.start();
    engine_.startDelivering();
    for (std::size_t i = 0; i < runners_.size(); ++i)
        if (!sharing_ || !sources_[i]->polls()) runners_[i]->start();
    if (sharing_) sharing_->start();
    return {};
}

void Service::tick() {
    engine_.startDelivering();
    watch_.look(sourceStates());
}

// What a source was sent counts like what it fetched.
std::vector<intake::SourceState> Service::sourceStates() const {
    std::vector<intake::SourceState> states;
    for (const auto& runner : runners_) {
        intake::SourceState& state = states.emplace_back(runner->state());
        const intake::Received received = ingress_.received(state.source);
        state.stored.add(received.stored);
        state.last_success_at = std::max(state.last_success_at, received.last_success_at);
        state.last_message_at = std::max(state.last_message_at, received.last_message_at);
        state.newest_at = std::max(state.newest_at, received.newest_at);
    }
    return states;
}

base::Result<void> Service::upgrade() {
    const auto channels = plugins_.upgrade();
    if (!channels) return channels.error();
    for (const auto& runner : runners_)
        if (channels->contains(runner->state().source)) runner->restart();
    return {};
}

std::size_t Service::reload() {
    auto loaded = config::loadSettings(settings_.file);
    if (!loaded) {
        base::logError("app", "the configuration is not read again: the old one stays in force",
                       {{"cause", loaded.error().message}});
        return 1;
    }
    std::vector<config::Problem> problems = std::move(loaded->problems);
    if (problems.empty()) plugins_.replaceRules(loaded->settings.rules, problems);
    config::sortByPlace(problems);
    for (const config::Problem& problem : problems)
        base::logError("app", "the new configuration is wrong: the old one stays in force",
                       {{"problem", config::describe(settings_.file, problem)}});
    if (!problems.empty()) return problems.size();
    base::setLogLevel(loaded->settings.log_level);
    std::string taken;
    std::string waiting;
    for (const std::string& part :
         config::changedParts(settings_.document, loaded->settings.document)) {
        const bool is_taken = part == "route" || part == "log.level";
        std::string& list = is_taken ? taken : waiting;
        list += (list.empty() ? "" : ", ") + part;
    }
    base::logInfo("app", "configuration read again", {{"changed_since_start", taken}});
    if (!waiting.empty())
        base::logWarning("app", "changes of the configuration wait for a restart",
                         {{"parts", waiting}});
    return 0;
}

bool Service::stop() {
    if (intake_server_) intake_server_->stop(kServerPatience);
    bool all = true;
    if (sharing_) sharing_->stop();
    // All at once: a plugin that is slow does not add to the time of another.
    const base::Micros deadline = environment_.clock.steady() + kSourcePatience;
    for (const auto& runner : runners_) runner->requestStop();
    for (const auto& runner : runners_) {
        const base::Micros left = deadline - environment_.clock.steady();
        all = runner->stop(std::max(left, base::kMillisecond)) && all;
    }
    all = engine_.stop() && all;
    if (sharing_) sharing_->release();
    watch_.look(sourceStates());
    watch_.keep();
    if (operator_server_) operator_server_->stop(kServerPatience);
    return all;
}

http::Status Service::status() {
    http::Status status;
    status.version = kVersion;
    status.now = environment_.clock.now();
    status.started_at = started_at_;
    status.messages = valueOr<std::int64_t>(store_.messages().count(), 0);
    status.search_behind = valueOr<std::int64_t>(store_.search().behind(), 0);
    status.pending = valueOr<std::int64_t>(store_.messages().pendingCount(), 0);
    using deliver::DeliveryState;
    status.deliveries_waiting =
        valueOr<std::int64_t>(store_.outbox().count(DeliveryState::Waiting), 0);
    status.deliveries_unclear =
        valueOr<std::int64_t>(store_.outbox().count(DeliveryState::Unclear), 0);
    status.dead_letters = valueOr<std::int64_t>(dead_letters::countLetters(store_.database()), 0);
    status.queue_bytes = static_cast<std::int64_t>(engine_.pipeline().waiting());
    status.commit = engine_.commit().state();
    for (const intake::SourceState& state : sourceStates()) {
        http::SourceHealth& source = status.sources.emplace_back();
        source.run = state;
        watch_.tellOf(source);
        source.token_ends_at = plugins_.tokenEndsAt(state.source);
        if (!sharing_ || mayRead(state.source)) continue;
        source.run.condition = intake::SourceCondition::Elsewhere;
        source.run.problem.clear();
        source.run.rests_until = 0;
    }
    status.hosts = sharing_ ? sharing_->hosts() : 1;
    status.classifiers = engine_.enrich().state();
    status.sinks = engine_.sinkStates();
    status.rules = plugins_.rules().now()->names();
    if (intake_server_) status.intake_address = intake_server_->address();
    return status;
}

} // namespace hearback::app
