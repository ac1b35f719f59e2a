#include "cli/history_commands.h"
#include "cli/moment.h"
#include "cli/session.h"

namespace hearback::cli {

std::optional<pipeline::Selection> readSelection(const SelectionOptions& options,
                                                 const base::Clock& clock, app::Store& store,
                                                 int& code) {
    pipeline::Selection selection;
    code = kUsage;
    const base::Micros now = clock.now();
    if (!readMoment("--since", options.since, now, selection.since) ||
        !readMoment("--until", options.until, now, selection.until))
        return std::nullopt;
    selection.source = options.source;
    if (options.source.empty()) return selection;
    const auto known = store.database().query<bool>("look for a source", [&](storage::Session&
                                                                                 session) {
        return store.dictionary().find(session, storage::Term::Source, options.source).has_value();
    });
    if (!known) {
        code = kFailed;
        complain(known.error());
        return std::nullopt;
    }
    if (*known) return selection;
    code = kNotFound;
    complain("there are no messages of a source \"" + options.source + "\"");
    return std::nullopt;
}

} // namespace hearback::cli
