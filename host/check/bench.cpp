#include "check/bench.h"

#include "check/killing.h"
#include "check/settings.h"

namespace hearback::check {

Bench::Bench(BenchParts parts, std::function<void(const Outcome&)> report)
    : Judge(std::move(report)), parts_(std::move(parts)), random_(parts_.seed),
      trace_(parts_.trace), http_(parts_.plan.answers), world_{http_, kv_, trace_, {}, {}} {}

const hb_plugin_entry& Bench::entry() {
    if (!file().program.empty()) {
        if (!program_) program_ = std::make_unique<Program>(file());
        return program_->entry();
    }
    if (!library_) {
        auto loaded = loader::Library::load(parts_.file);
        if (!loaded) skip("it cannot be loaded: " + loaded.error().message);
        library_ = std::move(*loaded);
    }
    return library_->entry();
}

const std::string& Bench::settings() {
    if (!settings_.empty()) return settings_;
    const auto given = parts_.plan.settings.value_or(exampleSettings(manifest().settings));
    std::vector<config::Problem> problems;
    const auto ready = prepare(manifest(), given, std::filesystem::current_path(), problems);
    if (!ready)
        skip("no settings that fit could be made: give [settings] (" + problems.front().path + " " +
             problems.front().text + ")");
    settings_ = ready->json;
    world_.secrets = ready->secrets;
    return settings_;
}

HostSide& Bench::host(HostOptions options) {
    hosts_.push_back(std::make_unique<HostSide>(world_, std::move(options)));
    return *hosts_.back();
}

Subject& Bench::created(SubjectOptions options) {
    HostSide& side = host(options.host);
    const Created made = createInstance(entry(), side, manifest().id);
    if (!made.isWhole()) skip("create() makes no whole instance: see contract/tables");
    subjects_.push_back(std::make_unique<Subject>(side, made, std::move(options)));
    return *subjects_.back();
}

Subject& Bench::configured(SubjectOptions options) {
    const std::string& json = settings();
    Subject& subject = created(std::move(options));
    const Said said = subject.configure(json);
    if (!said.isOk())
        skip(hasOwnSettings() ? "configure() gives " + describe(said) + ": see life/walk"
                              : "give [settings]: those made from the schema are answered with " +
                                    describe(said));
    return subject;
}

Subject& Bench::started(SubjectOptions options) {
    Subject& subject = configured(std::move(options));
    const Said said = subject.start();
    if (!said.isOk())
        skip(hasOwnSettings() ? "start() gives " + describe(said) + ": see life/walk"
                              : "give [settings]: start() with those made from the schema gives " +
                                    describe(said));
    return subject;
}

void Bench::mustStartOnce() {
    const KilledRun run = runAndKill([&](const Note&) { (void)started(); }, std::nullopt, 0);
    if (run.is_skipped) (void)started();
}

} // namespace hearback::check
