// Where the SDK of this program is: its templates, and what CMake must be told to find it.
#pragma once

#include <filesystem>
#include <string>

namespace hearback::cli {

std::filesystem::path templatesOfSdk();

// A word for CMake; empty where it looks by itself.
std::string placeOfSdk();

} // namespace hearback::cli
