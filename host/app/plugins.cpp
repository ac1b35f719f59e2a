#include "app/plugins.h"

#include "base/file.h"
#include "base/log.h"
#include "runtime/adapters.h"

#include <sstream>

namespace hearback::app {

namespace {

// Makes what `make` makes of an instance; what is wrong becomes a problem of the plugin's place.
template <class Made, class Make>
std::unique_ptr<Made> adapt(const config::PluginSettings& plugin,
                            std::shared_ptr<loader::PluginInstance> instance, Make make,
                            std::vector<config::Problem>& problems) {
    if (!instance) return nullptr;
    auto made = make(std::move(instance));
    if (made) return std::move(*made);
    problems.push_back({plugin.place, plugin.path, made.error().message});
    return nullptr;
}

std::unique_ptr<egress::Recording> openRecording(const config::Settings& settings,
                                                 Environment& environment,
                                                 std::vector<config::Problem>& problems) {
    using Mode = egress::Recording::Mode;
    if (settings.http_recording == config::HttpRecording::Off) return nullptr;
    const bool replays = settings.http_recording == config::HttpRecording::Replay;
    auto opened = egress::Recording::open(replays ? Mode::Replay : Mode::Record,
                                          settings.http_recording_folder, environment.clock);
    if (opened) return std::move(*opened);
    problems.push_back({{},
                        "http_recording.folder",
                        settings.http_recording_folder.string() + " " + opened.error().message});
    return nullptr;
}

egress::HttpOptions httpOptions(const config::Settings& settings, egress::Recording* recording,
                                std::vector<config::Problem>& problems) {
    egress::HttpOptions options;
    options.recording = recording;
    if (settings.egress_authorities.empty()) return options;
    const auto usable = egress::checkAuthorities(settings.egress_authorities);
    if (usable)
        options.authorities = settings.egress_authorities;
    else
        problems.push_back({{},
                            "egress.authorities",
                            settings.egress_authorities.string() + " " + usable.error().message});
    return options;
}

} // namespace

std::filesystem::path programDirectory() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

std::vector<std::filesystem::path> shippedDirectories() {
    const auto above = programDirectory().parent_path();
    return {above / "plugins", above / "lib/hearback/plugins"};
}

std::filesystem::path installDirectory(const config::Settings& settings) {
    return std::filesystem::absolute(settings.data_dir) / "plugins";
}

std::vector<std::filesystem::path> pluginDirectories(const config::Settings& settings) {
    std::vector<std::filesystem::path> directories = shippedDirectories();
    std::error_code error;
    if (!settings.data_dir.empty())
        for (const auto& package :
             std::filesystem::directory_iterator(installDirectory(settings), error))
            if (package.path().filename().native().front() != '.')
                directories.push_back(package.path());
    directories.insert(directories.end(), settings.plugin_dirs.begin(), settings.plugin_dirs.end());
    return directories;
}

Plugins::Plugins(const config::Settings& settings, Environment& environment, Store* store,
                 std::vector<config::Problem>& problems)
    : settings_(settings), recording_(openRecording(settings, environment, problems)),
      http_(egress::EgressGuard({settings.egress_allow, settings.egress_ports}), environment.clock,
            httpOptions(settings, recording_.get(), problems)),
      quarantine_(store == nullptr ? nullptr : &store->database(), environment.clock),
      upgrades_(store == nullptr ? nullptr : &store->database(), environment.clock),
      workers_(programDirectory() / "hearback-worker", environment.clock),
      host_(pluginDirectories(settings), readTrust(problems),
            runtime::Services{environment.clock, environment.random, environment.metrics, http_,
                              quarantine_, upgrades_, workers_,
                              store == nullptr ? nullptr : &store->kv(),
                              std::filesystem::absolute(settings.file).parent_path()}) {
    if (settings.safe_mode) host_.onlyShipped();
    if (store != nullptr) noteCrashOfHost();
    for (const config::PluginSettings& plugin : settings.classifiers) {
        std::unique_ptr<pipeline::Classifier> classifier;
        if (!leavesOut(plugin))
            classifier =
                adapt<pipeline::Classifier>(plugin, makeInstance(plugin, "classifier", problems),
                                            runtime::makeClassifier, problems);
        if (!classifier) {
            // Its rules are not wrong too: they are held against what it would say.
            const auto found = host_.catalog().find(plugin.plugin);
            known_.push_back({plugin.name, found ? found->manifest->task : plugin.name, {}});
            continue;
        }
        known_.push_back({classifier->name(), classifier->task(), classifier->labels()});
        classifiers_.push_back(std::move(classifier));
    }
    for (const config::PluginSettings& plugin : settings.sinks) {
        sink_names_.push_back(plugin.name);
        if (leavesOut(plugin)) continue;
        auto sink = adapt<pipeline::Sink>(plugin, makeInstance(plugin, "sink", problems),
                                          runtime::makeSink, problems);
        if (sink) sinks_.push_back(std::move(sink));
    }
    rules_ = std::make_unique<route::RuleBook>(
        std::make_shared<route::Router>(settings.rules, known_, sink_names_, problems));
}

void Plugins::replaceRules(const std::vector<config::RuleSettings>& rules,
                           std::vector<config::Problem>& problems) {
    std::vector<config::Problem> found;
    auto router = std::make_shared<route::Router>(rules, known_, sink_names_, found);
    if (found.empty()) rules_->replace(std::move(router));
    problems.insert(problems.end(), found.begin(), found.end());
}

runtime::Trust Plugins::readTrust(std::vector<config::Problem>& problems) const {
    return {shippedDirectories(), settings_.trust_file, settings_.trust_all, problems};
}

base::Result<std::set<std::string>> Plugins::upgrade() {
    std::vector<config::Problem> problems;
    runtime::Trust trust = readTrust(problems);
    if (!problems.empty())
        return base::Error{base::Code::Invalid,
                           problems.front().path + " " + problems.front().text};
    return host_.upgrade(std::move(trust));
}

// What the crash handler of the last process wrote.
void Plugins::noteCrashOfHost() {
    const std::filesystem::path file = crashFile(settings_);
    const auto text = base::readFile(file, 4096);
    if (!text) return;
    std::istringstream lines(*text);
    std::string instance;
    std::string function;
    std::getline(lines, instance);
    std::getline(lines, function);
    for (const auto* list : {&settings_.sources, &settings_.classifiers, &settings_.sinks}) {
        for (const config::PluginSettings& plugin : *list) {
            const auto found = catalog().find(plugin.plugin);
            if (plugin.name != instance || !found) continue;
            const std::string cause = "crashed the host in " + function;
            (void)quarantine_.note(instance, plugin.plugin, found->file->hash, cause, true);
            base::logError("runtime", "the last host was ended by a plugin",
                           {{"instance", instance}, {"function", function}});
        }
    }
    std::error_code error;
    std::filesystem::remove(file, error);
}

std::filesystem::path crashFile(const config::Settings& settings) {
    return std::filesystem::absolute(settings.data_dir) / "crashed";
}

std::unique_ptr<pipeline::Source> Plugins::makeSource(const config::PluginSettings& source,
                                                      std::vector<config::Problem>& problems) {
    return adapt<pipeline::Source>(source, makeInstance(source, "channel", problems),
                                   runtime::makeSource, problems);
}

std::vector<pipeline::Classifier*> Plugins::classifiers() const {
    std::vector<pipeline::Classifier*> all;
    for (const auto& classifier : classifiers_) all.push_back(classifier.get());
    return all;
}

std::vector<pipeline::Sink*> Plugins::sinks() const {
    std::vector<pipeline::Sink*> all;
    for (const auto& sink : sinks_) all.push_back(sink.get());
    return all;
}

} // namespace hearback::app
