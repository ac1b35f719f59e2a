#include "deliver/action_carrier.h"

#include "deliver/sink_carrier.h"

namespace hearback::deliver {

using pipeline::Answer;
using pipeline::Verdict;

namespace {

v1::DeliveryResult untried(Verdict verdict, const std::string& text) {
    v1::DeliveryResult result = failed(verdict, text);
    result.set_untried(true);
    return result;
}

v1::DeliveryResult resultOf(const Answer& answer) {
    v1::DeliveryResult result = failed(answer.verdict, answer.text);
    result.set_retry_after_ms(answer.retry_after / base::kMillisecond);
    if (!answer.isOk()) return result;
    v1::ActionResult done;
    if (!done.ParseFromString(answer.bytes) || done.state() == v1::ACTION_STATE_UNSPECIFIED)
        return failed(Verdict::Internal, "the plugin does not say what became of the action");
    result.set_remote_id(done.remote_id());
    if (done.state() != v1::ACTION_STATE_REJECTED) return result;
    result.set_status(
        static_cast<int>(done.retry_after_ms() > 0 ? Verdict::RateLimited : Verdict::ItemInvalid));
    result.set_retry_after_ms(done.retry_after_ms());
    result.set_text("the channel refused it: " + done.text());
    return result;
}

constexpr base::Micros kSourceStarts = base::kSecond;

bool isSafe(v1::Idempotency idempotency) {
    return idempotency == v1::IDEMPOTENCY_VENDOR_KEY ||
           idempotency == v1::IDEMPOTENCY_NATURAL_KEY ||
           idempotency == v1::IDEMPOTENCY_LOOK_BEFORE_WRITE;
}

} // namespace

Answer ActionCarrier::start() {
    if (!source_.acts()) return {Verdict::Unsupported, "", "the channel cannot act", 0};
    Answer answer = source_.capabilities(v1::CapabilitiesRequest().SerializeAsString());
    v1::Capabilities all;
    if (answer.isOk() && !all.ParseFromString(answer.bytes))
        return {Verdict::Internal, "", "the plugin does not say what it can do", 0};
    // Its source may be about to start.
    if (!answer.isOk()) answer.retry_after = kSourceStarts;
    note(all);
    return answer;
}

void ActionCarrier::note(const v1::Capabilities& all) {
    for (const v1::Capability& each : all.capabilities()) {
        if (isSafe(each.idempotency()))
            repeatable_.insert(each.kind());
        else
            repeatable_.erase(each.kind());
    }
}

bool ActionCarrier::mayRepeat(const OutboxRow& row) {
    const auto action = services_.orders.load(row.action_id);
    return action && *action && repeatable_.contains((*action)->kind());
}

std::vector<v1::DeliveryResult> ActionCarrier::send(const std::vector<OutboxRow>& rows) {
    std::vector<v1::DeliveryResult> results;
    results.reserve(rows.size());
    for (const OutboxRow& row : rows) results.push_back(sendOne(row));
    return results;
}

v1::DeliveryResult ActionCarrier::sendOne(const OutboxRow& row) {
    auto loaded = services_.orders.load(row.action_id);
    const auto target = services_.load(row.message_id);
    if (!loaded) return untried(Verdict::Unavailable, loaded.error().message);
    if (!target) return untried(Verdict::Unavailable, target.error().message);
    if (!*loaded || !*target)
        return untried(Verdict::ItemInvalid, "the message is not there any more");
    v1::Action action = std::move(**loaded);
    *action.mutable_target() = **target;
    action.set_target_external_id((*target)->external_id());
    if (auto refused = whyNot(action)) return std::move(*refused);
    action.set_idempotency_key(keyOf(services_.installation, row));
    action.set_attempt(static_cast<std::int32_t>(row.attempts + 1));
    action.set_deadline_us(row.not_after);
    return resultOf(source_.act(action.SerializeAsString()));
}

std::optional<v1::DeliveryResult> ActionCarrier::whyNot(const v1::Action& action) {
    v1::CapabilitiesRequest request;
    *request.mutable_target() = action.target();
    const Answer answer = source_.capabilities(request.SerializeAsString());
    v1::Capabilities all;
    if (!answer.isOk()) return untried(answer.verdict, answer.text);
    if (!all.ParseFromString(answer.bytes))
        return untried(Verdict::Internal, "the plugin does not say what it can do");
    note(all);
    for (const v1::Capability& each : all.capabilities()) {
        if (each.kind() != action.kind()) continue;
        if (each.available()) return std::nullopt;
        return untried(Verdict::ItemInvalid, "it cannot be done now: " + each.reason());
    }
    return untried(Verdict::Unsupported,
                   "the channel cannot do this about the message: " + nameOf(action.kind()));
}

} // namespace hearback::deliver
