#include "cli/dev/project.h"

#include "app/plugins.h"
#include "base/clock.h"
#include "cli/dev/command.h"
#include "cli/sdk_place.h"

#include <algorithm>
#include <sstream>
#include <thread>

namespace hearback::cli::dev {

namespace {

std::vector<std::filesystem::path> filesWith(const std::filesystem::path& folder,
                                             const std::string& end) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
        const std::string name = file.path().filename();
        if (name.size() > end.size() && name.ends_with(end)) found.push_back(file.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// What the kit says of each failure: behind the list of tests, before the summary. All of it where
// it has not come so far.
std::string failuresIn(const std::string& report) {
    const auto list_end = report.find("\n\n");
    const auto summary = report.rfind("\n\n");
    if (list_end == std::string::npos || summary <= list_end) return report;
    return report.substr(list_end + 2, summary - list_end - 1);
}

// A first run of CMake that fails leaves its cache, but nothing to build with.
bool isConfigured(const std::filesystem::path& tree) {
    std::error_code error;
    return std::filesystem::exists(tree / "Makefile", error) ||
           std::filesystem::exists(tree / "build.ninja", error);
}

std::string lastLineOf(const std::string& text) {
    const auto end = text.find_last_not_of('\n');
    if (end == std::string::npos) return {};
    const auto before = text.find_last_of('\n', end);
    return text.substr(before == std::string::npos ? 0 : before + 1,
                       end - (before == std::string::npos ? 0 : before + 1) + 1);
}

} // namespace

base::Result<Project> Project::in(const std::filesystem::path& folder) {
    std::error_code error;
    const auto whole = std::filesystem::canonical(folder, error);
    if (error)
        return base::Error{base::Code::NotFound,
                           "there is no folder " + folder.string() + ": " + error.message()};
    if (std::filesystem::exists(whole / "CMakeLists.txt", error)) return Project(whole, true);
    if (!filesWith(whole, ".plugin.json").empty()) return Project(whole, false);
    return base::Error{base::Code::NotFound,
                       whole.string() +
                           " has neither a CMakeLists.txt nor a program's *.plugin.json: begin a "
                           "plugin with hearback plugin new NAME"};
}

bool Project::build(Console& console, const std::function<bool()>& stops) const {
    if (!is_built_) return true;
    const base::SystemClock clock;
    const base::Micros began = clock.steady();
    const std::string tree = (folder_ / "build").string();
    std::vector<std::vector<std::string>> steps = {
        {"cmake", "--build", tree, "--parallel",
         std::to_string(std::max(1U, std::thread::hardware_concurrency()))}};
    if (!isConfigured(tree)) {
        std::vector<std::string> words = {"cmake", "-S", folder_, "-B", tree};
        if (std::string place = placeOfSdk(); !place.empty()) words.push_back(std::move(place));
        steps.insert(steps.begin(), std::move(words));
    }
    console.say("build", folder_.filename());
    for (const auto& step : steps) {
        const Finished finished = run(step, folder_, stops);
        if (finished.code == 0) continue;
        if (stops()) return false;
        console.quote(finished.out);
        console.say("build", "failed", Style::Red);
        return false;
    }
    const double seconds = static_cast<double>(clock.steady() - began) / 1e6;
    std::ostringstream took;
    took.precision(1);
    took << std::fixed << "done in " << seconds << " s";
    console.say("build", took.str(), Style::Green);
    return true;
}

bool Project::check(const loader::PluginFile& plugin, Console& console,
                    const std::function<bool()>& stops) const {
    std::error_code error;
    const auto program = app::programDirectory() / "hearback-check";
    if (!std::filesystem::exists(program, error)) {
        console.say("check", "there is no hearback-check: install hearback-sdk", Style::Yellow);
        return true;
    }
    std::vector<std::string> words = {program, "--level", "1"};
    if (std::filesystem::exists(planFile(), error))
        words.insert(words.end(), {"--config", planFile()});
    words.push_back(plugin.path);
    const Finished finished = run(words, folder_, stops);
    if (stops()) return false;
    if (finished.code != 0) console.quote(failuresIn(finished.out));
    console.say("check", lastLineOf(finished.out), finished.code == 0 ? Style::Green : Style::Red);
    return finished.code == 0;
}

std::optional<loader::PluginFile> Project::plugin(Console& console) const {
    const auto found = is_built_ ? filesWith(folder_ / "build/plugins", ".so")
                                 : filesWith(folder_, ".plugin.json");
    if (found.size() != 1) {
        console.say("plugin",
                    found.empty() ? "the build makes no library in build/plugins: "
                                    "hearback_add_plugin() does"
                                  : "there is more than one plugin in " +
                                        found.front().parent_path().string() +
                                        ": remove what is left of an older name",
                    Style::Red);
        return std::nullopt;
    }
    auto file = loader::inspectPlugin(found.front());
    if (!file.problem.empty()) {
        console.say("plugin", found.front().filename().string() + " " + file.problem, Style::Red);
        return std::nullopt;
    }
    return file;
}

} // namespace hearback::cli::dev
