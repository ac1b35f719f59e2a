// An instance as the rest of the host sees it, wherever it runs: what it says about its failures
// has lost its secrets, and what it left to be done ends with it.
#pragma once

#include "loader/plugin_instance.h"
#include "runtime/local_services.h"

#include <memory>

namespace hearback::runtime {

class GuardedInstance final : public loader::PluginInstance {
  public:
    // `services`: those of the instance, which has them as long as it lives.
    GuardedInstance(std::shared_ptr<loader::PluginInstance> inner, LocalServices& services)
        : inner_(std::move(inner)), services_(services) {}

    const std::string& name() const override { return inner_->name(); }
    const loader::PluginManifest& manifest() const override { return inner_->manifest(); }
    std::size_t maxInflight() const override { return inner_->maxInflight(); }
    bool can(loader::Method method) const override { return inner_->can(method); }
    pipeline::Answer run(const loader::Call& call) override {
        pipeline::Answer answer = inner_->run(call);
        if (call.method == loader::Method::Stop) services_.forgetWake();
        return redacted(std::move(answer));
    }
    void cancel() override { inner_->cancel(); }
    // A program of its own says itself what it receives.
    std::vector<pipeline::Route> routes() const override {
        return manifest().doesNeed("ingress") ? inner_->routes() : std::vector<pipeline::Route>();
    }
    void onWake(std::function<void()> wake) override { inner_->onWake(std::move(wake)); }
    pipeline::Answer health() const override { return redacted(inner_->health()); }

  private:
    pipeline::Answer redacted(pipeline::Answer answer) const {
        if (!answer.text.empty()) answer.text = services_.redacted(answer.text);
        return answer;
    }

    const std::shared_ptr<loader::PluginInstance> inner_;
    LocalServices& services_;
};

} // namespace hearback::runtime
