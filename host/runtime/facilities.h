// What all instances share beside the services of the house: made once, with them.
#pragma once

#include "runtime/budgets.h"
#include "runtime/oauth.h"
#include "runtime/scheduler.h"
#include "runtime/services.h"

namespace hearback::runtime {

struct Facilities {
    explicit Facilities(Services& all)
        : services(all), budgets(all.clock, all.metrics, all.kv), oauth(all.clock, all.kv),
          scheduler(all.clock) {}

    Services& services;
    Budgets budgets;
    OAuth oauth;
    Scheduler scheduler;
};

} // namespace hearback::runtime
