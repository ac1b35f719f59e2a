#include "config/secrets.h"

#include "base/file.h"

#include <cstdlib>

namespace hearback::config {

namespace {

constexpr std::string_view kEnv = "env:";
constexpr std::string_view kFile = "file:";
constexpr std::size_t kSecretMax = 64 << 10;

} // namespace

bool isSecretReference(std::string_view text) {
    return text.starts_with(kEnv) || text.starts_with(kFile);
}

std::filesystem::path secretFile(std::string_view reference, const std::filesystem::path& folder) {
    if (!reference.starts_with(kFile)) return {};
    return folder / reference.substr(kFile.size());
}

base::Result<std::string> resolveSecret(std::string_view reference,
                                        const std::filesystem::path& folder) {
    if (reference.starts_with(kEnv)) {
        const std::string name(reference.substr(kEnv.size()));
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0')
            return base::Error{base::Code::NotFound,
                               "the environment variable " + name + " is not set"};
        return std::string(value);
    }
    if (reference.starts_with(kFile)) {
        auto content = base::readFile(secretFile(reference, folder), kSecretMax);
        if (!content) return content.error();
        // The newline that an editor leaves at the end is not meant.
        while (!content->empty() && (content->back() == '\n' || content->back() == '\r'))
            content->pop_back();
        if (content->empty())
            return base::Error{base::Code::Invalid, std::string(reference) + " is empty"};
        return std::move(*content);
    }
    return base::Error{base::Code::Invalid,
                       "must refer to a secret: \"env:NAME\" or \"file:PATH\""};
}

} // namespace hearback::config
