// RSS and Atom documents: every entry becomes a message.
#include "feed_document.h"
#include "fuzz/messages.h"
#include "fuzz/plugin.h"
#include "fuzz/promise.h"

#include <algorithm>

using namespace hearback;
using hearback::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Channel channel("feed", R"({"url": "https://example.org/feed"})");
    const std::string_view bytes = fuzz::toText(data, size);
    const auto parsed = feed::parseFeed(bytes);
    const auto answer = channel.decode(bytes);
    const auto* found = std::get_if<feed::Feed>(&parsed);
    require((found != nullptr) == (answer.status == HB_OK), "what is no feed is refused");
    if (found == nullptr) return 0;
    require(found->ttl_s >= 0 && found->ttl_s <= 86400, "a feed is asked for within a day");
    require(std::is_sorted(found->entries.begin(), found->entries.end(),
                           [](const feed::Entry& a, const feed::Entry& b) {
                               return a.published_at_us < b.published_at_us;
                           }),
            "the oldest entry comes first");
    const auto read = fuzz::requireSound(answer.bytes);
    require(static_cast<bool>(read), "a batch can be read");
    for (const auto& letter : read->batch.dead_letters)
        require(false, "every entry becomes a message", letter.cause);
    require(read->batch.items.size() == found->entries.size(), "no entry is lost");
    return 0;
}
