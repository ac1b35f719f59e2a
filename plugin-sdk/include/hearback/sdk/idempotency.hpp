// What keeps a second attempt from doing it twice: of an action, or of a sink.
#pragma once

#include <cstdint>
#include <string_view>

namespace hearback {

// The numbers of hearback/v1/action.proto.
enum class Idempotency : std::int32_t {
    Unspecified = 0, // as None
    VendorKey = 1,   // the remote side knows the key
    NaturalKey = 2,  // doing it again changes nothing
    LookBeforeWrite = 3,
    None = 4 // after an unclear outcome the host does not try again: a person has to look
};

// As a manifest has it.
constexpr std::string_view wordOf(Idempotency idempotency) {
    switch (idempotency) {
    case Idempotency::VendorKey: return "vendor_key";
    case Idempotency::NaturalKey: return "natural_key";
    case Idempotency::LookBeforeWrite: return "look_before_write";
    default: return "none";
    }
}

} // namespace hearback
