#include "cli/command_tree.h"

#include <CLI/CLI.hpp>

namespace hearback::cli {

CommandNode treeOf(const CLI::App& app) {
    CommandNode node;
    node.name = app.get_name();
    node.help = app.get_description();
    for (const CLI::Option* option : app.get_options()) {
        OptionNode& out = node.options.emplace_back();
        for (const std::string& name : option->get_lnames()) out.names.push_back("--" + name);
        for (const std::string& name : option->get_snames()) out.names.push_back("-" + name);
        if (option->get_type_size() != 0)
            out.argument = option->get_lnames().empty() && option->get_snames().empty()
                               ? option->get_name(true)
                               : option->get_type_name();
        out.help = option->get_description();
    }
    for (const CLI::App* each : app.get_subcommands(nullptr))
        node.commands.push_back(treeOf(*each));
    return node;
}

} // namespace hearback::cli
