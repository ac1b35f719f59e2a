#include "cli/sdk_place.h"

#include "app/plugins.h"

namespace hearback::cli {

std::filesystem::path templatesOfSdk() {
    return app::programDirectory().parent_path() / "share/hearback/templates";
}

std::string placeOfSdk() {
    std::error_code error;
    const std::filesystem::path prefix = app::programDirectory().parent_path();
    if (std::filesystem::exists(prefix / "lib/cmake/HearbackSDK", error))
        return prefix == "/usr" || prefix == "/usr/local"
                   ? ""
                   : "-DCMAKE_PREFIX_PATH=" + prefix.string();
    // In a build tree the templates are a link into the checkout.
    const auto sdk = std::filesystem::canonical(templatesOfSdk(), error).parent_path();
    if (error || !std::filesystem::exists(sdk / "cmake/HearbackSDKConfig.cmake", error)) return "";
    return "-DHearbackSDK_DIR=" + (sdk / "cmake").string();
}

} // namespace hearback::cli
