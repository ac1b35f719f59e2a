// hearback deliveries: what left, what waits, what somebody has to look at.
#include "cli/delivery_commands.h"
#include "cli/message_text.h"
#include "cli/moment.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace hearback::cli {

namespace {

using deliver::DeliveryFilter;
using deliver::DeliveryState;
using deliver::OutboxRow;

constexpr auto kStates = {DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::Dead,
                          DeliveryState::Unclear, DeliveryState::Cancelled};

// False, and told, where something of it makes no sense.
bool readFilter(const DeliveryOptions& options, base::Micros now, DeliveryFilter& filter) {
    filter.ids = options.ids;
    filter.sink = options.sink;
    filter.message_id = options.message;
    for (const std::string& name : options.states)
        for (const DeliveryState state : kStates)
            if (name == deliver::nameOf(state)) filter.states.push_back(state);
    return readMoment("--since", options.since, now, filter.since) &&
           readMoment("--until", options.until, now, filter.until);
}

std::string moment(base::Micros at) { return at == 0 ? "" : shortTime(at); }

nlohmann::json rowJson(const OutboxRow& row) {
    nlohmann::json json = {{"id", row.id},
                           {"message", row.message_id},
                           {"revision", row.revision},
                           {row.action_id == 0 ? "sink" : "source", row.sink},
                           {"state", deliver::nameOf(row.state)},
                           {"attempts", row.attempts},
                           {"created_at_us", row.created_at},
                           {"due_at_us", row.due_at},
                           {"done_at_us", row.done_at},
                           {"remote_id", row.remote_id},
                           {"problem", row.last_error}};
    if (row.not_after != 0) json["not_after_us"] = row.not_after;
    return json;
}

std::string styledState(DeliveryState state) {
    const char* name = deliver::nameOf(state);
    switch (state) {
    case DeliveryState::Delivered: return styled(Style::Green, name);
    case DeliveryState::Dead: return styled(Style::Red, name);
    case DeliveryState::Unclear: return styled(Style::Yellow, name);
    default: return name;
    }
}

// What a row does, for people: "message 7", "reply to message 7".
std::string whatOf(app::Store& store, const OutboxRow& row) {
    std::string message = "message " + std::to_string(row.message_id);
    if (row.action_id == 0) return message;
    const auto action = store.actions().load(row.action_id);
    const std::string kind = action && *action ? deliver::nameOf((*action)->kind()) : "action";
    return kind + " on " + message;
}

void printRow(app::Store& store, const OutboxRow& row) {
    std::printf("%s\n", styled(Style::Bold, "delivery " + std::to_string(row.id)).c_str());
    std::printf("what      %s, revision %lld\n", whatOf(store, row).c_str(),
                static_cast<long long>(row.revision));
    std::printf("to        %s\n", row.sink.c_str());
    std::printf("state     %s after %lld attempts\n", styledState(row.state).c_str(),
                static_cast<long long>(row.attempts));
    std::printf("written   %s\n", moment(row.created_at).c_str());
    if (row.state == DeliveryState::Waiting)
        std::printf("due       %s\n", moment(row.due_at).c_str());
    if (row.not_after != 0) std::printf("until     %s\n", moment(row.not_after).c_str());
    if (row.done_at != 0) std::printf("ended     %s\n", moment(row.done_at).c_str());
    if (!row.remote_id.empty()) std::printf("remote id %s\n", fitTo(row.remote_id, 200).c_str());
    if (!row.last_error.empty()) std::printf("problem   %s\n", fitTo(row.last_error, 2000).c_str());
    const auto action = store.actions().load(row.action_id);
    if (action && *action && !(*action)->text().empty())
        std::printf("\n%s\n", fitTo((*action)->text(), 10000).c_str());
}

bool isUnbounded(const DeliveryFilter& filter) {
    return filter.ids.empty() && filter.sink.empty() && filter.message_id == 0 &&
           filter.since == 0 && filter.until == 0;
}

// Opens the data, does it, and says how many it was done to.
int change(const CommonOptions& common, const DeliveryOptions& options,
           base::Result<std::int64_t> (deliver::Outbox::*what)(const DeliveryFilter&),
           const char* said) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    DeliveryFilter filter;
    if (!readFilter(options, environment.clock.now(), filter)) return kUsage;
    if (isUnbounded(filter) && !options.all) {
        complain("say which: ids, --sink, --message, --since, --until, or --all");
        return kUsage;
    }
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto changed = (store->outbox().*what)(filter);
    if (!changed) {
        complain(changed.error());
        return kFailed;
    }
    if (common.json)
        std::printf("%s\n", nlohmann::json{{"deliveries", *changed}}.dump().c_str());
    else
        std::printf("%s: %s\n", said, grouped(*changed).c_str());
    return *changed == 0 ? kNotFound : kDone;
}

} // namespace

int runDeliveriesList(const CommonOptions& common, const DeliveryOptions& options) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    DeliveryFilter filter;
    if (!readFilter(options, environment.clock.now(), filter)) return kUsage;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto rows = store->outbox().list(filter, options.limit);
    if (!rows) {
        complain(rows.error());
        return kFailed;
    }
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const OutboxRow& row : *rows) list.push_back(rowJson(row));
        std::printf("%s\n",
                    list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return kDone;
    }
    if (rows->empty()) {
        std::printf("no deliveries%s\n",
                    isUnbounded(filter) && filter.states.empty()
                        ? " yet: a message is delivered where a rule names a sink"
                        : " match");
        return kDone;
    }
    Table table({"id", "to", "what", "state", "attempts", "written", "problem"});
    table.alignRight(0);
    table.alignRight(4);
    for (const OutboxRow& row : *rows)
        table.add({std::to_string(row.id), row.sink, whatOf(*store, row), styledState(row.state),
                   std::to_string(row.attempts), shortTime(row.created_at),
                   fitTo(row.last_error, 80)});
    std::printf("%s", table.text().c_str());
    return kDone;
}

int runDeliveriesShow(const CommonOptions& common, std::int64_t id) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    DeliveryFilter filter;
    filter.ids = {id};
    const auto rows = store->outbox().list(filter, 1);
    if (!rows) {
        complain(rows.error());
        return kFailed;
    }
    if (rows->empty()) {
        complain("there is no delivery " + std::to_string(id));
        return kNotFound;
    }
    if (common.json)
        std::printf("%s\n", rowJson(rows->front())
                                .dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
                                .c_str());
    else
        printRow(*store, rows->front());
    return kDone;
}

int runDeliveriesRetry(const CommonOptions& common, const DeliveryOptions& options) {
    DeliveryOptions wanted = options;
    // What arrived is sent once more only where somebody says so.
    if (wanted.states.empty() && wanted.ids.empty()) wanted.states = {"dead"};
    return change(common, wanted, &deliver::Outbox::retry, "sent again");
}

int runDeliveriesCancel(const CommonOptions& common, const DeliveryOptions& options) {
    return change(common, options, &deliver::Outbox::cancel, "taken back");
}

int runDeliveriesHold(const CommonOptions& common, const std::string& name, bool holds) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    deliver::Endpoint endpoint{storage::Term::Sink, name};
    const auto isIt = [&](const config::PluginSettings& each) { return each.name == name; };
    if (std::none_of(settings->sinks.begin(), settings->sinks.end(), isIt)) {
        endpoint.kind = storage::Term::Source;
        if (std::none_of(settings->sources.begin(), settings->sources.end(), isIt)) {
            complain("there is no sink or source \"" + name + "\"");
            return kNotFound;
        }
    }
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto done =
        holds ? store->outbox().hold(endpoint, "held by hand") : store->outbox().resume(endpoint);
    if (!done) {
        complain(done.error());
        return done.error().code == base::Code::NotFound ? kNotFound : kFailed;
    }
    std::printf("%s %s\n", name.c_str(),
                holds ? "gets nothing until it is resumed; what is for it waits"
                      : "gets its deliveries again");
    return kDone;
}

} // namespace hearback::cli
