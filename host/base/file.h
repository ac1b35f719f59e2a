// Whole small files.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace hearback::base {

// Refuses a file of more than `max_bytes`.
Result<std::string> readFile(const std::filesystem::path& path, std::size_t max_bytes);

// Either the old content or the whole new one is there, whatever happens.
Result<void> writeFile(const std::filesystem::path& path, std::string_view content);

} // namespace hearback::base
