#include "base/check.h"

#include "base/log.h"

#include <cstdlib>

namespace hearback::base {

void assertionFailed(const char* condition, const char* file, int line) noexcept {
    logError("base", "broken invariant",
             {{"condition", condition}, {"file", file}, {"line", line}});
    std::abort();
}

} // namespace hearback::base
