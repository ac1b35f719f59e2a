// What the parser of the command line fills in, for the files that say which words there are.
#pragma once

#include "cli/commands.h"
#include "cli/delivery_commands.h"
#include "cli/history_commands.h"
#include "cli/model_commands.h"

#include <cstdint>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace hearback::cli {

// All options, and the command that was chosen.
struct Words {
    CommonOptions common;
    ServeOptions serve;
    CheckOptions check;
    ImportOptions import;
    SearchOptions search;
    ReportOptions report;
    LetterOptions letters;
    DeliveryOptions deliveries;
    ActOptions act;
    NewPluginOptions new_plugin;
    DevOptions dev;
    TrainOptions train;
    EvaluateOptions evaluate;
    ReclassifyOptions reclassify;
    RecordOptions record;
    ReplayOptions replay;
    ClassifyOptions classify;
    std::int64_t id = 0;
    std::string plugin;
    PackOptions pack;
    DbCopyOptions db_copy;
    std::string file;
    std::string key;
    bool flag = false;
    std::string shell;
    std::function<int()> command;
};

// A command below another one.
CLI::App* add(CLI::App& parent, Words& words, const char* name, const char* help,
              const std::function<int()>& command);

void addPlugins(CLI::App& root, Words& words);

} // namespace hearback::cli
