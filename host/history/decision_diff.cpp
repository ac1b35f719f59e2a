#include "history/decision_diff.h"

#include "base/utf8.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace hearback::history {

namespace {

using pipeline::Item;

// In the order of the alphabet: in which order a classifier gives its labels decides nothing.
template <class Words>
std::string listed(const Words& words) {
    const std::set<std::string> sorted(words.begin(), words.end());
    std::string all;
    for (const std::string& word : sorted) all += (all.empty() ? "" : ", ") + word;
    return all;
}

// Rules and tags count in their order.
template <class Words>
std::string inOrder(const Words& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

std::map<std::string, std::vector<std::string>> labelsOf(const v1::AnnotationSet& set) {
    std::map<std::string, std::vector<std::string>> labels;
    for (const v1::Annotation& each : set.annotations())
        labels[each.classifier()].push_back(each.label());
    return labels;
}

const char* nameOf(v1::Priority priority) {
    switch (priority) {
    case v1::PRIORITY_LOW: return "low";
    case v1::PRIORITY_HIGH: return "high";
    case v1::PRIORITY_URGENT: return "urgent";
    default: return "normal";
    }
}

} // namespace

DecisionDiff::DecisionDiff(Examples examples, v1::DecisionTally tally)
    : examples_(examples), tally_(std::move(tally)) {
    for (int i = 0; i < tally_.changes_size(); ++i) {
        const v1::DecisionChange& each = tally_.changes(i);
        kinds_[{each.subject(), each.classifier(), each.from(), each.to()}] = i;
    }
}

bool DecisionDiff::compare(const Item& before, const Item& after) {
    differs_ = false;
    compareLabels(before, after);
    compareRoutes(before, after);
    tally_.set_messages(tally_.messages() + 1);
    if (differs_) tally_.set_changed(tally_.changed() + 1);
    return differs_;
}

void DecisionDiff::compareLabels(const Item& before, const Item& after) {
    auto from = labelsOf(before.annotations);
    auto to = labelsOf(after.annotations);
    std::set<std::string> unanswered;
    for (const Item* item : {&before, &after})
        for (const std::string& name : item->annotations.pending()) unanswered.insert(name);
    tally_.set_unanswered(tally_.unanswered() + static_cast<std::int64_t>(unanswered.size()));
    for (const auto& [classifier, labels] : from) to.try_emplace(classifier);
    for (const auto& [classifier, labels] : to) {
        if (unanswered.contains(classifier)) continue;
        note("label", classifier, listed(from[classifier]), listed(labels), after);
    }
}

void DecisionDiff::compareRoutes(const Item& before, const Item& after) {
    const v1::Route& from = before.route;
    const v1::Route& to = after.route;
    note("team", "", from.team(), to.team(), after);
    note("priority", "", nameOf(from.priority()), nameOf(to.priority()), after);
    note("tags", "", listed(from.tags()), listed(to.tags()), after);
    note("sinks", "", listed(from.sinks()), listed(to.sinks()), after);
    note("rules", "", inOrder(from.rules()), inOrder(to.rules()), after);
}

void DecisionDiff::note(const std::string& subject, const std::string& classifier, std::string from,
                        std::string to, const Item& item) {
    if (from == to) return;
    differs_ = true;
    from = base::truncateUtf8(from, kNameMax);
    to = base::truncateUtf8(to, kNameMax);
    const auto found = kinds_.find({subject, classifier, from, to});
    if (found == kinds_.end() && tally_.changes_size() >= kChangesMax) {
        tally_.set_further(tally_.further() + 1);
        return;
    }
    v1::DecisionChange* change = nullptr;
    if (found != kinds_.end()) {
        change = tally_.mutable_changes(found->second);
    } else {
        kinds_[{subject, classifier, from, to}] = tally_.changes_size();
        change = tally_.add_changes();
        change->set_subject(subject);
        change->set_classifier(classifier);
        change->set_from(from);
        change->set_to(to);
    }
    change->set_count(change->count() + 1);
    if (examples_ == Examples::None || change->examples_size() >= kExamplesMax) return;
    v1::DecisionExample& example = *change->add_examples();
    example.set_message_id(item.message_id);
    example.set_text(base::printable(base::truncateUtf8(item.message.text(), kTextMax), kTextMax));
}

v1::FeedbackMessage asArrived(const Item& item) {
    v1::FeedbackMessage message = item.message;
    const auto& all = item.annotations.annotations();
    if (std::any_of(all.begin(), all.end(),
                    [](const v1::Annotation& each) { return each.task() == "language"; }))
        message.clear_language();
    return message;
}

} // namespace hearback::history
