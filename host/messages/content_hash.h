// A number for what a message says, stored with it to tell an edit from a repeat.
#pragma once

#include "hearback/v1/feedback.pb.h"

#include <cstdint>

namespace hearback::messages {

// Over the text, subject, rating, attributes and whether it was deleted; not over counts such as
// likes, which change without anybody saying anything.
std::int64_t contentHash(const v1::FeedbackMessage& message);

} // namespace hearback::messages
