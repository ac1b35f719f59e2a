#include "dead_letters/dead_letters.h"

#include "app/engine.h"
#include "app/replay.h"
#include "cli/commands.h"
#include "cli/message_text.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>

namespace hearback::cli {

namespace {

using dead_letters::StoredLetter;
using pipeline::DeadLetter;

// What the letter holds, for people: raw input as it came, an encoded message as JSON.
std::string readable(const DeadLetter& letter) {
    v1::FeedbackMessage message;
    if (letter.kind == DeadLetter::Payload::Message && message.ParseFromString(letter.payload))
        return toJson(message).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string text;
    for (const char c : letter.payload) {
        const auto byte = static_cast<unsigned char>(c);
        text += (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f ? '?' : c;
    }
    return text;
}

nlohmann::json letterJson(const StoredLetter& stored, bool whole) {
    const DeadLetter& letter = stored.letter;
    nlohmann::json json = {{"id", stored.id},
                           {"stage", dead_letters::nameOf(letter.stage)},
                           {"source", letter.source},
                           {"cause", letter.cause},
                           {"position", letter.position},
                           {"seen", stored.seen},
                           {"first_at_us", stored.first_at},
                           {"last_at_us", stored.last_at},
                           {"replayed_at_us", stored.replayed_at}};
    if (whole) json["payload"] = readable(letter);
    return json;
}

std::string dump(const nlohmann::json& json) {
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<std::vector<StoredLetter>> lettersOf(app::Store& store, const LetterOptions& options) {
    if (options.ids.empty()) {
        dead_letters::LetterFilter filter;
        filter.source = options.source;
        filter.limit = 1000000;
        return dead_letters::listLetters(store.database(), filter);
    }
    std::vector<StoredLetter> letters;
    for (const std::int64_t id : options.ids) {
        auto letter = dead_letters::findLetter(store.database(), id);
        if (!letter) return letter.error();
        if (!*letter)
            return base::Error{base::Code::NotFound,
                               "there is no dead letter " + std::to_string(id)};
        letters.push_back(std::move(**letter));
    }
    return letters;
}

} // namespace

int runLettersList(const CommonOptions& common, const LetterOptions& options) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto letters =
        dead_letters::listLetters(store->database(), {options.source, options.all, options.limit});
    if (!letters) {
        complain(letters.error());
        return kFailed;
    }
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const StoredLetter& letter : *letters) list.push_back(letterJson(letter, false));
        std::printf("%s\n", dump(list).c_str());
        return kDone;
    }
    if (letters->empty()) {
        std::printf("no dead letters: everything that came in was understood\n");
        return kDone;
    }
    Table table({"id", "last seen", "stage", "source", "where", "times", "cause"});
    table.alignRight(0);
    table.alignRight(5);
    for (const StoredLetter& each : *letters)
        table.add({std::to_string(each.id), shortTime(each.last_at),
                   dead_letters::nameOf(each.letter.stage), each.letter.source,
                   fitTo(each.letter.position, 20), std::to_string(each.seen),
                   fitTo(each.letter.cause, 80)});
    std::printf("%s", table.text().c_str());
    return kDone;
}

int runLettersShow(const CommonOptions& common, std::int64_t id) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto letter = dead_letters::findLetter(store->database(), id);
    if (!letter) {
        complain(letter.error());
        return kFailed;
    }
    if (!*letter) {
        complain("there is no dead letter " + std::to_string(id));
        return kNotFound;
    }
    if (common.json) {
        std::printf("%s\n", dump(letterJson(**letter, true)).c_str());
        return kDone;
    }
    const StoredLetter& stored = **letter;
    std::printf("%s\n", styled(Style::Bold, "dead letter " + std::to_string(id)).c_str());
    std::printf(
        "cause    %s\nstage    %s\nsource   %s\nwhere    %s\nseen     %lld times, last %s\n",
        fitTo(stored.letter.cause, 2000).c_str(), dead_letters::nameOf(stored.letter.stage),
        stored.letter.source.c_str(), fitTo(stored.letter.position, 200).c_str(),
        static_cast<long long>(stored.seen), shortTime(stored.last_at).c_str());
    if (stored.replayed_at != 0)
        std::printf("replayed %s\n", shortTime(stored.replayed_at).c_str());
    std::printf("\n%s\n", readable(stored.letter).c_str());
    return kDone;
}

int runLettersReplay(const CommonOptions& common, const LetterOptions& options) {
    StopSignal signal;
    if (options.ids.empty() && !options.all && options.source.empty()) {
        complain("say which: ids, --source NAME or --all");
        return kUsage;
    }
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto letters = lettersOf(*store, options);
    if (!letters) {
        complain(letters.error());
        return letters.error().code == base::Code::NotFound ? kNotFound : kFailed;
    }
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, store.get(), problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    app::Engine engine(*settings, environment, *store, plugins);
    engine.start();
    std::size_t failed = 0;
    for (const StoredLetter& letter : *letters) {
        if (signal.wait(0)) break;
        const auto result = app::replay(*settings, environment, *store, plugins, engine, letter);
        failed += result ? 0 : 1;
        std::printf("%lld  %s\n", static_cast<long long>(letter.id),
                    result ? result->c_str() : ("failed again: " + result.error().message).c_str());
    }
    (void)engine.deliverNow();
    const bool stopped = engine.stop();
    std::fflush(stdout);
    const int code = failed == 0 ? kDone : kPartly;
    if (!stopped) std::_Exit(code);
    return code;
}

} // namespace hearback::cli
