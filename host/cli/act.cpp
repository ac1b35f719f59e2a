// hearback act: does something about a message on the channel that brought it.
#include "app/plugins.h"
#include "cli/delivery_commands.h"
#include "cli/message_text.h"
#include "cli/moment.h"
#include "cli/session.h"

#include "hearback/plugin/actions.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace hearback::cli {

namespace {

constexpr std::size_t kTextMax = 64 << 10;

// Empty, or why the words make no action.
std::string whyNoAction(const ActOptions& options, v1::ActionKind kind) {
    const bool writes = kind == v1::ACTION_KIND_REPLY || kind == v1::ACTION_KIND_PRIVATE_REPLY;
    if (writes && options.text.empty()) return "a reply needs --text";
    if (!writes && !options.text.empty()) return "--text is for replies";
    if (options.text.size() > kTextMax) return "--text is longer than 64 KiB";
    if (kind == v1::ACTION_KIND_TAG && options.tag.empty()) return "a tag needs --tag";
    if (!parseDuration(options.undo)) return "--undo is no duration: write 20s, 5m, 0s";
    if (!options.within.empty() && !parseDuration(options.within))
        return "--within is no duration: write 30m, 2h, 1d";
    return {};
}

// Empty, or why the source cannot do anything.
std::string whyNoSource(const config::Settings& settings, const std::string& name) {
    const auto source = std::find_if(settings.sources.begin(), settings.sources.end(),
                                     [&](const auto& each) { return each.name == name; });
    if (source == settings.sources.end())
        return "the message came by \"" + name + "\", which is not configured any more";
    const loader::Catalog catalog(app::pluginDirectories(settings));
    const auto plugin = catalog.find(source->plugin);
    if (!plugin) return plugin.error().message;
    if (!plugin->manifest->has(HB_EXT_ACTIONS_1))
        return "the channel \"" + source->plugin + "\" brings messages and cannot act on them";
    return {};
}

deliver::ActionOrder orderOf(const ActOptions& options, v1::ActionKind kind,
                             const messages::StoredMessage& stored, base::Micros now) {
    deliver::ActionOrder order;
    order.message_id = stored.id;
    order.revision = stored.message.revision();
    order.conversation_id = stored.conversation_id;
    order.source = stored.message.source();
    order.action.set_kind(kind);
    order.action.set_text(options.text);
    order.action.set_tag(options.tag);
    const char* user = std::getenv("USER");
    order.action.set_actor(!options.actor.empty() ? options.actor : user != nullptr ? user : "");
    order.due_at = now + parseDuration(options.undo).value_or(0);
    if (!options.within.empty()) order.not_after = now + *parseDuration(options.within);
    return order;
}

} // namespace

int runAct(const CommonOptions& common, const ActOptions& options) {
    const auto kind = deliver::actionKind(options.kind);
    const std::string why_not =
        kind ? whyNoAction(options, *kind) : "there is no action \"" + options.kind + "\"";
    if (!why_not.empty()) {
        complain(why_not);
        return kUsage;
    }
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto stored = store->messages().find(options.message);
    if (!stored) {
        complain(stored.error());
        return kFailed;
    }
    if (!*stored) {
        complain("there is no message " + std::to_string(options.message));
        return kNotFound;
    }
    const std::string why_no_source = whyNoSource(*settings, (*stored)->message.source());
    if (!why_no_source.empty()) {
        complain(why_no_source);
        return kFailed;
    }
    const auto order = orderOf(options, *kind, **stored, environment.clock.now());
    const auto id = store->actions().give(order);
    if (!id) {
        complain(id.error());
        return kFailed;
    }
    if (common.json) {
        std::printf("%s\n",
                    nlohmann::json{{"delivery", *id}, {"due_at_us", order.due_at}}.dump().c_str());
        return kDone;
    }
    std::printf("delivery %lld: %s on message %lld leaves in %s while hearback serve runs\n"
                "until then: hearback deliveries cancel %lld\n",
                static_cast<long long>(*id), options.kind.c_str(),
                static_cast<long long>(options.message), options.undo.c_str(),
                static_cast<long long>(*id));
    return kDone;
}

} // namespace hearback::cli
