// Everything that a plugin of its kind does, once, in the order in which a host does it.
#pragma once

#include "check/reading.h"

#include <string>
#include <vector>

namespace hearback::check {

struct Step {
    std::string function;
    Said said;
};

// Data calls of a running instance: with the plan's data, or the kit's own.
std::vector<Step> useOnce(Bench& bench, Subject& subject);
// The same, with configure, check, start and stop around it. Ends early where one of them fails.
std::vector<Step> walk(Bench& bench, Subject& subject);
// The first step that is neither OK, AGAIN nor END; null: there is none.
const Step* firstBad(const std::vector<Step>& steps);

} // namespace hearback::check
