#include "deliver/sink_carrier.h"

namespace hearback::deliver {

using pipeline::Verdict;

v1::DeliveryResult failed(Verdict verdict, const std::string& text) {
    v1::DeliveryResult result;
    result.set_status(static_cast<int>(verdict));
    result.set_text(text);
    return result;
}

std::string keyOf(const std::string& installation, const OutboxRow& row) {
    std::string key = "hb_" + installation + "_" + std::to_string(row.created_at / base::kSecond) +
                      "_" + std::to_string(row.id);
    if (row.replays > 0) key += "_r" + std::to_string(row.replays);
    return key;
}

std::vector<v1::DeliveryResult> SinkCarrier::send(const std::vector<OutboxRow>& rows) {
    std::vector<v1::DeliveryResult> results(rows.size());
    v1::DeliveryBatch batch;
    std::vector<std::size_t> sent;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto loaded = load_(rows[i].message_id, rows[i].revision);
        if (!loaded) {
            results[i] = failed(Verdict::Unavailable, loaded.error().message);
            results[i].set_untried(true);
        } else if (!*loaded) {
            results[i] = failed(Verdict::ItemInvalid, "the message is not there any more");
        } else {
            v1::Delivery& delivery = *batch.add_deliveries();
            delivery = std::move(**loaded);
            delivery.set_idempotency_key(keyOf(installation_, rows[i]));
            delivery.set_attempt(static_cast<std::int32_t>(rows[i].attempts + 1));
            delivery.set_remote_id(rows[i].earlier_remote_id);
            sent.push_back(i);
        }
    }
    if (sent.empty()) return results;
    const pipeline::Answer answer = sink_.write(next_batch_++, batch.SerializeAsString());
    v1::DeliveryResult shared = failed(answer.verdict, answer.text);
    shared.set_retry_after_ms(answer.retry_after / base::kMillisecond);
    for (const std::size_t i : sent) results[i] = shared;
    v1::DeliveryResults named;
    if (named.ParseFromString(answer.bytes)) {
        // An index outside the batch is a defect of the sink's; what it meant cannot be known.
        for (const v1::DeliveryResult& result : named.results())
            if (result.index() < sent.size()) results[sent[result.index()]] = result;
    }
    return results;
}

} // namespace hearback::deliver
