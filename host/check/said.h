// What one call into a plugin came to, as the host's side saw it.
#pragma once

#include "base/clock.h"

#include "hearback/plugin/abi.h"

#include <cstdint>
#include <string>

namespace hearback::check {

struct Said {
    hb_status status = HB_OK;
    std::string text;   // told by set_error() in this call, by the plugin or a service of the host
    std::string detail; // JSON, of the same
    std::int64_t retry_after_ms = 0;
    std::string bytes;         // what it wrote
    bool was_refused = false;  // the writer took less than the plugin had
    bool wrote_beyond = false; // bytes behind those that it had reserved were changed
    base::Micros took = 0;

    bool isOk() const { return status == HB_OK; }
    // OK, AGAIN and END go without a text.
    bool needsText() const { return status != HB_OK && status != HB_AGAIN && status != HB_END; }
    bool isKnown() const { return status >= HB_OK && status <= HB_LIMIT; }
};

// "UNAVAILABLE"; the number of one that is not known.
std::string nameOfStatus(hb_status status);
// "UNAVAILABLE (the shop answers 500)"
std::string describe(const Said& said);

} // namespace hearback::check
