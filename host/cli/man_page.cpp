#include "cli/command_tree.h"

namespace hearback::cli {

namespace {

// Text for troff: no line may begin with a dot or a quote, and hyphens are to be copied as such.
std::string escape(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '-')
            out += "\\-";
        else if (c == '\\')
            out += "\\e";
        else if (c == '\n')
            out += "\n";
        else
            out += c;
        if (c == '\n') continue;
    }
    if (!out.empty() && (out.front() == '.' || out.front() == '\'')) out.insert(0, "\\&");
    return out;
}

void addOption(const OptionNode& option, std::string& out) {
    std::string names;
    for (const std::string& name : option.names)
        names += (names.empty() ? "" : ", ") + ("\\fB" + escape(name) + "\\fR");
    if (!option.argument.empty())
        names += (names.empty() ? "" : " ") + ("\\fI" + escape(option.argument) + "\\fR");
    out += ".TP\n" + names + "\n" + escape(option.help);
    if (!option.choices.empty()) {
        out += "; one of";
        for (const std::string& choice : option.choices) out += " " + escape(choice);
    }
    out += "\n";
}

void addCommand(const CommandNode& command, const std::string& path, std::string& out) {
    if (command.commands.empty()) {
        out += ".SS " + escape(path);
        for (const OptionNode& option : command.options)
            if (option.names.empty()) out += " " + escape(option.argument);
        out += "\n" + escape(command.help) + ".\n";
        for (const OptionNode& option : command.options)
            if (option.names.empty() || option.names.front() != "--help") addOption(option, out);
    }
    for (const CommandNode& each : command.commands) addCommand(each, path + " " + each.name, out);
}

} // namespace

std::string manualPage(const CommandNode& root, const std::string& version) {
    std::string out = ".TH HEARBACK 1 \"\" \"Hearback " + version +
                      "\" \"User Commands\"\n"
                      ".SH NAME\nhearback \\- " +
                      escape(root.help) +
                      "\n"
                      ".SH SYNOPSIS\n.B hearback\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] "
                      "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
    for (const CommandNode& command : root.commands) addCommand(command, command.name, out);
    out += ".SH OPTIONS OF EVERY COMMAND\n";
    for (const OptionNode& option : root.options) addOption(option, out);
    out += ".SH EXIT STATUS\n"
           ".TP\n0\nDone.\n.TP\n1\nFailed; a message on standard error says what and why.\n"
           ".TP\n2\nWrong words on the command line, or a wrong configuration.\n"
           ".TP\n3\nDone, but some input was kept as dead letters.\n"
           ".TP\n4\nWhat was named does not exist.\n"
           ".SH ENVIRONMENT\n"
           ".TP\nHEARBACK_CONFIG\nThe configuration where \\-\\-config is not given.\n"
           ".TP\nNO_COLOR\nWhere set, no colours are written.\n"
           ".SH FILES\n.TP\nhearback.toml\nThe configuration, in the working directory.\n";
    return out;
}

} // namespace hearback::cli
