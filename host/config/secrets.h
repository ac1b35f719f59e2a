// Secrets stand in the configuration as references: env:NAME, file:PATH.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace hearback::config {

bool isSecretReference(std::string_view text);

// The secret itself; `folder` is what a relative path is relative to. The error names the
// reference, never the secret.
base::Result<std::string> resolveSecret(std::string_view reference,
                                        const std::filesystem::path& folder);

// The file that a reference names; empty for any other.
std::filesystem::path secretFile(std::string_view reference, const std::filesystem::path& folder);

} // namespace hearback::config
