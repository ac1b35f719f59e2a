// Repairs broken UTF-8 in an encoded message. Protobuf refuses to read a message with a broken
// string, so the mend must come before the reading.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback::intake {

struct Repaired {
    std::string bytes;
    // What was broken: the field's path ("author.display_name") and its bytes as they came.
    std::vector<std::pair<std::string, std::string>> originals;
};

// None where the bytes are no message at all.
std::optional<Repaired> repairStrings(const google::protobuf::Descriptor& type,
                                      std::string_view bytes);

} // namespace hearback::intake
