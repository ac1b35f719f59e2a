// A configuration file: whatever stands in it, there is a list of problems, each with a place.
#include "base/utf8.h"
#include "config/settings.h"
#include "fuzz/promise.h"

#include <algorithm>

using namespace hearback;
using hearback::fuzz::require;

namespace {

void requirePlace(const config::Problem& problem, std::string_view text) {
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    const config::Place& place = problem.place;
    require(place.line >= 0 && place.line <= lines, "a problem stands in the file", problem.text);
    require((place.line == 0) == (place.column == 0), "a line has a column", problem.text);
    require(place.column >= 0 && place.column <= static_cast<int>(text.size()) + 1,
            "a column stands in its line", problem.text);
    require(!problem.text.empty() && base::isUtf8(problem.text + problem.path),
            "a problem can be shown", problem.text);
}

void requireUsable(const config::Settings& settings) {
    for (const auto* list : {&settings.sources, &settings.classifiers, &settings.sinks})
        for (const auto& plugin : *list)
            require(!plugin.name.empty() && !plugin.plugin.empty() &&
                        std::holds_alternative<config::Value::Table>(plugin.settings.content),
                    "a plugin has a name and settings");
    for (const auto* http : {&settings.http, &settings.intake})
        require(!http->listen.host.empty() && http->threads >= 2 && http->max_body_bytes > 0,
                "an address can be listened at");
    for (const auto& rule : settings.rules) require(!rule.name.empty(), "a rule has a name");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::toText(data, size);
    const config::Loaded loaded = config::parseSettings(text, "/nowhere");
    for (const config::Problem& problem : loaded.problems) {
        requirePlace(problem, text);
        require(!config::describe("hearback.toml", problem).empty(), "a problem can be told");
    }
    require(std::is_sorted(loaded.problems.begin(), loaded.problems.end(),
                           [](const config::Problem& a, const config::Problem& b) {
                               return std::pair(a.place.line, a.place.column) <
                                      std::pair(b.place.line, b.place.column);
                           }),
            "problems come in the order of the file");
    if (loaded.problems.empty()) requireUsable(loaded.settings);
    return 0;
}
