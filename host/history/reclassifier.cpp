#include "history/reclassifier.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stop_token>
#include <utility>

namespace hearback::history {

namespace {

using pipeline::Item;

constexpr const char* kLanguage = "language";

// At a low rate steps are small, so that they do not come as bursts.
std::size_t stepFor(std::int64_t per_second) {
    if (per_second == 0) return Reclassifier::kStepMax;
    const auto quarter = static_cast<std::size_t>(per_second) / 4;
    return std::clamp<std::size_t>(quarter, 1, Reclassifier::kStepMax);
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> statementsOf(const Item& item, const std::string& classifier) {
    std::vector<std::string> statements;
    for (const v1::Annotation& each : item.annotations.annotations())
        if (each.classifier() == classifier) statements.push_back(each.SerializeAsString());
    return statements;
}

// Also another score or another version is worth to be stored.
bool differs(const Item& before, const Item& after) {
    return std::any_of(after.answered.begin(), after.answered.end(), [&](const std::string& name) {
        return statementsOf(before, name) != statementsOf(after, name);
    });
}

// Asks a stage about some items of a list, which are moved there and back.
void through(pipeline::Stage& stage, std::vector<Item*> items) {
    std::vector<pipeline::Batch> group(1);
    for (Item* item : items) group.front().items.push_back(std::move(*item));
    stage.process(group);
    for (std::size_t i = 0; i < items.size(); ++i) *items[i] = std::move(group.front().items[i]);
}

} // namespace

Reclassifier::Reclassifier(ReclassifyStages stages, ReclassifyOptions options,
                           v1::ReclassifyRun run)
    : stages_(stages), options_(std::move(options)), step_(stepFor(options_.per_second)),
      diff_(stages.commit == nullptr ? DecisionDiff::Examples::Few : DecisionDiff::Examples::None,
            run.tally()),
      run_(std::move(run)) {}

v1::ReclassifyRun Reclassifier::progress() const {
    const std::lock_guard lock(mutex_);
    return run_;
}

base::Result<bool> Reclassifier::run(const std::stop_token& stop) {
    base::Rest rest(stages_.clock);
    const std::stop_callback wake(stop, [&] { rest.wake(); });
    while (!stop.stop_requested()) {
        const base::Micros begun = stages_.clock.steady();
        const auto more = step(stop);
        if (!more && more.error().code == base::Code::Cancelled) return false;
        if (!more) return more.error();
        if (!*more) return true;
        if (options_.per_second == 0) continue;
        const auto due =
            begun + static_cast<base::Micros>(asked_in_step_) * base::kSecond / options_.per_second;
        const base::Micros pause = due - stages_.clock.steady();
        if (pause > 0) rest.wait(pause, stop);
    }
    return false;
}

bool Reclassifier::needsAnswer(const Item& item, const AskedClassifier& classifier) const {
    bool has_said = false;
    bool is_present = true;
    const auto version = run_.versions().find(classifier.name);
    for (const v1::Annotation& each : item.annotations.annotations()) {
        if (each.classifier() != classifier.name) continue;
        has_said = true;
        is_present = is_present && version != run_.versions().end() &&
                     each.model_version() == version->second;
    }
    // What the channel tells of the language is not asked for.
    if (!has_said && classifier.task == kLanguage && !item.message.language().empty()) return false;
    return options_.ask_all || !has_said || !is_present;
}

// Notes who is to be asked; how many.
std::size_t Reclassifier::prepare(Item& item) const {
    std::vector<std::string> wanted;
    for (const AskedClassifier& classifier : options_.classifiers) {
        if (!needsAnswer(item, classifier)) continue;
        wanted.push_back(classifier.name);
        if (classifier.task == kLanguage) item.message.clear_language();
    }
    item.annotations.clear_pending();
    for (std::string& name : wanted) item.annotations.add_pending(std::move(name));
    return wanted.size();
}

base::Result<void> Reclassifier::askAll(Items& items) {
    std::vector<Item*> asked;
    for (Item& item : items)
        if (prepare(item) > 0) asked.push_back(&item);
    asked_in_step_ = asked.size();
    if (asked.empty()) return {};
    through(stages_.ask, asked);
    askAlone(asked);
    if (failed_in_a_row_ < kBlameAfter) return {};
    return base::Error{base::Code::Unavailable,
                       "no answer for " + std::to_string(failed_in_a_row_) +
                           " messages in a row: see above for the cause; where a classifier is "
                           "slow, a lower --rate asks about fewer messages at once"};
}

// Those that got no answer once more, each alone, so that one message that a classifier cannot
// stand does not spoil the others.
void Reclassifier::askAlone(const std::vector<Item*>& asked) {
    for (Item* item : asked) {
        if (item->annotations.pending_size() > 0) through(stages_.ask, {item});
        failed_in_a_row_ = item->annotations.pending_size() > 0 ? failed_in_a_row_ + 1 : 0;
        if (failed_in_a_row_ >= kBlameAfter) return;
    }
}

// Left, their labels would stay the first ones of their task, which count.
void Reclassifier::forgetGone(Item& item) const {
    std::set<std::string> tasks;
    for (const AskedClassifier& each : options_.classifiers)
        if (holds(item.answered, each.name)) tasks.insert(each.task);
    std::set<std::string> gone;
    auto& all = *item.annotations.mutable_annotations();
    for (const v1::Annotation& each : all)
        if (tasks.contains(each.task()) && !holds(options_.configured, each.classifier()))
            gone.insert(each.classifier());
    all.erase(std::remove_if(
                  all.begin(), all.end(),
                  [&](const v1::Annotation& each) { return gone.contains(each.classifier()); }),
              all.end());
    // Their answer is that they have nothing to say.
    item.answered.insert(item.answered.end(), gone.begin(), gone.end());
}

bool Reclassifier::settle(Item& before, Item& after) const {
    before.annotations.clear_pending();
    const auto& pending = after.annotations.pending();
    // Without the language, others may have answered as they should not.
    const bool is_without_language = std::any_of(
        options_.classifiers.begin(), options_.classifiers.end(), [&](const auto& classifier) {
            return classifier.task == kLanguage &&
                   std::find(pending.begin(), pending.end(), classifier.name) != pending.end();
        });
    const bool is_answered = pending.empty();
    if (is_without_language) after = before;
    forgetGone(after);
    return is_answered;
}

// The versions of this run. A run that was interrupted must not go on with others.
base::Result<void> Reclassifier::learn(const Items& items) {
    std::map<std::string, std::set<std::string>> versions;
    for (const Item& item : items)
        for (const v1::Annotation& each : item.annotations.annotations())
            if (holds(item.answered, each.classifier()))
                versions[each.classifier()].insert(each.model_version());
    for (const auto& [classifier, said] : versions) {
        if (!learned_.insert(classifier).second) continue;
        const auto known = run_.versions().find(classifier);
        if (known != run_.versions().end() && !said.contains(known->second))
            return base::Error{base::Code::Conflict,
                               "\"" + classifier + "\" answers as " + *said.begin() +
                                   " now, and as " + known->second +
                                   " when this was interrupted: begin anew with --restart"};
        const std::lock_guard lock(mutex_);
        (*run_.mutable_versions())[classifier] = *said.begin();
    }
    return {};
}

base::Result<void> Reclassifier::store(Items changed, const v1::ReclassifyRun& run) {
    std::optional<base::Result<pipeline::Stored>> stored;
    std::vector<pipeline::Batch> group(1);
    pipeline::Batch& batch = group.front();
    if (!changed.empty()) batch.source = changed.front().message.source();
    batch.items = std::move(changed);
    batch.checkpoint = run.SerializeAsString();
    batch.done = [&](const base::Result<pipeline::Stored>& result) { stored.emplace(result); };
    stages_.commit->process(group);
    // What was not stored is told by the batch's end.
    group.clear();
    if (!*stored) return stored->error();
    return {};
}

base::Result<bool> Reclassifier::step(const std::stop_token& stop) {
    v1::ReclassifyRun next = progress();
    auto items = stages_.messages.after(next.position(), next.last(),
                                        {next.since_us(), next.until_us(), next.source()}, step_);
    if (!items) return items.error();
    Items before = *items;
    const auto asked = askAll(*items);
    // Questions that were broken off are none that a classifier cannot answer.
    if (stop.stop_requested()) return base::Error{base::Code::Cancelled, "stopped"};
    if (!asked) return asked.error();
    const auto learned = learn(*items);
    if (!learned) return learned.error();
    for (std::size_t i = 0; i < before.size(); ++i)
        if (!settle(before[i], (*items)[i])) next.set_unanswered(next.unanswered() + 1);
    if (stages_.rules != nullptr) {
        std::vector<Item*> all;
        for (Item& item : *items) all.push_back(&item);
        through(*stages_.rules, all);
    }
    DecisionDiff diff = diff_;
    Items changed;
    for (std::size_t i = 0; i < before.size(); ++i) {
        diff.compare(before[i], (*items)[i]);
        if (differs(before[i], (*items)[i])) changed.push_back(std::move((*items)[i]));
    }
    const bool is_end = before.empty();
    next.set_position(is_end ? next.last() : before.back().message_id);
    *next.mutable_versions() = progress().versions();
    next.set_looked_at(next.looked_at() + static_cast<std::int64_t>(before.size()));
    next.set_asked(next.asked() + static_cast<std::int64_t>(asked_in_step_));
    next.set_written(next.written() + static_cast<std::int64_t>(changed.size()));
    if (is_end) next.set_ended_at_us(stages_.clock.now());
    *next.mutable_tally() = diff.tally();
    if (stages_.commit != nullptr) {
        const auto stored = store(std::move(changed), next);
        if (!stored) return stored.error();
    }
    diff_ = std::move(diff);
    const std::lock_guard lock(mutex_);
    run_ = std::move(next);
    return !is_end;
}

} // namespace hearback::history
