#include "check/command_line.h"

#include <CLI/CLI.hpp>

#include <map>

namespace hearback::check {

std::optional<Options> readWords(int count, const char* const* words, int& code) {
    Options options;
    CLI::App app("Holds a plugin to its contract: each test in a process of its own",
                 "hearback-check");
    app.add_option("PLUGIN", options.plugin, "The library, such as build/plugins/reviews.so");
    app.add_option("--plugin", options.id, "Which of its plugins, where it holds several");
    app.add_option("--settings", options.settings, "Settings for it, as JSON")
        ->check(CLI::ExistingFile);
    app.add_option("--config", options.config,
                   "Settings, data and exclusions; hearback-check.toml where it is there")
        ->check(CLI::ExistingFile);
    app.add_option("--level", options.level,
                   "0: load, 1: and contract, 2: and delivery, 3: and stress")
        ->check(CLI::Range(0, 3))
        ->capture_default_str();
    app.add_option("--include", options.include,
                   "Only tests in whose name this expression is found");
    app.add_option("--exclude", options.exclude, "Not those in whose name this one is found");
    app.add_option("--seed", options.seed, "The same seed makes the same choices");
    app.add_flag("--in-process", options.in_process,
                 "Run one test in this process, for a debugger");
    app.add_option("--stress", options.stress_s, "Seconds for each long test of level 3")
        ->check(CLI::Range(1, 86400))
        ->capture_default_str();
    app.add_option("--trace", options.trace, "Write all calls into this file, for ui.perfetto.dev");
    const std::map<std::string, Format> formats = {
        {"text", Format::Text}, {"json", Format::Json}, {"junit", Format::JUnit}};
    std::string format = "text";
    app.add_option("--format", format, "How the report is written")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json", "junit"}))
        ->capture_default_str();
    app.add_option("--output", options.output,
                   "Write the report into this file; the text goes to the terminal as well");
    app.add_flag("--list", options.list, "List all tests and end");
    app.add_option("--child", options.child)->group("");
    app.footer("Exit status: 0 all passed, were warned of or skipped; 1 some failed; 2 wrong words "
               "or a wrong\nconfiguration. docs/check.md says more.");
    try {
        app.parse(count, words);
        if (options.plugin.empty() && !options.list) throw CLI::RequiredError("PLUGIN");
    } catch (const CLI::ParseError& error) {
        code = app.exit(error) == 0 ? kPassed : kUsage;
        return std::nullopt;
    }
    options.format = formats.at(format);
    return options;
}

} // namespace hearback::check
