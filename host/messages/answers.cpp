#include "messages/answers.h"

#include "storage/sql.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace hearback::messages {

using pipeline::Item;

namespace {

// Whether a classifier answered for this item what the row does not have yet.
bool hasAnswered(const Item& item, const v1::AnnotationSet& stored, const std::string& classifier) {
    const auto holds = [&](const auto& names) {
        return std::find(names.begin(), names.end(), classifier) != names.end();
    };
    if (item.errand == pipeline::Errand::Reclassification) return holds(item.answered);
    return holds(stored.pending()) && !holds(item.annotations.pending());
}

// The stored statements, with the answers in the place of what the same classifiers said before:
// the first one of a task is what the message counts as.
v1::AnnotationSet merge(const v1::AnnotationSet& stored, const Item& item) {
    v1::AnnotationSet merged;
    std::set<std::string> taken;
    const auto takeAnswers = [&](const std::string& classifier) {
        if (!taken.insert(classifier).second) return;
        for (const v1::Annotation& annotation : item.annotations.annotations())
            if (annotation.classifier() == classifier) *merged.add_annotations() = annotation;
    };
    for (const v1::Annotation& annotation : stored.annotations()) {
        if (hasAnswered(item, stored, annotation.classifier()))
            takeAnswers(annotation.classifier());
        else
            *merged.add_annotations() = annotation;
    }
    for (const v1::Annotation& annotation : item.annotations.annotations())
        if (hasAnswered(item, stored, annotation.classifier()))
            takeAnswers(annotation.classifier());
    for (const std::string& name : stored.pending())
        if (!hasAnswered(item, stored, name)) merged.add_pending(name);
    return merged;
}

// Whether the language is among what was answered: that it was told, or that it is not any more.
bool tellsLanguage(const v1::AnnotationSet& stored, const Item& item) {
    const auto tells = [&](const v1::Annotation& each) {
        return each.task() == "language" && hasAnswered(item, stored, each.classifier());
    };
    const auto among = [&](const v1::AnnotationSet& set) {
        return std::any_of(set.annotations().begin(), set.annotations().end(), tells);
    };
    return among(stored) || among(item.annotations);
}

} // namespace

void takeOver(Item& item, const MessageRow& known) {
    v1::FeedbackMessage message;
    v1::AnnotationSet stored;
    v1::Route route;
    if (!message.ParseFromString(known.body) || !stored.ParseFromString(known.annotations) ||
        !route.ParseFromString(known.route))
        throw storage::StorageFailure({base::Code::Corrupt, "message " + std::to_string(known.id) +
                                                                " cannot be read from its row"});
    if (tellsLanguage(stored, item)) message.set_language(item.message.language());
    item.annotations = merge(stored, item);
    item.message = std::move(message);
    if (item.errand == pipeline::Errand::Reclassification) item.route = std::move(route);
}

} // namespace hearback::messages
