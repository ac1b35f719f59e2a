// The program: reads what the author gives, runs each test in a process of its own, reports.
#pragma once

#include "check/options.h"

namespace hearback::check {

int run(const Options& options);

} // namespace hearback::check
