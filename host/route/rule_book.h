// The rules in force: a router that can be replaced while messages flow. Each group of messages is
// routed by one set of rules, the old or the new. Any thread.
#pragma once

#include "route/router.h"

#include <memory>
#include <mutex>
#include <utility>

namespace hearback::route {

class RuleBook final : public pipeline::Stage {
  public:
    explicit RuleBook(std::shared_ptr<Router> router) : router_(std::move(router)) {}

    void process(std::vector<pipeline::Batch>& group) override { now()->process(group); }
    // What is in force; stays usable when it is replaced.
    std::shared_ptr<Router> now() const {
        const std::lock_guard lock(mutex_);
        return router_;
    }
    void replace(std::shared_ptr<Router> router) {
        const std::lock_guard lock(mutex_);
        router_ = std::move(router);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<Router> router_;
};

} // namespace hearback::route
