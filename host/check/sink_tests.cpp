// Level 1: what sinks answer.
#include "check/bench.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/traces.h"

#include "base/utf8.h"

namespace hearback::check {

namespace {

void writeResults(Bench& bench) {
    answerEverything(bench);
    Subject& subject = bench.started();
    const auto batch = deliveriesOf("results", 3);
    const Said said = subject.write(batch.SerializeAsString());
    if (!bench.hasOwnSettings() && !said.isOk() && said.status != HB_INTERNAL)
        bench.skip("give [settings]: with those made from the schema, write() gives " +
                   describe(said));
    bench.expect(said.isOk(), "write() of ordinary messages is OK", "it gives " + describe(said));
    const auto fates = fatesOf(said, 3);
    bench.expect(fates.has_value(),
                 "results name each delivery of the batch once at most, by its index",
                 "they do not, or are no DeliveryResults");
    for (std::size_t i = 0; i < fates->size(); ++i) {
        const Fate& fate = (*fates)[i];
        const std::string which = "delivery " + std::to_string(i);
        bench.expect(fate.status >= HB_OK && fate.status <= HB_LIMIT,
                     "a result has a status of abi.h", which + " has " + nameOfStatus(fate.status));
        bench.expect(fate.isDelivered(), "ordinary messages are delivered",
                     which + " is not: " + nameOfStatus(fate.status) + " " + fate.text);
    }
    const Said flushed = subject.flush();
    bench.expect(flushed.isOk(), "flush() after it is OK", "it gives " + describe(flushed));
}

// A refusal of every request, so that there is something to say.
void writeTexts(Bench& bench) {
    answerEverything(bench, [](const std::string&) { return 422; });
    const auto batch = deliveriesOf("texts", 3);
    const Said said = bench.started().write(batch.SerializeAsString());
    const auto fates = fatesOf(said, 3);
    if (!fates) bench.skip("see write/results");
    bool has_failed = false;
    for (std::size_t i = 0; i < fates->size(); ++i) {
        const Fate& fate = (*fates)[i];
        if (fate.isDelivered()) continue;
        has_failed = true;
        bench.expect(!fate.text.empty() && base::isUtf8(fate.text),
                     "a delivery that failed says why",
                     "that of index " + std::to_string(i) + " has no text in valid UTF-8");
        bench.expect(fate.text.find(markerOf("texts", i)) == std::string::npos,
                     "no text for the operator holds what a person wrote",
                     "that of index " + std::to_string(i) + " holds the message");
    }
    if (!has_failed) bench.skip("none of its deliveries fails where every request is refused");
}

std::vector<v1::Delivery> hardDeliveries() {
    std::vector<v1::Delivery> all;
    std::size_t number = 0;
    for (const std::string& text : hardTexts()) all.push_back(deliveryOf("hard", number++, text));
    v1::Delivery bare;
    bare.set_idempotency_key("bare");
    bare.mutable_message()->set_external_id("bare");
    all.push_back(bare);
    v1::Delivery deleted = deliveryOf("hard", number++, "");
    deleted.mutable_message()->set_deleted_at_us(deleted.message().occurred_at_us() + 1);
    all.push_back(deleted);
    v1::Delivery full = deliveryOf("hard", number++, "all that there is");
    for (int i = 0; i < 64; ++i)
        (*full.mutable_message()->mutable_attributes())["key" + std::to_string(i)] =
            std::string(4096, 'v');
    full.mutable_message()->set_original_text("\xff\xfe\x00bytes");
    full.mutable_message()->mutable_rating()->set_value(1e308);
    all.push_back(full);
    return all;
}

void writeHardMessages(Bench& bench) {
    answerEverything(bench);
    Subject& subject = bench.started();
    const auto must = [&](const std::string& batch, const std::string& what) {
        Said said = subject.write(batch);
        bench.expect(said.isKnown() && said.status != HB_INTERNAL,
                     "a message that cannot be delivered is refused with a reason",
                     "for " + what + " write() gives " + describe(said));
        return said;
    };
    const Said none = must("", "no delivery at all");
    bench.expect(none.isOk(), "an empty batch is delivered", "it gives " + describe(none));
    v1::DeliveryBatch together;
    for (const v1::Delivery& delivery : hardDeliveries()) {
        v1::DeliveryBatch one;
        *one.add_deliveries() = delivery;
        must(one.SerializeAsString(), "\"" + delivery.message().external_id() + "\" of " +
                                          std::to_string(delivery.message().text().size()) +
                                          " bytes of text");
        *together.add_deliveries() = delivery;
        together.mutable_deliveries()->rbegin()->set_idempotency_key(delivery.idempotency_key() +
                                                                     "-together");
    }
    must(together.SerializeAsString(), "many of them");
    const Said said = subject.write("\xff\xff\xff\xff");
    bench.expect(!said.isOk(), "bytes that are no DeliveryBatch are refused", "they are OK");
    const Said after = must(deliveriesOf("after", 1).SerializeAsString(), "an ordinary message");
    (void)after;
}

constexpr std::string_view kSink = "hearback/plugin/sink.h";

constexpr Test kTests[] = {
    {"write/results", 1, kSinks, "Ordinary messages are delivered, and results name them by index",
     "schemas/hearback/v1/delivery.proto", "Position in the batch", writeResults},
    {"write/texts", 1, kSinks, "A delivery that fails says why, without the person's words",
     "schemas/hearback/v1/delivery.proto", "No message text, no secret", writeTexts},
    {"write/hard-messages", 1, kSinks,
     "Every message is delivered or refused: empty, deleted, full, of every script", kSink,
     "Takes a hearback.v1.DeliveryBatch", writeHardMessages, 30},
};

} // namespace

std::span<const Test> sinkTests() { return kTests; }

} // namespace hearback::check
