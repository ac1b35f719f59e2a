// The commands and options as plain data, read off the command-line parser: what completion scripts
// and the manual page are made of.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hearback::cli {

struct OptionNode {
    std::vector<std::string> names; // "--json", "-c"; empty: a positional argument
    std::string argument;           // "FILE"; empty: it takes none
    std::string help;
    std::vector<std::string> choices;
};

struct CommandNode {
    std::string name; // "dead-letters"
    std::string help;
    std::vector<OptionNode> options;
    std::vector<CommandNode> commands;
};

// The commands below `app`, with their options.
CommandNode treeOf(const CLI::App& app);

// A script that completes the program's words in a shell: "bash", "zsh" or "fish"; empty for any
// other.
std::string completionScript(const CommandNode& root, const std::string& shell);

// The manual page, for man(1): https://man7.org/linux/man-pages/man7/man.7.html
std::string manualPage(const CommandNode& root, const std::string& version);

} // namespace hearback::cli
