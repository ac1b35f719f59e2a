// What a plugin hands over as a batch: any bytes.
#include "fuzz/messages.h"
#include "fuzz/promise.h"
#include "intake/wire_repair.h"

using namespace hearback;
using hearback::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::toText(data, size);
    (void)fuzz::requireSound(bytes);
    const auto& type = *v1::FeedbackBatch::descriptor();
    const auto repaired = intake::repairStrings(type, bytes);
    if (!repaired) return 0;
    v1::FeedbackBatch batch;
    (void)batch.ParseFromString(repaired->bytes);
    const auto again = intake::repairStrings(type, repaired->bytes);
    require(again && again->originals.empty() && again->bytes == repaired->bytes,
            "what is repaired stays as it is");
    return 0;
}
