#include "intake/normalise.h"

#include "base/utf8.h"
#include "intake/html_text.h"
#include "intake/wire_repair.h"

#include "hearback/sdk/time.hpp"

#include <google/protobuf/stubs/logging.h>
#include <sodium.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <cmath>

namespace hearback::intake {

namespace {

// A clock of a channel's may run ahead; later than this is no time of writing.
constexpr base::Micros kFutureMax = base::kDay;
// 0001-01-01 and 9999-12-31.
constexpr base::Micros kTimeMin = -62135596800 * base::kSecond;
constexpr base::Micros kTimeMax = 253402300799 * base::kSecond;

std::string toBase64(const std::string& bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    text.resize(text.size() - 1);
    return text;
}

// Canonical composition (https://unicode.org/reports/tr15/), so that equal texts are equal bytes.
void compose(std::string& text) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error) != 0 || nfc->isNormalizedUTF8(text, error) != 0) return;
    std::string composed;
    icu::StringByteSink<std::string> sink(&composed);
    nfc->normalizeUTF8(0, text, sink, nullptr, error);
    if (U_FAILURE(error) == 0) text = std::move(composed);
}

// Line ends become \n, other control characters go, space at both ends goes.
void clean(std::string& text) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\r') {
            if (i + 1 < text.size() && text[i + 1] == '\n') continue;
            c = '\n';
        }
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) continue;
        text[kept++] = c;
    }
    text.resize(kept);
    const auto last = text.find_last_not_of(" \t\n");
    text.resize(last == std::string::npos ? 0 : last + 1);
    text.erase(0, std::min(text.find_first_not_of(" \t\n"), text.size()));
}

void cut(std::string& text, std::size_t max) {
    if (text.size() <= max) return;
    text.resize(base::truncateUtf8(text, max).size());
    // Space that now stands at the end goes too: what is normal stays as it is.
    text.resize(text.find_last_not_of(" \t\n") + 1);
}

void cleanLine(std::string* text, std::size_t max) {
    if (text->empty()) return;
    clean(*text);
    std::replace(text->begin(), text->end(), '\n', ' ');
    compose(*text);
    cut(*text, max);
}

void lower(std::string& text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
}

// What the host itself says of a message stands there first.
bool isNote(const std::string& key) { return key.rfind("hearback.", 0) == 0; }

bool hasControls(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

class Normaliser {
  public:
    Normaliser(v1::FeedbackMessage& message, const Origin& origin, base::Micros now)
        : message_(message), origin_(origin), now_(now) {}

    // Empty, or why it is no message.
    std::string run() {
        const std::string& id = message_.external_id();
        if (id.empty()) return "it has no external id";
        if (id.size() > kIdMax)
            return "its external id has more than " + std::to_string(kIdMax) + " bytes";
        if (hasControls(id)) return "its external id has control characters";
        message_.set_source(origin_.source);
        message_.set_received_at_us(now_);
        names();
        text();
        rating();
        // The times may leave a note among the attributes.
        std::string problem = times();
        attributes();
        return problem;
    }

  private:
    void names() {
        auto& channel = *message_.mutable_channel();
        cleanLine(&channel, 64);
        if (channel.empty()) channel = origin_.plugin;
        // Small letters may compose where large ones do not.
        lower(channel);
        compose(channel);
        cleanLine(message_.mutable_language(), 35);
        cleanLine(message_.mutable_subject(), kSubjectMax);
        cleanLine(message_.mutable_conversation_key(), kIdMax);
        cleanLine(message_.mutable_parent_external_id(), kIdMax);
        cleanLine(message_.mutable_permalink(), kUrlMax);
        if (message_.has_author()) {
            v1::Author& author = *message_.mutable_author();
            cleanLine(author.mutable_external_id(), kNameMax);
            cleanLine(author.mutable_handle(), kNameMax);
            cleanLine(author.mutable_display_name(), kNameMax);
            cleanLine(author.mutable_url(), kUrlMax);
            if (author.followers() < 0) author.clear_followers();
        }
        while (message_.attachments_size() > kAttachmentsMax)
            message_.mutable_attachments()->RemoveLast();
        for (v1::Attachment& attachment : *message_.mutable_attachments()) {
            cleanLine(attachment.mutable_name(), kNameMax);
            cleanLine(attachment.mutable_media_type(), 128);
            cleanLine(attachment.mutable_url(), kUrlMax);
        }
    }

    void text() {
        const std::string given = message_.text();
        std::string& text = *message_.mutable_text();
        const bool html = message_.text_format() == v1::TEXT_FORMAT_HTML;
        if (html) text = htmlToText(given);
        message_.set_text_format(v1::TEXT_FORMAT_PLAIN);
        clean(text);
        compose(text);
        std::string& original = *message_.mutable_original_text();
        if (original.empty() && (html || text.size() > kTextMax)) original = given;
        original.resize(std::min(original.size(), kOriginalMax));
        cut(text, kTextMax);
    }

    void rating() {
        if (!message_.has_rating()) return;
        const v1::Rating& rating = message_.rating();
        const bool sane = std::isfinite(rating.value()) && std::isfinite(rating.scale_min()) &&
                          std::isfinite(rating.scale_max()) &&
                          rating.scale_min() < rating.scale_max();
        if (!sane) message_.clear_rating();
    }

    void attributes() {
        auto& attributes = *message_.mutable_attributes();
        google::protobuf::Map<std::string, std::string> kept;
        // In the order of the keys: which ones stay must not depend on chance.
        std::vector<std::string> keys;
        for (const auto& [key, value] : attributes) keys.push_back(key);
        std::sort(keys.begin(), keys.end(), [](const std::string& a, const std::string& b) {
            return std::pair(!isNote(a), std::string_view(a)) <
                   std::pair(!isNote(b), std::string_view(b));
        });
        for (const std::string& key : keys) {
            std::string name = key;
            std::string value = attributes.at(key);
            cleanLine(&name, kAttributeKeyMax);
            clean(value);
            compose(value);
            cut(value, kAttributeValueMax);
            if (!name.empty() && static_cast<int>(kept.size()) < kAttributesMax) kept[name] = value;
        }
        attributes.swap(kept);
    }

    std::string times() {
        const base::Micros occurred = message_.occurred_at_us();
        if (occurred == 0) message_.set_occurred_at_us(now_);
        for (const base::Micros at : {occurred, base::Micros{message_.edited_at_us()},
                                      base::Micros{message_.deleted_at_us()}})
            if (at < kTimeMin || at > kTimeMax)
                return "one of its times is outside of years 1 to 9999";
        if (occurred > now_ + kFutureMax) {
            (*message_.mutable_attributes())["hearback.occurred_at"] = formatRfc3339(occurred);
            message_.set_occurred_at_us(now_);
        }
        return {};
    }

    v1::FeedbackMessage& message_;
    const Origin& origin_;
    base::Micros now_;
};

bool parse(v1::FeedbackMessage& message, std::string_view bytes) {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// What was broken stays with the message: the text as bytes, any other field as base64.
void keepOriginals(v1::FeedbackMessage& message, const Repaired& repaired) {
    for (const auto& [path, original] : repaired.originals) {
        if (path == "text")
            message.set_original_text(original.substr(0, kOriginalMax));
        else if (original.size() <= kAttributeValueMax / 2)
            (*message.mutable_attributes())["hearback.original." + path] = toBase64(original);
    }
}

} // namespace

std::variant<v1::FeedbackMessage, std::string> normalise(std::string_view encoded,
                                                         const Origin& origin, base::Micros now) {
    v1::FeedbackMessage message;
    // Protobuf would write a line to standard error for each broken string.
    const google::protobuf::LogSilencer silence;
    if (!parse(message, encoded)) {
        const auto repaired = repairStrings(*v1::FeedbackMessage::descriptor(), encoded);
        if (!repaired || !parse(message, repaired->bytes))
            return "it is no message that can be read";
        keepOriginals(message, *repaired);
    }
    const std::string problem = Normaliser(message, origin, now).run();
    if (!problem.empty()) return problem;
    return message;
}

} // namespace hearback::intake
