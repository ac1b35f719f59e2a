#include "check/run.h"

#include "base/file.h"
#include "check/child.h"
#include "check/child_process.h"
#include "check/report.h"
#include "check/settings.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <regex>
#include <unistd.h>

namespace hearback::check {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kConfigMax = 1 << 20;
constexpr int kAfterStress_s = 60;

int usage(const std::string& problem) {
    std::fprintf(stderr, "hearback-check: %s\n", problem.c_str());
    return kUsage;
}

// A folder for one test, with a working folder in it, that is gone afterwards.
class TestFolder {
  public:
    TestFolder() {
        std::string name = (fs::temp_directory_path() / "hearback-check-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) return;
        path_ = name;
        fs::create_directory(path_ / "work");
    }
    ~TestFolder() {
        std::error_code error;
        if (!path_.empty()) fs::remove_all(path_, error);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

class Run {
  public:
    explicit Run(Options options) : options_(std::move(options)) {}

    int operator()() {
        std::error_code error;
        if (!fs::exists(options_.plugin, error))
            return usage("there is no file " + options_.plugin.string());
        options_.plugin = fs::canonical(options_.plugin, error);
        if (!readConfig()) return kUsage;
        file_ = loader::inspectPlugin(options_.plugin);
        if (!choosePlugin() || !checkSettings() || !chooseTests()) return kUsage;
        if (!options_.child.empty()) asChild();
        if (options_.in_process) return inProcess();
        takeCareOfChildren();
        return runAll();
    }

  private:
    bool complain(const std::string& problem) {
        (void)usage(problem);
        return false;
    }

    bool readConfig() {
        if (options_.config.empty() && options_.child.empty() && fs::exists("hearback-check.toml"))
            options_.config = "hearback-check.toml";
        if (!options_.config.empty()) {
            const auto text = base::readFile(options_.config, kConfigMax);
            if (!text) return complain(text.error().message);
            options_.config = fs::absolute(options_.config);
            std::vector<config::Problem> problems;
            if (!readPlan(*text, options_.config.parent_path(), plan_, problems)) {
                for (const auto& each : problems)
                    (void)usage(options_.config.string() + ":" + std::to_string(each.place.line) +
                                ":" + std::to_string(each.place.column) + ": " + each.path + " " +
                                each.text);
                return false;
            }
        }
        if (options_.settings.empty()) return true;
        const auto text = base::readFile(options_.settings, kConfigMax);
        if (!text) return complain(text.error().message);
        const auto settings = nlohmann::json::parse(*text, nullptr, false);
        if (!settings.is_object())
            return complain(options_.settings.string() + " is no JSON object");
        options_.settings = fs::absolute(options_.settings);
        plan_.settings = settings;
        return true;
    }

    bool choosePlugin() {
        const auto& plugins = file_.manifest.plugins;
        std::string ids;
        for (const auto& each : plugins) {
            ids += (ids.empty() ? "" : ", ") + each.id;
            if (each.id == options_.id) manifest_ = &each;
        }
        if (plugins.size() == 1 && options_.id.empty()) manifest_ = &plugins.front();
        if (manifest_ != nullptr || plugins.empty()) return true;
        return complain(options_.id.empty()
                            ? "it holds several plugins: name one of " + ids + " by --plugin"
                            : "it holds no plugin \"" + options_.id + "\", but " + ids);
    }

    bool checkSettings() {
        if (manifest_ == nullptr || !plan_.settings) return true;
        std::vector<config::Problem> problems;
        if (prepare(*manifest_, *plan_.settings, "/", problems)) return true;
        for (const auto& each : problems) (void)usage("settings: " + each.path + " " + each.text);
        return false;
    }

    unsigned kindsOfPlugin() const {
        if (manifest_ == nullptr) return 0;
        if (manifest_->kind == "classifier") return kClassifiers;
        if (manifest_->kind == "sink") return kSinks;
        return kChannels | (manifest_->has(HB_EXT_ACTIONS_1) ? kActing : 0);
    }

    std::optional<std::regex> pattern(const std::string& text) {
        try {
            return std::regex(text);
        } catch (const std::regex_error& error) {
            (void)usage("\"" + text + "\" is no regular expression: " + error.what());
            return std::nullopt;
        }
    }

    bool chooseTests() {
        const auto include = pattern(options_.include);
        const auto exclude = pattern(options_.exclude);
        if (!include || !exclude) return false;
        const unsigned kinds = kindsOfPlugin();
        const bool is_program = options_.plugin.string().ends_with(".plugin.json");
        for (const Test& test : allTests()) {
            const std::string name(test.name);
            // Of a file that cannot be read, only that can be told.
            const bool fits = (test.kinds & kinds) != 0 || (kinds == 0 && test.level == 0);
            if (test.level > options_.level || !fits) continue;
            if (is_program && isOfLibraries(test)) continue;
            if (!std::regex_search(name, *include)) continue;
            if (!options_.exclude.empty() && std::regex_search(name, *exclude)) continue;
            tests_.push_back(test);
        }
        for (const Exclusion& exclusion : plan_.exclusions) {
            const auto excluded = pattern(exclusion.test);
            if (!excluded) return false;
            bool any = false;
            for (const Test& test : allTests())
                any = any || std::regex_match(std::string(test.name), *excluded);
            if (!any)
                return complain("the exclusion \"" + exclusion.test +
                                "\" fits no test: --list names them");
        }
        if (!tests_.empty()) return true;
        return complain("no test of level " + std::to_string(options_.level) +
                        " and below fits --include \"" + options_.include + "\": --list names all");
    }

    BenchParts parts(const fs::path& folder) {
        BenchParts parts{file_, manifest_, plan_, 0, folder, options_.trace, options_.stress_s};
        // Each test has chance of its own, whatever runs before it.
        parts.seed = seed();
        return parts;
    }

    std::uint64_t seed() {
        if (!options_.seed) options_.seed = base::SystemRandom().next() & 0xffffffffU;
        return *options_.seed;
    }

    [[noreturn]] void asChild() {
        for (const Test& test : allTests())
            if (test.name == options_.child)
                runAsChild(test, parts(fs::current_path().parent_path()));
        std::_Exit(kUsage);
    }

    int inProcess() {
        if (tests_.size() != 1)
            return usage("--in-process runs one test: name it by --include '^poll/items$'; " +
                         std::to_string(tests_.size()) + " fit");
        const TestFolder folder; // stays behind: the process ends in the test
        fs::current_path(folder.path() / "work");
        runInProcess(tests_.front(), parts(folder.path()));
    }

    std::vector<std::string> wordsFor(const Test& test, const fs::path& trace) {
        std::vector<std::string> words = {fs::read_symlink("/proc/self/exe").string(),
                                          options_.plugin.string(),
                                          "--child",
                                          std::string(test.name),
                                          "--seed",
                                          std::to_string(seed()),
                                          "--stress",
                                          std::to_string(options_.stress_s),
                                          "--level",
                                          "3"};
        const auto add = [&](const char* word, const std::string& value) {
            if (value.empty()) return;
            words.emplace_back(word);
            words.push_back(value);
        };
        add("--plugin", options_.id);
        add("--config", options_.config.string());
        add("--settings", options_.settings.string());
        if (!options_.trace.empty()) add("--trace", trace.string());
        return words;
    }

    std::string exclusionOf(const Test& test) const {
        for (const Exclusion& exclusion : plan_.exclusions)
            if (std::regex_match(std::string(test.name), std::regex(exclusion.test)))
                return exclusion.reason;
        return {};
    }

    TestResult runOne(const Test& test) {
        TestResult result{test, {}, 0, {}};
        if (const std::string reason = exclusionOf(test); !reason.empty()) {
            result.outcome = {Finding::Skipped, {}, {}, "excluded: " + reason};
            return result;
        }
        const TestFolder folder;
        if (folder.path().empty()) {
            result.outcome = {Finding::Skipped, {}, {}, "no temporary folder can be made"};
            return result;
        }
        const std::int64_t patience_s =
            test.patience_s > 0 ? test.patience_s : options_.stress_s + kAfterStress_s;
        const fs::path trace = folder.path() / "trace";
        const ChildResult child =
            runChild(wordsFor(test, trace), folder.path() / "work", folder.path() / "output.txt",
                     patience_s * base::kSecond);
        report_.is_interrupted = child.is_interrupted;
        result.took = child.took;
        result.output = child.output;
        result.outcome = judge(child, patience_s);
        keepTrace(test, child.pid, trace);
        return result;
    }

    static Outcome judge(const ChildResult& child, std::int64_t patience_s) {
        const std::string where =
            child.function.empty() ? "outside of any call" : "in " + child.function + "()";
        if (child.is_timed_out)
            return {Finding::TimedOut,
                    "every call returns",
                    "after " + std::to_string(patience_s) + " s it was " + where,
                    {}};
        if (child.outcome && child.exit_code == 0 && child.signal == 0) return *child.outcome;
        std::string how =
            child.signal != 0
                ? "it crashed with signal " + std::to_string(child.signal) + " (" +
                      ::strsignal(child.signal) + ") " + where
                : "it ended its process, with status " + std::to_string(child.exit_code);
        return {Finding::Crashed, "the plugin does not end the process that it is in", how, {}};
    }

    void keepTrace(const Test& test, pid_t pid, const fs::path& file) {
        if (options_.trace.empty()) return;
        trace_ += nlohmann::json{{"name", "process_name"},
                                 {"ph", "M"},
                                 {"pid", pid},
                                 {"args", {{"name", test.name}}}}
                      .dump() +
                  "\n";
        if (const auto lines = base::readFile(file, 256 << 20)) trace_ += *lines;
    }

    bool writeTrace() {
        if (options_.trace.empty()) return true;
        std::string all = "{\"traceEvents\":[\n" + trace_;
        if (all.back() == '\n') all.pop_back();
        for (std::size_t at = all.find('\n', 17); at != std::string::npos;
             at = all.find('\n', at + 2))
            all.replace(at, 1, ",\n");
        const auto written = base::writeFile(options_.trace, all + "\n]}\n");
        return written ? true : complain(written.error().message);
    }

    int runAll() {
        const bool to_file = !options_.output.empty();
        const bool has_text = options_.format == Format::Text || to_file;
        const char* const off = std::getenv("NO_COLOR");
        const bool colours = ::isatty(STDOUT_FILENO) == 1 && (off == nullptr || *off == '\0');
        describeRun();
        std::string text = headText(report_, false);
        if (has_text) print(headText(report_, colours));
        const base::SystemClock clock;
        const base::Micros begun = clock.steady();
        for (const Test& test : tests_) {
            report_.results.push_back(runOne(test));
            if (report_.is_interrupted) break;
            text += lineText(report_.results.back(), false);
            if (has_text) print(lineText(report_.results.back(), colours));
        }
        report_.took = clock.steady() - begun;
        text += endText(report_, false);
        if (has_text) print(endText(report_, colours));
        std::string form = text;
        if (options_.format == Format::Json) form = jsonText(report_);
        if (options_.format == Format::JUnit) form = junitText(report_);
        if (!to_file && !has_text) print(form);
        if (to_file) {
            const auto written = base::writeFile(options_.output, form);
            if (!written) return usage(written.error().message);
        }
        if (!writeTrace()) return kUsage;
        return report_.isGood() ? kPassed : kFailed;
    }

    static void print(const std::string& text) {
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }

    void describeRun() {
        report_.file = options_.plugin.string();
        report_.level = options_.level;
        report_.seed = seed();
        report_.words = "hearback-check " + options_.plugin.string();
        if (manifest_ != nullptr) {
            report_.id = manifest_->id;
            report_.version = manifest_->version;
            report_.kind = manifest_->kind;
        }
        if (!options_.id.empty()) report_.words += " --plugin " + options_.id;
        if (!options_.config.empty()) report_.words += " --config " + options_.config.string();
        if (!options_.settings.empty())
            report_.words += " --settings " + options_.settings.string();
        if (options_.level != 2) report_.words += " --level " + std::to_string(options_.level);
        report_.words += " --seed " + std::to_string(seed());
    }

    Options options_;
    Plan plan_;
    loader::PluginFile file_;
    const loader::PluginManifest* manifest_ = nullptr;
    std::vector<Test> tests_;
    Report report_;
    std::string trace_;
};

} // namespace

int run(const Options& options) {
    if (options.list) {
        std::fputs(listText().c_str(), stdout);
        return kPassed;
    }
    return Run(options)();
}

} // namespace hearback::check
