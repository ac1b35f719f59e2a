// One message, field by field, so that the fuzzer need not keep up the lengths of the wire format.
// Pieces end with a zero byte; the first letter of a piece says which field the rest of it is.
#include "fuzz/messages.h"
#include "fuzz/promise.h"

#include <hearback/sdk/message_out.hpp>

#include <charconv>

using namespace hearback;
using hearback::fuzz::require;

namespace {

std::int64_t numberOf(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void addNumbers(MessageOut& message, char field, std::string_view value) {
    const std::int64_t number = numberOf(value);
    switch (field) {
    case 'w': message.occurredAt(number); break;
    case 'W': message.occurredAt(fuzz::kNow + number); break;
    case 'e': message.editedAt(number); break;
    case 'd': message.deletedAt(number); break;
    case 'R': message.revision(number); break;
    case 'k': message.kind(static_cast<Kind>(numberOf(value.substr(0, 9)))); break;
    case 'r': {
        const std::string_view low = fuzz::takeUntil(value, ' ');
        message.rating(static_cast<double>(number), static_cast<double>(numberOf(low)),
                       static_cast<double>(numberOf(value)));
        break;
    }
    default: break;
    }
}

void addAuthor(MessageOut& message, std::string_view value) {
    AuthorInfo author;
    author.external_id = fuzz::takeUntil(value, '|');
    author.handle = fuzz::takeUntil(value, '|');
    author.followers = numberOf(fuzz::takeUntil(value, '|'));
    author.url = fuzz::takeUntil(value, '|');
    author.display_name = value;
    message.author(author);
}

void addField(MessageOut& message, char field, std::string_view value) {
    switch (field) {
    case 'i': message.externalId(value); break;
    case 't': message.text(value); break;
    case 'h': message.text(value, TextFormat::Html); break;
    case 's': message.subject(value); break;
    case 'c': message.channel(value); break;
    case 'l': message.language(value); break;
    case 'g': message.conversation(value); break;
    case 'p': message.parent(value); break;
    case 'u': message.permalink(value); break;
    case 'A': addAuthor(message, value); break;
    case 'm': message.attachment(value, value, value, 1); break;
    case 'a': {
        const std::string_view key = fuzz::takeUntil(value, '=');
        message.attribute(key, value);
        break;
    }
    // Many attributes: "M64" is 64 of them.
    case 'M':
        for (std::int64_t i = 0; i < numberOf(value) % 200; ++i)
            message.attribute("many-" + std::to_string(i), "x");
        break;
    default: addNumbers(message, field, value);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    BatchOut batch;
    {
        MessageOut message = batch.add();
        message.externalId("7");
        for (std::string_view rest = fuzz::toText(data, size); !rest.empty();) {
            const std::string_view piece = fuzz::takeUntil(rest, '\0');
            if (!piece.empty()) addField(message, piece.front(), piece.substr(1));
        }
    }
    const auto read = fuzz::requireSound(batch.bytes());
    require(static_cast<bool>(read), "a batch of the SDK can be read");
    require(read->batch.items.size() + read->batch.dead_letters.size() == 1, "nothing is lost");
    return 0;
}
