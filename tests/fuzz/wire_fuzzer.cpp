// The SDK's views over bytes of the wire: nothing comes out of them but protozero::exception.
#include "fuzz/promise.h"

#include <hearback/sdk/delivery_json.hpp>
#include <hearback/sdk/ingress.hpp>

using namespace hearback;
using hearback::fuzz::require;

namespace {

template <class Read>
void tryTo(Read&& read) {
    try {
        read();
    } catch (const protozero::exception&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::toText(data, size);
    const auto within = [&](std::string_view view) {
        require(view.empty() || (view.data() >= bytes.data() &&
                                 view.data() + view.size() <= bytes.data() + bytes.size()),
                "a view is within the bytes");
    };
    tryTo([&] {
        eachMessage(bytes, [&](const MessageView& message) {
            within(message.external_id);
            within(message.text);
            within(message.author.handle);
            for (const auto& [key, value] : message.attributes) within(value);
        });
    });
    tryTo([&] {
        eachDelivery(bytes, [&](std::uint32_t, const DeliveryView& delivery) {
            within(delivery.idempotency_key);
            for (const std::string_view tag : delivery.route.tags) within(tag);
            // The host writes valid UTF-8 only; a sink replaces what is not.
            const auto replace = nlohmann::json::error_handler_t::replace;
            require(!toJson(delivery).dump(-1, ' ', false, replace).empty(), "JSON can be written");
        });
    });
    tryTo([&] {
        const Request request(bytes);
        within(request.body);
        within(request.header("webhook-id"));
    });
    return 0;
}
