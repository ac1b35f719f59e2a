#include "route/condition.h"

#include "route/test.h"

#include "base/suggest.h"

namespace hearback::route {

namespace {

using config::Condition;

class All final : public CompiledCondition {
  public:
    explicit All(std::vector<std::unique_ptr<CompiledCondition>> parts)
        : parts_(std::move(parts)) {}
    bool holds(const Subject& subject) const override {
        for (const auto& part : parts_)
            if (!part->holds(subject)) return false;
        return true;
    }
    Verdict explain(const Subject& subject) const override {
        for (const auto& part : parts_) {
            Verdict verdict = part->explain(subject);
            if (!verdict.holds) return verdict;
        }
        return {};
    }

  private:
    std::vector<std::unique_ptr<CompiledCondition>> parts_;
};

class Any final : public CompiledCondition {
  public:
    explicit Any(std::vector<std::unique_ptr<CompiledCondition>> parts)
        : parts_(std::move(parts)) {}
    bool holds(const Subject& subject) const override {
        for (const auto& part : parts_)
            if (part->holds(subject)) return true;
        return false;
    }
    Verdict explain(const Subject& subject) const override {
        std::string reasons;
        for (const auto& part : parts_) {
            const Verdict verdict = part->explain(subject);
            if (verdict.holds) return {};
            reasons += (reasons.empty() ? "" : "; nor: ") + verdict.because;
        }
        return {false, "none of: " + reasons};
    }

  private:
    std::vector<std::unique_ptr<CompiledCondition>> parts_;
};

class Not final : public CompiledCondition {
  public:
    Not(std::unique_ptr<CompiledCondition> part, std::string text)
        : part_(std::move(part)), text_(std::move(text)) {}
    bool holds(const Subject& subject) const override { return !part_->holds(subject); }
    Verdict explain(const Subject& subject) const override {
        if (holds(subject)) return {};
        return {false, "it must not be that " + text_};
    }

  private:
    std::unique_ptr<CompiledCondition> part_;
    std::string text_;
};

std::string textOf(const Condition& condition) {
    switch (condition.kind) {
    case Condition::Kind::Test: return describeTest(condition);
    case Condition::Kind::Not: return "not (" + textOf(condition.parts.front()) + ")";
    case Condition::Kind::All:
    case Condition::Kind::Any: break;
    }
    std::string text;
    for (const Condition& part : condition.parts) {
        if (!text.empty()) text += condition.kind == Condition::Kind::All ? " and " : " or ";
        text += textOf(part);
    }
    return text;
}

} // namespace

std::unique_ptr<CompiledCondition> compile(const Condition& condition,
                                           const std::vector<KnownClassifier>& classifiers,
                                           Patterns& patterns,
                                           std::vector<config::Problem>& problems) {
    if (condition.kind == Condition::Kind::Test)
        return compileTest(condition, classifiers, patterns, problems);
    std::vector<std::unique_ptr<CompiledCondition>> parts;
    bool whole = true;
    for (const Condition& part : condition.parts) {
        parts.push_back(compile(part, classifiers, patterns, problems));
        whole = whole && parts.back() != nullptr;
    }
    if (!whole) return nullptr;
    switch (condition.kind) {
    case Condition::Kind::Any: return std::make_unique<Any>(std::move(parts));
    case Condition::Kind::Not:
        if (parts.empty()) return nullptr;
        return std::make_unique<Not>(std::move(parts.front()), textOf(condition.parts.front()));
    default: return std::make_unique<All>(std::move(parts));
    }
}

} // namespace hearback::route
