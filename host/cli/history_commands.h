// Options of the commands that look at decisions a second time.
#pragma once

#include "cli/commands.h"
#include "pipeline/stages.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearback::app {
class Store;
}

namespace hearback::cli {

// Which messages, as people write it.
struct SelectionOptions {
    std::string since;
    std::string until;
    std::string source;
};
// In moments; none, and told, where it makes no sense. `code`: what to end with then.
std::optional<pipeline::Selection> readSelection(const SelectionOptions& options,
                                                 const base::Clock& clock, app::Store& store,
                                                 int& code);

struct ReclassifyOptions : SelectionOptions {
    std::vector<std::string> classifiers; // names; none with tasks: all
    std::vector<std::string> tasks;
    std::int64_t rate = 500; // messages a second; 0: no limit
    bool all = false;        // also what the present version has labelled
    bool shadow = false;     // changes nothing
    bool restart = false;    // forgets an interrupted one
};
int runReclassify(const CommonOptions& common, const ReclassifyOptions& options);

struct RecordOptions : SelectionOptions {
    std::string file;
};
int runRecord(const CommonOptions& common, const RecordOptions& options);

struct ReplayOptions {
    std::string log;
    std::string out; // empty: none is written
};
int runReplay(const CommonOptions& common, const ReplayOptions& options);

} // namespace hearback::cli
