#include "app/plugins.h"
#include "cli/commands.h"
#include "cli/message_text.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

int runRouteExplain(const CommonOptions& common, std::int64_t id) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, store.get(), problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    const auto stored = store->messages().find(id);
    if (!stored) {
        complain(stored.error());
        return kFailed;
    }
    if (!*stored) {
        complain("there is no message " + std::to_string(id));
        return kNotFound;
    }
    pipeline::Item item;
    item.message = (*stored)->message;
    item.annotations = (*stored)->annotations;
    const auto reports = plugins.rules().now()->explain(item);
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const route::RuleReport& report : reports)
            list.push_back({{"rule", report.rule},
                            {"matched", report.matched},
                            {"looked_at", report.looked_at},
                            {"because", report.because},
                            {"gives", report.gives}});
        std::printf("%s\n", nlohmann::json{{"id", id}, {"rules", list}}.dump(2).c_str());
        return kDone;
    }
    if (reports.empty()) {
        std::printf("no rules are configured: the message is kept and handed on to nobody\n");
        return kDone;
    }
    for (const route::RuleReport& report : reports) {
        const Style style = report.matched ? Style::Green : Style::Dim;
        std::printf("%s %s\n", styled(style, report.matched ? "matched" : "not    ").c_str(),
                    styled(Style::Bold, report.rule).c_str());
        if (report.matched)
            std::printf("        gives %s\n", report.gives.c_str());
        else
            std::printf("        %s\n", fitTo(report.because, 400).c_str());
    }
    const v1::Route now = plugins.rules().now()->route(item);
    if (now.SerializeAsString() != (*stored)->route.SerializeAsString())
        std::printf("%s\n",
                    styled(Style::Yellow, "the rules have changed since: the message was routed "
                                          "as `hearback show` says")
                        .c_str());
    return kDone;
}

} // namespace hearback::cli
