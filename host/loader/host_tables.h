// The host's side of the boundary: the C tables that plugins call.
#pragma once

#include "hearback/plugin/host_services.h"

namespace hearback::loader {

class Instance;

// The core table for an instance; it leads to the other ones.
hb_host hostTable(Instance& instance);

} // namespace hearback::loader
