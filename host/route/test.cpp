#include "route/test.h"

#include "base/suggest.h"

#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iomanip>
#include <sstream>

namespace hearback::route {

namespace {

using config::Condition;
using config::Value;
using Values = Field::Values;

constexpr std::size_t kPatternMax = 4096;

std::string numberText(double number) {
    std::ostringstream text;
    text << std::setprecision(15) << number;
    return text.str();
}

// What a message has, as an explanation shows it; a long text is only said to be another one.
std::string shown(const Field& field, const Values& values) {
    if (!values.any()) return "there is none";
    if (values.number) return "it is " + numberText(*values.number);
    if (values.truth) return *values.truth ? "it is true" : "it is false";
    if (field.type() == FieldType::Text && values.texts.front().size() > 64) return "it is not";
    std::string text = "it is ";
    for (const std::string_view each : values.texts)
        text += (text.size() > 6 ? ", \"" : "\"") + std::string(each) + "\"";
    return text;
}

class Test final : public CompiledCondition {
  public:
    using Predicate = std::function<bool(const Subject&)>;
    Test(Field field, Predicate predicate, std::string text)
        : field_(std::move(field)), predicate_(std::move(predicate)), text_(std::move(text)) {}
    bool holds(const Subject& subject) const override { return predicate_(subject); }
    Verdict explain(const Subject& subject) const override {
        if (predicate_(subject)) return {};
        return {false, text_ + ", but " + shown(field_, field_.read(subject.item()))};
    }

  private:
    Field field_;
    Predicate predicate_;
    std::string text_;
};

class TestCompiler {
  public:
    TestCompiler(const Condition& test, const std::vector<KnownClassifier>& classifiers,
                 Patterns& patterns, std::vector<config::Problem>& problems)
        : test_(test), classifiers_(classifiers), patterns_(patterns), problems_(problems) {}

    std::unique_ptr<CompiledCondition> run() {
        const auto field = Field::find(test_.field, classifiers_);
        if (!field) {
            const auto known = Field::names(classifiers_);
            return problem("field", "there is no field \"" + test_.field + "\"" +
                                        base::suggest(test_.field, known));
        }
        field_ = *field;
        Test::Predicate predicate = compilePredicate();
        if (!predicate) return nullptr;
        return std::make_unique<Test>(field_, std::move(predicate), describeTest(test_));
    }

  private:
    std::nullptr_t problem(const std::string& member, const std::string& text) {
        const config::Place value_place =
            test_.value.place.line > 0 ? test_.value.place : test_.place;
        const config::Place place = member == "field" ? test_.field_place
                                    : member == "op"  ? test_.op_place
                                                      : value_place;
        problems_.push_back({place, test_.path + "." + member, text});
        return nullptr;
    }

    // A predicate of what the message has in the field.
    template <class Fits>
    Test::Predicate ofValues(Fits fits) const {
        return [field = field_, fits = std::move(fits)](const Subject& subject) {
            return fits(field.read(subject.item()));
        };
    }

    Test::Predicate compilePredicate() {
        if (test_.op == "exists") {
            const auto* wanted = std::get_if<bool>(&test_.value.content);
            const bool given = test_.value.place.line > 0;
            if (given && wanted == nullptr) return problem("value", "must be true or false");
            const bool there = wanted == nullptr || *wanted;
            return ofValues([there](const Values& values) { return values.any() == there; });
        }
        if (test_.op == "is not") {
            Test::Predicate is = compileOp("is");
            if (!is) return nullptr;
            return [is](const Subject& subject) { return !is(subject); };
        }
        return compileOp(test_.op);
    }

    Test::Predicate compileOp(const std::string& op) {
        switch (field_.type()) {
        case FieldType::Number: return compileNumber(op);
        case FieldType::Truth: return compileTruth(op);
        case FieldType::Text:
        case FieldType::Label: return compileText(op);
        }
        return nullptr;
    }

    Test::Predicate wrongOp(const std::string& op, const std::vector<std::string>& known) {
        std::string list;
        for (const std::string& each : known) list += (list.empty() ? "\"" : ", \"") + each + "\"";
        problem("op", "\"" + op + "\" does not go with the " + nameOf(field_.type()) + " \"" +
                          test_.field + "\": use " + list);
        return nullptr;
    }

    Test::Predicate compileNumber(const std::string& op) {
        struct Op {
            std::string_view name;
            bool (*fits)(double, double);
        };
        constexpr std::array<Op, 5> kOps = {{{"is", [](double a, double b) { return a == b; }},
                                             {"<", [](double a, double b) { return a < b; }},
                                             {"<=", [](double a, double b) { return a <= b; }},
                                             {">", [](double a, double b) { return a > b; }},
                                             {">=", [](double a, double b) { return a >= b; }}}};
        const auto* known =
            std::find_if(kOps.begin(), kOps.end(), [&](const Op& each) { return each.name == op; });
        if (known == kOps.end())
            return wrongOp(op, {"is", "is not", "<", "<=", ">", ">=", "exists"});
        double wanted = 0;
        if (const auto* integer = std::get_if<std::int64_t>(&test_.value.content))
            wanted = static_cast<double>(*integer);
        else if (const auto* number = std::get_if<double>(&test_.value.content))
            wanted = *number;
        else
            return problem("value", "must be a number");
        return ofValues([fits = known->fits, wanted](const Values& values) {
            return values.number && fits(*values.number, wanted);
        });
    }

    Test::Predicate compileTruth(const std::string& op) {
        if (op != "is") return wrongOp(op, {"is", "is not", "exists"});
        const auto* wanted = std::get_if<bool>(&test_.value.content);
        if (wanted == nullptr) return problem("value", "must be true or false");
        return ofValues(
            [wanted = *wanted](const Values& values) { return values.truth == wanted; });
    }

    Test::Predicate compileText(const std::string& op) {
        const bool label = field_.type() == FieldType::Label;
        if (op == "in") return compileIn();
        if (op != "is" && (label || (op != "contains" && op != "matches")))
            return label ? wrongOp(op, {"is", "is not", "in", "exists"})
                         : wrongOp(op, {"is", "is not", "contains", "matches", "in", "exists"});
        const auto* wanted = std::get_if<std::string>(&test_.value.content);
        if (wanted == nullptr) return problem("value", "must be text");
        if (label) {
            if (!isLabel(*wanted)) return nullptr;
            return compileLabel(*wanted);
        }
        return compilePattern(op, *wanted);
    }

    Test::Predicate compileLabel(const std::string& wanted) const {
        return ofValues([wanted](const Values& values) {
            return std::find(values.texts.begin(), values.texts.end(), wanted) !=
                   values.texts.end();
        });
    }

    // Every comparison of text is a regular expression.
    Test::Predicate compilePattern(const std::string& op, const std::string& wanted) {
        if (wanted.size() > kPatternMax)
            return problem("value", "has more than " + std::to_string(kPatternMax) + " bytes");
        const auto place =
            patterns_.add(test_.field, field_, op == "matches" ? wanted : RE2::QuoteMeta(wanted),
                          op == "is" ? Patterns::Fits::Whole : Patterns::Fits::Anywhere);
        if (!place) return problem("value", "is no regular expression: " + place.error().message);
        return [place = *place](const Subject& subject) { return subject.has(place); };
    }

    Test::Predicate compileIn() {
        const auto* list = std::get_if<Value::List>(&test_.value.content);
        if (list == nullptr || list->empty()) return problem("value", "must be a list of texts");
        std::vector<Test::Predicate> any;
        for (const Value& item : *list) {
            const auto* text = std::get_if<std::string>(&item.content);
            if (text == nullptr) return problem("value", "must hold texts only");
            if (field_.type() == FieldType::Label) {
                if (!isLabel(*text)) return nullptr;
                any.push_back(compileLabel(*text));
            } else {
                any.push_back(compilePattern("is", *text));
            }
        }
        return [any](const Subject& subject) {
            return std::any_of(any.begin(), any.end(),
                               [&](const auto& each) { return each(subject); });
        };
    }

    bool isLabel(const std::string& wanted) {
        const auto& known = field_.labels();
        if (known.empty() || std::find(known.begin(), known.end(), wanted) != known.end())
            return true;
        problem("value", "\"" + test_.field + "\" is never \"" + wanted + "\"" +
                             base::suggest(wanted, known));
        return false;
    }

    const Condition& test_;
    const std::vector<KnownClassifier>& classifiers_;
    Patterns& patterns_;
    std::vector<config::Problem>& problems_;
    Field field_;
};

} // namespace

std::unique_ptr<CompiledCondition> compileTest(const Condition& test,
                                               const std::vector<KnownClassifier>& classifiers,
                                               Patterns& patterns,
                                               std::vector<config::Problem>& problems) {
    return TestCompiler(test, classifiers, patterns, problems).run();
}

std::string describeTest(const Condition& test) {
    const std::string value = config::toJson(test.value).dump();
    return test.field + " " + test.op + (value == "{}" ? "" : " " + value);
}

} // namespace hearback::route
