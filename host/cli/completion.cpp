#include "cli/command_tree.h"

namespace hearback::cli {

namespace {

// All words that may follow a path of commands: its sub-commands and its options.
std::string wordsOf(const CommandNode& command) {
    std::string words;
    for (const CommandNode& each : command.commands) words += each.name + " ";
    for (const OptionNode& option : command.options)
        for (const std::string& name : option.names) words += name + " ";
    return words;
}

// One case for each command path: "hearback plugin list".
void bashCases(const CommandNode& command, const std::string& path, std::string& out) {
    out += "        \"" + path + "\") words=\"" + wordsOf(command) + "\" ;;\n";
    for (const CommandNode& each : command.commands)
        bashCases(each, path.empty() ? each.name : path + " " + each.name, out);
}

std::string bash(const CommandNode& root) {
    std::string cases;
    bashCases(root, "", cases);
    return "# Completion for " + root.name +
           " in bash: source it, or put it into\n"
           "# /usr/share/bash-completion/completions/" +
           root.name +
           "\n"
           "_" +
           root.name +
           "() {\n"
           "    local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" words=\"\" word\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case \"$word\" in\n"
           "            -*) ;;\n"
           "            *) path=\"${path:+$path }$word\" ;;\n"
           "        esac\n"
           "    done\n"
           "    case \"$path\" in\n" +
           cases +
           "        *) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
           "}\n"
           "complete -o filenames -F _" +
           root.name + " " + root.name + "\n";
}

std::string quotedForFish(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

void fishLines(const CommandNode& root, const CommandNode& command, const std::string& condition,
               std::string& out) {
    for (const CommandNode& each : command.commands) {
        out += "complete -c " + root.name + " -f -n " + quotedForFish(condition) + " -a " +
               each.name + " -d " + quotedForFish(each.help) + "\n";
        fishLines(root, each, "__fish_seen_subcommand_from " + each.name, out);
    }
    for (const OptionNode& option : command.options) {
        if (option.names.empty()) continue;
        std::string line = "complete -c " + root.name + " -n " + quotedForFish(condition);
        for (const std::string& name : option.names)
            line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        if (!option.argument.empty()) line += " -r";
        out += line + " -d " + quotedForFish(option.help) + "\n";
    }
}

} // namespace

std::string completionScript(const CommandNode& root, const std::string& shell) {
    if (shell == "bash") return bash(root);
    // zsh understands completion for bash.
    if (shell == "zsh")
        return "#compdef " + root.name + "\nautoload -U +X bashcompinit && bashcompinit\n" +
               bash(root);
    if (shell != "fish") return {};
    std::string out = "# Completion for " + root.name +
                      " in fish: put it into\n"
                      "# ~/.config/fish/completions/" +
                      root.name + ".fish\n";
    fishLines(root, root, "__fish_use_subcommand", out);
    return out;
}

} // namespace hearback::cli
