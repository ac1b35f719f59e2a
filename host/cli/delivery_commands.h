// The commands about what leaves: deliveries and actions.
#pragma once

#include "cli/commands.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::cli {

struct DeliveryOptions {
    std::vector<std::int64_t> ids;
    std::string sink; // or source, for actions
    std::vector<std::string> states;
    std::int64_t message = 0; // 0: any
    std::string since;
    std::string until;
    std::int64_t limit = 50;
    bool all = false;
};
int runDeliveriesList(const CommonOptions& common, const DeliveryOptions& options);
int runDeliveriesShow(const CommonOptions& common, std::int64_t id);
int runDeliveriesRetry(const CommonOptions& common, const DeliveryOptions& options);
int runDeliveriesCancel(const CommonOptions& common, const DeliveryOptions& options);
int runDeliveriesHold(const CommonOptions& common, const std::string& name, bool holds);
int runDeliveriesSample(const CommonOptions& common, const std::string& sink);

struct ActOptions {
    std::int64_t message = 0;
    std::string kind; // "reply"
    std::string text;
    std::string tag;
    std::string actor;
    std::string undo = "20s";
    std::string within; // empty: whenever it can be
};
int runAct(const CommonOptions& common, const ActOptions& options);

} // namespace hearback::cli
