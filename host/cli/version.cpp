#include "app/version.h"

#include "cli/commands.h"
#include "cli/exit_codes.h"

#include "hearback/plugin/abi.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

int runVersion(const CommonOptions& common) {
    if (common.json)
        std::printf("%s\n", nlohmann::json{{"version", app::kVersion},
                                           {"plugin_abi", {HB_ABI_MAJOR, HB_ABI_MINOR}},
                                           {"schema_level", HB_SCHEMA_LEVEL}}
                                .dump()
                                .c_str());
    else
        std::printf("hearback %s (plugin ABI %d.%d)\n", app::kVersion, HB_ABI_MAJOR, HB_ABI_MINOR);
    return kDone;
}

} // namespace hearback::cli
