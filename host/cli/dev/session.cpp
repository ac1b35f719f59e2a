#include "cli/dev/session.h"

#include "cli/dev/samples.h"
#include "http/handlers.h"
#include "runtime/adapters.h"

#include <utility>

namespace hearback::cli::dev {

namespace {

constexpr base::Micros kServerPatience = 5 * base::kSecond;
// Longer than a worker has to return from a call before it is ended.
constexpr base::Micros kSourcePatience = 15 * base::kSecond;
constexpr base::Micros kLook = 20 * base::kMillisecond;

} // namespace

std::unique_ptr<Session> Session::make(const Ground& ground, const loader::PluginFile& plugin,
                                       Setup setup) {
    setup.settings.plugin_dirs = {plugin.path.parent_path()};
    std::unique_ptr<Session> session(new Session(ground, std::move(setup)));
    if (!session->load(plugin)) return nullptr;
    return session;
}

Session::~Session() { (void)end(); }

bool Session::tell(const std::vector<config::Problem>& problems) {
    for (const config::Problem& problem : problems)
        ground_.console.say("settings", problem.path + " " + problem.text, Style::Red);
    return problems.empty();
}

bool Session::load(const loader::PluginFile& plugin) {
    const loader::PluginManifest& manifest = plugin.manifest.plugins.front();
    std::vector<config::Problem> problems;
    plugins_ = std::make_unique<app::Plugins>(setup_.settings, ground_.environment, &ground_.store,
                                              problems);
    if (!tell(problems)) return false;
    const auto found = plugins_->catalog().find(manifest.id);
    if (found && found->file->hash != plugin.hash) {
        ground_.console.say("plugin", "it was built again while it was checked: save once more",
                            Style::Red);
        return false;
    }
    // What an older version did is no reason not to run this one.
    (void)plugins_->quarantine().release(setup_.plugin.name);
    ground_.console.say("make", manifest.id + " " + manifest.version + ", a " + manifest.kind +
                                    ", with the settings of " +
                                    (setup_.is_of_plan ? "hearback-check.toml" : "hearback.toml"));
    auto instance = plugins_->makeInstance(setup_.plugin, manifest.kind, problems);
    return tell(problems) && instance && keep(std::move(instance), manifest.kind);
}

bool Session::keep(std::shared_ptr<loader::PluginInstance> instance, const std::string& kind) {
    const auto take = [this](auto made, auto& into) {
        if (made)
            into = std::move(*made);
        else
            ground_.console.say("make", made.error().message, Style::Red);
        return into != nullptr;
    };
    if (kind == "classifier")
        return take(runtime::makeClassifier(std::move(instance)), classifier_);
    if (kind == "sink") return take(runtime::makeSink(std::move(instance)), sink_);
    std::unique_ptr<pipeline::Source> source;
    if (!take(runtime::makeSource(std::move(instance)), source)) return false;
    source_ = std::make_unique<ShownSource>(std::move(source), ground_.console);
    return true;
}

bool Session::start(const std::function<bool()>& stops) {
    if (source_) return startSource(stops);
    if (classifier_) return showLabels(*classifier_, setup_.texts, ground_.console);
    const std::string run = std::to_string(ground_.environment.clock.now());
    return showDeliveries(*sink_, setup_.texts, run, ground_.console);
}

bool Session::startSource(const std::function<bool()>& stops) {
    engine_ = std::make_unique<app::Engine>(setup_.settings, ground_.environment, ground_.store,
                                            *plugins_);
    runner_ = engine_->makeRunner(*source_, setup_.plugin.batch_items);
    if (source_->receives() && !listen()) return false;
    engine_->start();
    source_->expectBegin();
    runner_->start();
    has_told_ = false;
    const auto isOpen = [this] {
        const SourceProgress progress = source_->progress();
        return !progress.has_begun && !progress.has_failed;
    };
    while (isOpen() && !stops() && !runner_->waitForEnd(kLook)) {
    }
    return source_->progress().has_begun;
}

bool Session::listen() {
    ingress_ = std::make_unique<intake::Ingress>(
        engine_->pipeline(), ground_.environment.clock, ground_.environment.metrics,
        setup_.settings.webhook_timeout_ms * base::kMillisecond);
    ingress_->add(*source_);
    auto server = http::Server::start(
        "intake", setup_.settings.intake, http::intakeHandler(*ingress_, ground_.environment.clock),
        http::intakeBodyLimit(*ingress_), ground_.environment.clock, ground_.environment.metrics);
    if (!server) {
        ground_.console.say("receive", server.error().message, Style::Red);
        return false;
    }
    server_ = std::move(*server);
    ground_.console.say("receive", server_->address() + "/in/" + source_->name());
    return true;
}

Went Session::went() const {
    const SourceProgress progress = source_->progress();
    const intake::SourceCondition condition = runner_->state().condition;
    if (progress.has_failed || condition == intake::SourceCondition::Failed) return Went::Wrong;
    // One that only receives is not waited for: who would send?
    const bool is_done = condition == intake::SourceCondition::Finished || progress.is_drained ||
                         (progress.has_begun && !source_->polls());
    return is_done ? Went::Well : Went::On;
}

void Session::look() {
    if (!runner_ || has_told_) return;
    const intake::SourceState state = runner_->state();
    if (state.condition != intake::SourceCondition::Failed) return;
    has_told_ = true;
    ground_.console.say("run", "it has given up: " + state.problem, Style::Red);
}

bool Session::end() {
    bool all = true;
    if (server_) server_->stop(kServerPatience);
    if (runner_) all = runner_->stop(kSourcePatience);
    if (engine_) all = engine_->stop() && all;
    if (!all) return false;
    server_.reset();
    ingress_.reset();
    runner_.reset();
    engine_.reset();
    return true;
}

} // namespace hearback::cli::dev
