#include "cli/dev/session.h"

#include "cli/dev/samples.h"
#include "cli/dev/shown_source.h"
#include "http/handlers.h"
#include "runtime/adapters.h"

#include <algorithm>

namespace hearback::cli::dev {

namespace {

constexpr base::Micros kServerPatience = 5 * base::kSecond;
// Longer than a worker has to return from a call before it is ended.
constexpr base::Micros kSourcePatience = 15 * base::kSecond;

std::vector<config::PluginSettings>& listOf(config::Settings& settings, const std::string& kind) {
    if (kind == "classifier") return settings.classifiers;
    return kind == "sink" ? settings.sinks : settings.sources;
}

// As the configuration has it under any name; with the defaults of the manifest otherwise.
config::PluginSettings configured(config::Settings& settings,
                                  const loader::PluginManifest& manifest) {
    const auto& list = listOf(settings, manifest.kind);
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&](const auto& each) { return each.plugin == manifest.id; });
    config::PluginSettings plugin;
    if (found != list.end()) plugin = *found;
    if (found == list.end()) {
        plugin.name = plugin.plugin = plugin.path = manifest.id;
        plugin.settings.content = config::Value::Table();
    }
    plugin.isolation = config::Isolation::Worker;
    return plugin;
}

} // namespace

std::unique_ptr<Session> Session::begin(const Project& project, const loader::PluginFile& plugin,
                                        config::Settings settings, Console& console) {
    settings.data_dir = project.dataFolder();
    settings.plugin_dirs = {plugin.path.parent_path()};
    settings.trust_all = true; // its author runs it, on data of its own
    std::unique_ptr<Session> session(new Session(std::move(settings), console));
    if (!session->open() || !session->make(project, plugin.manifest.plugins.front()))
        return nullptr;
    return session;
}

Session::~Session() { (void)end(); }

bool Session::tell(const std::vector<config::Problem>& problems) {
    for (const config::Problem& problem : problems)
        console_.say("settings", problem.path + " " + problem.text, Style::Red);
    return problems.empty();
}

bool Session::open() {
    auto store = app::Store::open(settings_, environment_);
    if (store)
        store_ = std::move(*store);
    else
        console_.say("data", store.error().message, Style::Red);
    return store_ != nullptr;
}

bool Session::make(const Project& project, const loader::PluginManifest& manifest) {
    const config::PluginSettings plugin = configured(settings_, manifest);
    for (const char* kind : {"source", "classifier", "sink"}) listOf(settings_, kind).clear();
    settings_.rules.clear();
    std::vector<config::Problem> problems;
    plugins_ = std::make_unique<app::Plugins>(settings_, environment_, store_.get(), problems);
    // What an older version did is no reason not to run this one.
    (void)plugins_->quarantine().release(plugin.name);
    if (!tell(problems)) return false;
    console_.say("run", manifest.id + " " + manifest.version + ", a " + manifest.kind);
    if (manifest.kind == "channel") return makeChannel(plugin);
    const auto instance = plugins_->makeInstance(plugin, manifest.kind, problems);
    if (!tell(problems) || !instance) return false;
    if (manifest.kind == "classifier") {
        const auto classifier = runtime::makeClassifier(instance);
        if (classifier)
            showLabels(**classifier, project.sampleTexts(), console_);
        else
            console_.say("start", classifier.error().message, Style::Red);
        return true;
    }
    const auto sink = runtime::makeSink(instance);
    if (sink)
        showDeliveries(**sink, project.sampleTexts(), std::to_string(environment_.clock.now()),
                       console_);
    else
        console_.say("start", sink.error().message, Style::Red);
    return true;
}

bool Session::makeChannel(const config::PluginSettings& plugin) {
    std::vector<config::Problem> problems;
    auto source = plugins_->makeSource(plugin, problems);
    if (!tell(problems) || !source) return false;
    const bool receives = source->receives();
    source_ = shownSource(std::move(source), console_);
    engine_ = std::make_unique<app::Engine>(settings_, environment_, *store_, *plugins_);
    runner_ = engine_->makeRunner(*source_, plugin.batch_items);
    if (receives && !listen()) return false;
    engine_->start();
    runner_->start();
    return true;
}

bool Session::listen() {
    ingress_ = std::make_unique<intake::Ingress>(engine_->pipeline(), environment_.clock,
                                                 environment_.metrics,
                                                 settings_.webhook_timeout_ms * base::kMillisecond);
    ingress_->add(*source_);
    auto server = http::Server::start(
        "intake", settings_.intake, http::intakeHandler(*ingress_, environment_.clock),
        http::intakeBodyLimit(*ingress_), environment_.clock, environment_.metrics);
    if (!server) {
        console_.say("receive", server.error().message, Style::Red);
        return false;
    }
    server_ = std::move(*server);
    console_.say("receive", server_->address() + "/in/" + source_->name());
    return true;
}

void Session::look() {
    if (!runner_ || has_told_) return;
    const intake::SourceState state = runner_->state();
    if (state.condition != intake::SourceCondition::Failed) return;
    has_told_ = true;
    console_.say("run", "it has given up: " + state.problem, Style::Red);
}

bool Session::end() {
    bool all = true;
    if (server_) server_->stop(kServerPatience);
    if (runner_) all = runner_->stop(kSourcePatience);
    if (engine_) all = engine_->stop() && all;
    return all;
}

} // namespace hearback::cli::dev
