// One encoded message from a plugin to one that the house can rely on: valid UTF-8 in NFC, plain
// text, sane times, everything bounded. Where the text had to be changed, the original is kept.
#pragma once

#include "base/clock.h"
#include "pipeline/batch.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace hearback::intake {

// Limits of a message; what is longer is cut and its original kept.
inline constexpr std::size_t kTextMax = 64 << 10;
inline constexpr std::size_t kOriginalMax = 256 << 10;
inline constexpr std::size_t kSubjectMax = 1024;
inline constexpr std::size_t kNameMax = 512;
inline constexpr std::size_t kUrlMax = 4096;
inline constexpr std::size_t kIdMax = 512;
inline constexpr int kAttributesMax = 64;
inline constexpr std::size_t kAttributeKeyMax = 64;
inline constexpr std::size_t kAttributeValueMax = 4096;
inline constexpr int kAttachmentsMax = 64;

struct Origin {
    std::string source;
    std::string plugin; // the channel of messages that name none
};

// The message, or why it cannot be one.
std::variant<v1::FeedbackMessage, std::string> normalise(std::string_view encoded,
                                                         const Origin& origin, base::Micros now);

} // namespace hearback::intake
