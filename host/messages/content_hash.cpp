#include "messages/content_hash.h"

#include "base/fingerprint.h"

#include <cstring>
#include <map>
#include <string>

namespace hearback::messages {

std::int64_t contentHash(const v1::FeedbackMessage& message) {
    base::Fingerprint print;
    print.add(message.text()).add(message.subject());
    std::int64_t rating_bits = 0;
    const double rating = message.has_rating() ? message.rating().value() : -1;
    static_assert(sizeof rating_bits == sizeof rating);
    std::memcpy(&rating_bits, &rating, sizeof rating);
    print.add(rating_bits).add(message.deleted_at_us() != 0 ? 1 : 0);
    // The map of the message has no order of its own.
    const std::map<std::string, std::string> attributes(message.attributes().begin(),
                                                        message.attributes().end());
    for (const auto& [key, value] : attributes) print.add(key).add(value);
    return print.value();
}

} // namespace hearback::messages
