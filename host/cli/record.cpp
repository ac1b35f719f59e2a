#include "app/plugins.h"
#include "app/version.h"
#include "base/file.h"
#include "base/fingerprint.h"
#include "cli/event_log_head.h"
#include "cli/history_commands.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "cli/terminal.h"
#include "history/event_log.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

constexpr std::size_t kPage = 256;

v1::Decision decisionOf(pipeline::Item&& item) {
    v1::Decision decision;
    decision.set_message_id(item.message_id);
    *decision.mutable_message() = std::move(item.message);
    *decision.mutable_annotations() = std::move(item.annotations);
    *decision.mutable_route() = std::move(item.route);
    return decision;
}

base::Result<void> recordAll(app::Store& store, const pipeline::Selection& selection,
                             history::EventLogWriter& log, StopSignal& signal) {
    const auto last = store.messages().count();
    if (!last) return last.error();
    ProgressLine line("recording");
    for (std::int64_t position = 0;;) {
        auto page = store.messages().after(position, *last, selection, kPage);
        if (!page) return page.error();
        if (page->empty()) return log.finish();
        position = page->back().message_id;
        for (pipeline::Item& item : *page) {
            const auto added = log.add(decisionOf(std::move(item)));
            if (!added) return added.error();
        }
        line.show(position, *last, grouped(log.decisions()) + " messages");
        if (signal.wait(0)) return base::Error{base::Code::Cancelled, "interrupted"};
    }
}

} // namespace

v1::EventLogHead headOf(const config::Settings& settings, const loader::Catalog& catalog,
                        base::Micros now) {
    constexpr std::size_t kConfigMax = 16 << 20;
    v1::EventLogHead head;
    head.set_hearback_version(app::kVersion);
    head.set_recorded_at_us(now);
    if (const auto text = base::readFile(settings.file, kConfigMax))
        head.set_config_fingerprint(
            static_cast<std::uint64_t>(base::Fingerprint().add(*text).value()));
    for (const config::PluginSettings& each : settings.classifiers) {
        v1::ClassifierVersion& version = *head.add_classifiers();
        version.set_name(each.name);
        version.set_plugin(each.plugin);
        const auto found = catalog.find(each.plugin);
        if (!found) continue;
        version.set_plugin_version(found->manifest->version);
        version.set_plugin_sha256(found->file->hash);
    }
    return head;
}

int runRecord(const CommonOptions& common, const RecordOptions& options) {
    StopSignal signal;
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    int code = kDone;
    const auto selection = readSelection(options, environment.clock, *store, code);
    if (!selection) return code;
    const loader::Catalog catalog(app::pluginDirectories(*settings));
    auto log = history::EventLogWriter::create(options.file,
                                               headOf(*settings, catalog, environment.clock.now()));
    if (!log) {
        complain(log.error());
        return kFailed;
    }
    const auto recorded = recordAll(*store, *selection, *log, signal);
    if (!recorded) {
        complain(recorded.error());
        std::error_code ignored;
        std::filesystem::remove(options.file, ignored);
        return kFailed;
    }
    if (common.json)
        std::printf("%s\n", nlohmann::json{{"file", options.file}, {"decisions", log->decisions()}}
                                .dump(2)
                                .c_str());
    else
        std::printf("%s: %s decisions; it holds what people wrote: keep it as safe as the data\n",
                    options.file.c_str(), grouped(log->decisions()).c_str());
    return kDone;
}

} // namespace hearback::cli
