#include "hearback/mapping/field_mapping.h"

#include <hearback/sdk/time.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

namespace hearback::mapping {

namespace {

struct Name {
    Target target;
    std::string_view field;                 // as the settings name it
    std::array<std::string_view, 12> usual; // as columns are often named, simplified
};

constexpr std::array<Name, 17> kNames = {{
    {Target::ExternalId,
     "external_id",
     {"externalid", "id", "messageid", "reviewid", "tweetid", "commentid", "feedbackid", "uuid",
      "guid"}},
    {Target::Text,
     "text",
     {"text", "comment", "review", "body", "message", "content", "feedback", "reviewtext",
      "commenttext", "description", "answer"}},
    {Target::Subject, "subject", {"subject", "title", "headline", "summary"}},
    {Target::OccurredAt,
     "occurred_at",
     {"occurredat", "createdat", "date", "time", "timestamp", "created", "publishedat", "postedat",
      "datetime", "submittedat", "occurredatus"}},
    {Target::EditedAt, "edited_at", {"editedat", "updatedat", "modifiedat", "editedatus"}},
    {Target::Language, "language", {"language", "lang", "locale"}},
    {Target::Channel, "channel", {"channel", "platform", "network"}},
    {Target::Kind, "kind", {"kind"}},
    {Target::Rating, "rating", {"rating", "stars", "score", "rating.value"}},
    {Target::AuthorId, "author_id", {"authorid", "userid", "customerid", "author.externalid"}},
    {Target::AuthorHandle,
     "author_handle",
     {"authorhandle", "handle", "username", "screenname", "email", "author.handle"}},
    {Target::AuthorName,
     "author_name",
     {"authorname", "author", "user", "name", "customer", "customername", "author.displayname",
      "author.name"}},
    {Target::AuthorFollowers, "author_followers", {"followers", "author.followers"}},
    {Target::Conversation,
     "conversation",
     {"conversationid", "conversation", "threadid", "conversationkey"}},
    {Target::Parent, "parent", {"parentid", "inreplyto", "parentexternalid"}},
    {Target::Permalink, "permalink", {"permalink", "url", "link"}},
    {Target::Ignored, "ignore", {"source", "receivedatus", "textformat"}},
}};

constexpr std::string_view kAttributes = "attributes.";

// "Created At" and "created_at" are one name.
std::string simplified(std::string_view column) {
    std::string name;
    for (const char c : column) {
        if (c == ' ' || c == '_' || c == '-') continue;
        name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return name;
}

Kind kindOf(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, Kind>, 8> kKinds = {
        {{"comment", Kind::Comment},
         {"review", Kind::Review},
         {"directmessage", Kind::DirectMessage},
         {"mention", Kind::Mention},
         {"mail", Kind::Mail},
         {"email", Kind::Mail},
         {"surveyanswer", Kind::SurveyAnswer},
         {"post", Kind::Post}}};
    const std::string name = simplified(text);
    for (const auto& [known, kind] : kKinds)
        if (name == known || name == "kind" + std::string(known)) return kind;
    return Kind::Unspecified;
}

std::optional<double> toNumber(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

// A count, or -1 where it is none.
std::int64_t toCount(std::string_view text) {
    const double number = toNumber(text).value_or(-1);
    return number >= 0 && number < 1e15 ? static_cast<std::int64_t>(number) : -1;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string shown(double number) {
    std::ostringstream out;
    out << number;
    return out.str();
}

std::string noTime(std::string_view column, std::string_view value) {
    return "the column \"" + std::string(column) + "\" is no time: \"" +
           std::string(value.substr(0, 40)) + "\"";
}

} // namespace

std::optional<std::string> FieldMapping::check(const MappingSettings& settings) {
    for (const auto& [field, column] : settings.columns) {
        bool known = false;
        std::string all;
        for (const Name& name : kNames) {
            known = known || name.field == field;
            all += (all.empty() ? "" : ", ") + std::string(name.field);
        }
        if (!known && field.rfind(kAttributes, 0) != 0)
            return "there is no field \"" + field + "\": take one of " + all + ", attributes.NAME";
    }
    return std::nullopt;
}

Target FieldMapping::targetOf(std::string_view column) {
    const auto found = known_.find(column);
    if (found != known_.end()) return found->second;
    const Target target = findTarget(column);
    known_.emplace(std::string(column), target);
    return target;
}

Target FieldMapping::findTarget(std::string_view column) const {
    Target target = Target::Attribute;
    const std::string name = simplified(column);
    for (const auto& [field, wished] : settings_.columns)
        if (wished == column && field.rfind(kAttributes, 0) == 0) return Target::Attribute;
    for (const Name& each : kNames) {
        const auto wished = settings_.columns.find(std::string(each.field));
        if (wished != settings_.columns.end()) {
            if (wished->second == column) return each.target;
            continue; // the settings give this field to another column
        }
        for (const std::string_view usual : each.usual)
            if (!usual.empty() && usual == name && target == Target::Attribute)
                target = each.target;
    }
    return target;
}

// Of two columns of a record that could be the text, the first one is.
std::vector<Target> FieldMapping::targetsOf(const Cells& cells) {
    std::vector<Target> targets;
    for (const auto& [column, value] : cells) {
        const Target target = targetOf(column);
        const bool taken = target != Target::Ignored &&
                           std::find(targets.begin(), targets.end(), target) != targets.end();
        targets.push_back(taken ? Target::Attribute : target);
    }
    return targets;
}

bool FieldMapping::hasId(const std::vector<std::string>& columns) {
    bool found = false;
    for (const std::string& column : columns)
        found = targetOf(column) == Target::ExternalId || found;
    return found;
}

std::optional<std::string> FieldMapping::add(const Cells& cells, const std::string& fallback_id,
                                             BatchOut& batch) {
    std::string_view id;
    std::string_view text;
    std::string_view channel = settings_.channel;
    std::int64_t occurred_at = 0;
    std::int64_t edited_at = 0;
    AuthorInfo author;
    std::optional<double> rating;
    const std::vector<Target> targets = targetsOf(cells);
    // First what may make the row no message: what is begun in a batch stays in it.
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& [column, raw] = cells[i];
        const Target target = targets[i];
        const std::string_view value = trimmed(raw);
        if (value.empty()) continue;
        if (target == Target::ExternalId) id = value;
        if (target == Target::Text) text = raw;
        if (target == Target::Channel) channel = value;
        if (target == Target::AuthorId) author.external_id = value;
        if (target == Target::AuthorHandle) author.handle = value;
        if (target == Target::AuthorName) author.display_name = value;
        if (target == Target::AuthorFollowers) author.followers = toCount(value);
        if (target == Target::Rating) rating = toNumber(value);
        if (target == Target::OccurredAt || target == Target::EditedAt) {
            const auto at = parseTime(value);
            if (!at) return noTime(column, value);
            (target == Target::OccurredAt ? occurred_at : edited_at) = *at;
        }
    }
    const bool is_on_scale =
        rating && *rating >= settings_.rating_min && *rating <= settings_.rating_max;
    if (text.empty() && !rating) return "it has neither a text nor a rating";
    if (text.empty() && !is_on_scale)
        return "it has no text, and its rating is not between " + shown(settings_.rating_min) +
               " and " + shown(settings_.rating_max) + ": see rating_min and rating_max";
    MessageOut message = batch.add();
    message.externalId(id.empty() ? std::string_view(fallback_id) : id).text(text).channel(channel);
    message.occurredAt(occurred_at).editedAt(edited_at);
    if (edited_at != 0) message.revision(edited_at);
    if (!author.external_id.empty() || !author.handle.empty() || !author.display_name.empty()) {
        // A name is the only hold where the record has nothing better.
        if (author.external_id.empty() && author.handle.empty())
            author.external_id = author.display_name;
        message.author(author);
    }
    if (is_on_scale) message.rating(*rating, settings_.rating_min, settings_.rating_max);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& [column, raw] = cells[i];
        const std::string_view value = trimmed(raw);
        if (value.empty()) continue;
        switch (targets[i]) {
        case Target::Subject: message.subject(value); break;
        case Target::Language: message.language(value); break;
        case Target::Kind: message.kind(kindOf(value)); break;
        case Target::Conversation: message.conversation(value); break;
        case Target::Parent: message.parent(value); break;
        case Target::Permalink: message.permalink(value); break;
        case Target::Rating:
            // Of another scale than the settings say: kept as it is, for nobody knows what it
            // means.
            if (rating && !is_on_scale) message.attribute(column, value);
            break;
        case Target::Attribute: {
            std::string_view name = column;
            if (name.substr(0, kAttributes.size()) == kAttributes)
                name.remove_prefix(kAttributes.size());
            for (const auto& [field, wished] : settings_.columns)
                if (wished == column && field.rfind(kAttributes, 0) == 0)
                    name = std::string_view(field).substr(kAttributes.size());
            message.attribute(name, value);
            break;
        }
        default: break;
        }
    }
    return std::nullopt;
}

} // namespace hearback::mapping
