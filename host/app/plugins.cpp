#include "app/plugins.h"

#include "runtime/adapters.h"

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

} // namespace

std::vector<std::filesystem::path> pluginDirectories(const config::Settings& settings) {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    std::vector<std::filesystem::path> directories = {
        program.parent_path() / "plugins", program.parent_path() / "lib/hearback/plugins"};
    directories.insert(directories.end(), settings.plugin_dirs.begin(), settings.plugin_dirs.end());
    return directories;
}

Plugins::Plugins(const config::Settings& settings, Environment& environment, runtime::KvStore* kv,
                 std::vector<config::Problem>& problems)
    : http_(runtime::EgressGuard(settings.egress_allow), environment.clock),
      host_(pluginDirectories(settings),
            runtime::Services{environment.clock, environment.metrics, http_, kv,
                              std::filesystem::absolute(settings.file).parent_path()}) {
    std::vector<route::KnownClassifier> known;
    for (const config::PluginSettings& plugin : settings.classifiers) {
        auto classifier =
            adapt<pipeline::Classifier>(plugin, makeInstance(plugin, "classifier", problems),
                                        runtime::makeClassifier, problems);
        if (!classifier) {
            // Its rules are not wrong too: they are held against what it would say.
            const auto found = host_.catalog().find(plugin.plugin);
            known.push_back({plugin.name, found ? found->manifest->task : plugin.name, {}});
            continue;
        }
        known.push_back({classifier->name(), classifier->task(), classifier->labels()});
        classifiers_.push_back(std::move(classifier));
    }
    std::vector<std::string> sink_names;
    for (const config::PluginSettings& plugin : settings.sinks) {
        sink_names.push_back(plugin.name);
        auto sink = adapt<pipeline::Sink>(plugin, makeInstance(plugin, "sink", problems),
                                          runtime::makeSink, problems);
        if (sink) sinks_.push_back(std::move(sink));
    }
    router_ = std::make_unique<route::Router>(settings.rules, known, sink_names, problems);
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
