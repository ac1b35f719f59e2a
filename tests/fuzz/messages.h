// What the house promises of every message that it takes in, whatever a plugin wrote.
#pragma once

#include "intake/batch_reader.h"

#include <string_view>

namespace hearback::fuzz {

inline constexpr base::Micros kNow = 1772452800 * base::kSecond; // 2026-03-02 12:00 UTC

// Every string is valid UTF-8 and every field within its limit; normalised once more, it stays as
// it is.
void requireNormal(const v1::FeedbackMessage& message);

// The same bytes for the same message: the entries of a map have no order of their own.
std::string bytesOf(const google::protobuf::Message& message);

// The batch with all of its messages held against their promises; none where it cannot be read.
base::Result<intake::ReadBatch> requireSound(std::string_view batch);

} // namespace hearback::fuzz
