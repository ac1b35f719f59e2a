#include "app/replay.h"

#include "intake/batch_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <future>

namespace hearback::app {

namespace {

using base::Code;
using base::Error;
using pipeline::DeadLetter;

constexpr const char* kImportKey = "import.settings";
constexpr base::Micros kPatience = base::kMinute;

config::Value toValue(const nlohmann::json& json) {
    if (json.is_object()) {
        config::Value::Table table;
        for (const auto& [key, member] : json.items()) table.emplace_back(key, toValue(member));
        return {std::move(table), {}};
    }
    if (json.is_array()) {
        config::Value::List list;
        for (const auto& item : json) list.push_back(toValue(item));
        return {std::move(list), {}};
    }
    if (json.is_boolean()) return {json.get<bool>(), {}};
    if (json.is_number_integer()) return {json.get<std::int64_t>(), {}};
    if (json.is_number()) return {json.get<double>(), {}};
    return {json.is_string() ? json.get<std::string>() : std::string(), {}};
}

base::Result<config::PluginSettings> settingsOf(const config::Settings& settings, Store& store,
                                                const std::string& name) {
    const auto configured = std::find_if(settings.sources.begin(), settings.sources.end(),
                                         [&](const auto& each) { return each.name == name; });
    if (configured != settings.sources.end()) return *configured;
    const auto remembered = store.kv().get(name, kImportKey);
    if (!remembered) return remembered.error();
    if (!*remembered)
        return Error{Code::NotFound, "the source \"" + name +
                                         "\" is not configured: add it again to replay what it "
                                         "could not read"};
    const auto json = nlohmann::json::parse(**remembered, nullptr, false);
    config::PluginSettings source;
    source.name = name;
    source.plugin = json.value("plugin", "file");
    source.path = "import";
    source.settings = toValue(json.value("settings", nlohmann::json::object()));
    return source;
}

base::Result<std::string> store(Engine& engine, pipeline::Batch batch) {
    auto stored = std::make_shared<std::promise<base::Result<pipeline::Stored>>>();
    auto done = stored->get_future();
    const std::size_t items = batch.items.size();
    batch.done = [stored](const base::Result<pipeline::Stored>& result) {
        stored->set_value(result);
    };
    const auto pushed = engine.pipeline().push(batch, kPatience);
    if (!pushed) return pushed.error();
    const auto result = done.get();
    if (!result) return result.error();
    if (result->message_ids.empty() || items == 0)
        return Error{Code::Invalid, "nothing came of it"};
    return "stored as message " + std::to_string(result->message_ids.front());
}

base::Result<std::string> replayRaw(const config::Settings& settings, Environment& environment,
                                    Store& data, Plugins& plugins, Engine& engine,
                                    const DeadLetter& letter) {
    const auto source_settings = settingsOf(settings, data, letter.source);
    if (!source_settings) return source_settings.error();
    std::vector<config::Problem> problems;
    const auto source = plugins.makeSource(*source_settings, problems);
    if (!source) return Error{Code::Invalid, problems.front().text};
    const pipeline::Answer answer = source->decode(letter.payload);
    if (!answer.isOk()) return Error{Code::Invalid, answer.text};
    auto read =
        intake::readBatch(answer.bytes, {letter.source, source->plugin()}, environment.clock.now());
    if (!read) return read.error();
    if (!read->batch.dead_letters.empty())
        return Error{Code::Invalid, read->batch.dead_letters.front().cause};
    read->batch.checkpoint.reset();
    return store(engine, std::move(read->batch));
}

base::Result<std::string> replayMessage(Environment& environment, Engine& engine,
                                        const DeadLetter& letter) {
    auto result = intake::normalise(letter.payload, {letter.source, ""}, environment.clock.now());
    if (auto* problem = std::get_if<std::string>(&result)) return Error{Code::Invalid, *problem};
    pipeline::Batch batch;
    batch.source = letter.source;
    batch.bytes = letter.payload.size();
    batch.items.emplace_back().message = std::move(std::get<v1::FeedbackMessage>(result));
    return store(engine, std::move(batch));
}

base::Result<std::string> deliverAgain(Store& data, std::int64_t id) {
    deliver::DeliveryFilter filter;
    filter.ids = {id};
    filter.states = {deliver::DeliveryState::Dead};
    const auto again = data.outbox().retry(filter);
    if (!again) return again.error();
    if (*again == 0)
        return Error{Code::Conflict, "the delivery is not given up: it waits or was delivered"};
    return std::string("will be delivered again");
}

base::Result<std::string> said(const base::Result<void>& done, const std::string& text) {
    if (!done) return done.error();
    return text;
}

} // namespace

base::Result<std::string> replay(const config::Settings& settings, Environment& environment,
                                 Store& data, Plugins& plugins, Engine& engine,
                                 const dead_letters::StoredLetter& stored) {
    const DeadLetter& letter = stored.letter;
    const std::int64_t id = std::atoll(letter.payload.c_str());
    auto result = [&]() -> base::Result<std::string> {
        switch (letter.kind) {
        case DeadLetter::Payload::Raw:
            return replayRaw(settings, environment, data, plugins, engine, letter);
        case DeadLetter::Payload::Message: return replayMessage(environment, engine, letter);
        case DeadLetter::Payload::Delivery: return deliverAgain(data, id);
        case DeadLetter::Payload::Annotation:
            return said(data.messages().askAgain(id), "its classifiers will be asked again");
        }
        return Error{Code::Unsupported, "a newer Hearback wrote it"};
    }();
    if (!result) return result;
    const auto marked =
        dead_letters::markReplayed(data.database(), stored.id, environment.clock.now());
    if (!marked) return marked.error();
    return result;
}

base::Result<void> rememberImport(Store& data, const config::PluginSettings& source) {
    const nlohmann::json json = {{"plugin", source.plugin},
                                 {"settings", config::toJson(source.settings)}};
    return data.kv().set(source.name, kImportKey, json.dump());
}

} // namespace hearback::app
