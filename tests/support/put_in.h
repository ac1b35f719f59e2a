// What a test has put into the house, in the order in which its sources have it: the other side of
// the scales on which checkInvariants() lays what the house has kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hearback::testing {

struct Input {
    std::string external_id;
    std::int64_t revision = -1; // -1: not numbered
    std::string text;           // of a reject: its bytes
    bool is_deletion = false;
    bool is_reject = false;
    // The house has said that it is stored.
    bool is_acknowledged = false;
};

// By source. A checkpoint is the number of inputs before it, in digits.
using PutIn = std::map<std::string, std::vector<Input>>;

} // namespace hearback::testing
