#include "route/fields.h"

#include <algorithm>

namespace hearback::route {

namespace {

using pipeline::Item;

void addText(Field::Values& values, const std::string& text) {
    if (!text.empty()) values.texts.emplace_back(text);
}

std::string_view kindName(v1::Kind kind) {
    switch (kind) {
    case v1::KIND_COMMENT: return "comment";
    case v1::KIND_REVIEW: return "review";
    case v1::KIND_DIRECT_MESSAGE: return "direct_message";
    case v1::KIND_MENTION: return "mention";
    case v1::KIND_MAIL: return "mail";
    case v1::KIND_SURVEY_ANSWER: return "survey_answer";
    case v1::KIND_POST: return "post";
    default: return {};
    }
}

bool isOf(const v1::Annotation& annotation, const std::string& name) {
    return annotation.task() == name || annotation.classifier() == name;
}

// The labels of all classifiers that have this name or task; none where one of them may give any.
std::vector<std::string> labelsOf(const std::string& name,
                                  const std::vector<KnownClassifier>& classifiers) {
    std::vector<std::string> labels;
    for (const KnownClassifier& classifier : classifiers) {
        if (classifier.task != name && classifier.name != name) continue;
        if (classifier.labels.empty()) return {};
        for (const std::string& label : classifier.labels)
            if (std::find(labels.begin(), labels.end(), label) == labels.end())
                labels.push_back(label);
    }
    return labels;
}

} // namespace

const char* nameOf(FieldType type) {
    switch (type) {
    case FieldType::Text: return "text";
    case FieldType::Number: return "number";
    case FieldType::Truth: return "true or false";
    case FieldType::Label: return "label";
    }
    return "unknown";
}

struct Field::Row {
    std::string_view name;
    FieldType type;
    Reader reader;
};

const std::vector<Field::Row>& Field::table() {
    using V = Values;
    static const std::vector<Row> kTable = {
        {"source", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.source()); }},
        {"channel", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.channel()); }},
        {"kind", FieldType::Text,
         [](const Field&, const Item& i, V& v) {
             if (i.message.kind() != v1::KIND_UNSPECIFIED)
                 v.texts.push_back(kindName(i.message.kind()));
         }},
        {"language", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.language()); }},
        {"subject", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.subject()); }},
        {"text", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.text()); }},
        {"author.handle", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.author().handle()); }},
        {"author.name", FieldType::Text,
         [](const Field&, const Item& i, V& v) { addText(v, i.message.author().display_name()); }},
        {"author.followers", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.author().has_followers())
                 v.number = static_cast<double>(i.message.author().followers());
         }},
        {"rating", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.has_rating()) v.number = i.message.rating().value();
         }},
        // From 0, the worst, to 1, the best, whatever the scale.
        {"rating.share", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             const auto& rating = i.message.rating();
             const double span = rating.scale_max() - rating.scale_min();
             if (i.message.has_rating() && span > 0)
                 v.number = (rating.value() - rating.scale_min()) / span;
         }},
        {"reach.views", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.reach().has_views())
                 v.number = static_cast<double>(i.message.reach().views());
         }},
        {"reach.likes", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.reach().has_likes())
                 v.number = static_cast<double>(i.message.reach().likes());
         }},
        {"reach.shares", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.reach().has_shares())
                 v.number = static_cast<double>(i.message.reach().shares());
         }},
        {"reach.replies", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             if (i.message.reach().has_replies())
                 v.number = static_cast<double>(i.message.reach().replies());
         }},
        {"length", FieldType::Number,
         [](const Field&, const Item& i, V& v) {
             v.number = static_cast<double>(i.message.text().size());
         }},
        {"deleted", FieldType::Truth,
         [](const Field&, const Item& i, V& v) { v.truth = i.message.deleted_at_us() != 0; }},
    };
    return kTable;
}

void Field::readLabels(const Field& field, const Item& item, Values& values) {
    for (const v1::Annotation& annotation : item.annotations.annotations())
        if (isOf(annotation, field.of_)) addText(values, annotation.label());
}

void Field::readConfidence(const Field& field, const Item& item, Values& values) {
    for (const v1::Annotation& annotation : item.annotations.annotations())
        if (isOf(annotation, field.of_))
            values.number = std::max(values.number.value_or(0), annotation.confidence());
}

void Field::readScore(const Field& field, const Item& item, Values& values) {
    for (const v1::Annotation& annotation : item.annotations.annotations())
        if (isOf(annotation, field.of_)) {
            values.number = annotation.score();
            return;
        }
}

void Field::readAttribute(const Field& field, const Item& item, Values& values) {
    const auto found = item.message.attributes().find(field.of_);
    if (found != item.message.attributes().end()) addText(values, found->second);
}

std::optional<Field> Field::find(std::string_view name,
                                 const std::vector<KnownClassifier>& classifiers) {
    Field field;
    for (const Row& row : table()) {
        if (row.name != name) continue;
        field.type_ = row.type;
        field.reader_ = row.reader;
        return field;
    }
    constexpr std::string_view kAttributes = "attributes.";
    if (name.starts_with(kAttributes) && name.size() > kAttributes.size()) {
        field.reader_ = readAttribute;
        field.of_ = name.substr(kAttributes.size());
        return field;
    }
    for (const KnownClassifier& classifier : classifiers) {
        for (const std::string& known : {classifier.task, classifier.name}) {
            if (!name.starts_with(known)) continue;
            const std::string_view rest = name.substr(known.size());
            field.of_ = known;
            if (rest.empty()) {
                field.type_ = FieldType::Label;
                field.reader_ = readLabels;
                field.labels_ = labelsOf(known, classifiers);
                return field;
            }
            field.type_ = FieldType::Number;
            field.reader_ = rest == ".confidence" ? readConfidence
                            : rest == ".score"    ? readScore
                                                  : nullptr;
            if (field.reader_ != nullptr) return field;
        }
    }
    return std::nullopt;
}

std::vector<std::string> Field::names(const std::vector<KnownClassifier>& classifiers) {
    std::vector<std::string> names;
    for (const Row& row : table()) names.emplace_back(row.name);
    names.emplace_back("attributes.NAME");
    for (const KnownClassifier& classifier : classifiers) {
        for (const std::string& known : {classifier.task, classifier.name}) {
            if (std::find(names.begin(), names.end(), known) != names.end()) continue;
            names.push_back(known);
            names.push_back(known + ".confidence");
            names.push_back(known + ".score");
        }
    }
    return names;
}

Field::Values Field::read(const Item& item) const {
    Values values;
    reader_(*this, item, values);
    return values;
}

} // namespace hearback::route
