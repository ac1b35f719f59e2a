// What becomes of a row after an attempt.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "deliver/outbox_row.h"
#include "pipeline/plugins.h"

#include "hearback/v1/delivery.pb.h"

namespace hearback::deliver {

// How long a row may be put off by an endpoint that says it gets too much.
inline constexpr base::Micros kPatience = 7 * base::kDay;

// Somebody has to mend the settings or the credentials: no fault of the deliveries, which wait.
bool needsPeople(pipeline::Verdict verdict);
// It is not known whether the other side has it.
bool isUnclear(pipeline::Verdict verdict);

// Writes state, attempts, times and cause into the row. `may_repeat`: whether a second attempt is
// kept from doing it twice.
void applyResult(OutboxRow& row, const v1::DeliveryResult& result, bool may_repeat,
                 base::Micros now, base::Random& random);

// Claimed and never to be sent: its time is over, or an earlier attempt may have arrived. False
// where it can be sent.
bool endBeforeSending(OutboxRow& row, bool may_repeat, base::Micros now);

} // namespace hearback::deliver
