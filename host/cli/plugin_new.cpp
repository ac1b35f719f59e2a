#include "app/plugins.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/scaffold.h"
#include "cli/sdk_place.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

bool write(const std::filesystem::path& folder, const std::map<std::string, std::string>& files) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        complain("cannot make the folder " + folder.string() + ": " + error.message());
        return false;
    }
    for (const auto& [name, content] : files) {
        const auto written = base::writeFile(folder / name, content);
        if (!written) {
            complain(written.error());
            return false;
        }
    }
    return true;
}

} // namespace

int runPluginNew(const CommonOptions& common, const NewPluginOptions& options) {
    if (const std::string why = whyNoName(options.name); !why.empty()) {
        complain(why);
        return kUsage;
    }
    const loader::Catalog shipped(app::shippedDirectories());
    if (shipped.find(options.name)) {
        complain("Hearback has a plugin \"" + options.name +
                 "\" of its own, and two of one name cannot be used: choose another");
        return kUsage;
    }
    NewPlugin plugin{options.name, options.kind, options.lang, {}};
    plugin.folder = std::filesystem::absolute(options.dir.empty() ? options.name : options.dir)
                        .lexically_normal();
    std::error_code error;
    if (std::filesystem::exists(plugin.folder, error)) {
        complain(plugin.folder.string() +
                 " is there already: choose another name, or another folder with --dir");
        return kFailed;
    }
    const auto files = scaffold(templatesOfSdk(), plugin);
    if (!files) {
        complain(files.error());
        return files.error().code == base::Code::Unsupported ? kUsage : kFailed;
    }
    if (!write(plugin.folder, *files)) return kFailed;

    const std::string place = placeOfSdk();
    const std::vector<std::string> next = {
        "cd " + plugin.folder.string(), "cmake -B build" + (place.empty() ? "" : " " + place),
        "cmake --build build", "ctest --test-dir build --output-on-failure"};
    if (common.json) {
        auto names = nlohmann::json::array();
        for (const auto& [name, content] : *files) names.push_back(name);
        std::printf(
            "%s\n",
            nlohmann::json{{"folder", plugin.folder.string()}, {"files", names}, {"next", next}}
                .dump(2)
                .c_str());
        return kDone;
    }
    std::printf("%s is a %s that works; %s says how to run it. Next:\n",
                styled(Style::Bold, plugin.name).c_str(), plugin.kind.c_str(),
                (plugin.folder / "README.md").c_str());
    for (const std::string& line : next) std::printf("  %s\n", line.c_str());
    return kDone;
}

} // namespace hearback::cli
