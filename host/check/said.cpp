#include "check/said.h"

#include <array>

namespace hearback::check {

std::string nameOfStatus(hb_status status) {
    constexpr std::array kNames = {
        "OK",           "AGAIN",    "END",         "RATE_LIMITED", "UNAVAILABLE", "AUTH", "CONFIG",
        "ITEM_INVALID", "CONFLICT", "UNSUPPORTED", "CANCELLED",    "INTERNAL",    "LIMIT"};
    if (status < 0 || status >= static_cast<hb_status>(kNames.size()))
        return "status " + std::to_string(status);
    return kNames.at(static_cast<std::size_t>(status));
}

std::string describe(const Said& said) {
    return nameOfStatus(said.status) + (said.text.empty() ? "" : " (" + said.text + ")");
}

} // namespace hearback::check
