#include "check/walk.h"

#include "check/bench.h"
#include "check/samples.h"

#include <algorithm>

namespace hearback::check {

namespace {

constexpr std::size_t kPolls = 8;
constexpr int kRejects = 3;

class Walk {
  public:
    Walk(Bench& bench, Subject& subject) : bench_(bench), subject_(subject) {}

    void use() {
        if (const auto* source = subject_.source()) {
            if (source->poll != nullptr) poll();
            receive();
            decode();
        }
        if (const auto* actions = subject_.actions(); actions != nullptr) act();
        if (subject_.classifier() != nullptr)
            note("classify",
                 subject_.classify(questionOf(ordinaryTexts(bench_.plan())).SerializeAsString()));
        if (subject_.sink() != nullptr) {
            note("write", subject_.write(deliveriesOf("walk", 3).SerializeAsString()));
            note("flush", subject_.flush());
        }
    }

    bool note(const char* function, Said said) {
        const bool ok = said.isOk();
        steps.push_back({function, std::move(said)});
        return ok;
    }

    std::vector<Step> steps;

  private:
    void poll() {
        for (std::size_t i = 0; i < kPolls; ++i) {
            pipeline::PollLimits limits;
            limits.timeout_ms = 50;
            limits.max_items = 16;
            const Said said = subject_.poll(limits);
            const bool goes_on = note("poll", said);
            keepRejects(said.bytes);
            if (goes_on || !said.bytes.empty())
                note("ack", subject_.ack(subject_.lastBatch(), HB_VERDICT_STORED));
            if (!goes_on) return;
        }
    }

    void receive() {
        const auto routes = subject_.host().heard().routes;
        if (routes.empty()) return;
        for (const RequestToSend& request : bench_.plan().requests) {
            const auto now = base::SystemClock().now();
            const Said said =
                subject_.receive(routes.front(), ingressOf(request, now).SerializeAsString());
            note("receive", said);
            v1::IngressReply reply;
            if (reply.ParseFromString(said.bytes)) keepRejects(reply.batch().SerializeAsString());
        }
    }

    void keepRejects(const std::string& bytes) {
        const auto batch = batchOf(bytes);
        if (!batch) return;
        for (const auto& reject : batch->content.rejects()) rejects_.push_back(reject.payload());
    }

    void decode() {
        if (subject_.source()->decode == nullptr) return;
        rejects_.emplace_back("no such thing");
        for (std::size_t i = 0; i < std::min<std::size_t>(rejects_.size(), kRejects); ++i)
            note("decode", subject_.decode(rejects_[i]));
    }

    void act() {
        v1::CapabilitiesRequest request;
        note("capabilities", subject_.capabilities(request.SerializeAsString()));
        *request.mutable_target() = targetOf("1");
        note("capabilities", subject_.capabilities(request.SerializeAsString()));
        for (const ActionToTry& each : bench_.plan().actions) {
            v1::Action action = actionOf(each, "walk");
            action.set_dry_run(true);
            note("act", subject_.act(action.SerializeAsString()));
        }
    }

    Bench& bench_;
    Subject& subject_;
    std::vector<std::string> rejects_;
};

} // namespace

std::vector<Step> useOnce(Bench& bench, Subject& subject) {
    Walk all(bench, subject);
    all.use();
    return std::move(all.steps);
}

std::vector<Step> walk(Bench& bench, Subject& subject) {
    Walk all(bench, subject);
    if (!all.note("configure", subject.configure(bench.settings()))) return std::move(all.steps);
    if (subject.table().check != nullptr) all.note("check", subject.check());
    if (!all.note("start", subject.start())) return std::move(all.steps);
    all.use();
    all.note("stop", subject.stop());
    return std::move(all.steps);
}

const Step* firstBad(const std::vector<Step>& steps) {
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [](const Step& step) { return step.said.needsText(); });
    return found == steps.end() ? nullptr : &*found;
}

} // namespace hearback::check
