#include "route/patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace hearback::route {

namespace {

constexpr std::int64_t kPatternMemory = 8 << 20;
constexpr std::int64_t kSetMemory = 32 << 20;

RE2::Options optionsWith(std::int64_t memory) {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    options.set_max_mem(memory);
    return options;
}

} // namespace

// RE2 is linear in time, and knows the case of every script.
struct Patterns::OfField {
    OfField(std::string known_as, Field read_by)
        : name(std::move(known_as)), field(std::move(read_by)) {}

    std::string name;
    Field field;
    RE2::Set together = RE2::Set(optionsWith(kSetMemory), RE2::UNANCHORED);
    std::vector<std::unique_ptr<RE2>> alone;
    bool compiled = false;

    void search(std::string_view text, std::vector<int>& found) const {
        const re2::StringPiece piece(text.data(), text.size());
        RE2::Set::ErrorInfo error{};
        if (compiled && together.Match(piece, &found, &error)) return;
        if (compiled && error.kind == RE2::Set::kNoError) return;
        // Together they need more memory than they may have.
        found.clear();
        for (std::size_t i = 0; i < alone.size(); ++i)
            if (RE2::PartialMatch(piece, *alone[i])) found.push_back(static_cast<int>(i));
    }
};

Patterns::Patterns() = default;
Patterns::~Patterns() = default;

base::Result<Patterns::Place> Patterns::add(const std::string& field_name, const Field& field,
                                            const std::string& expression, Fits fits) {
    const std::string whole = fits == Fits::Whole ? "\\A(?:" + expression + ")\\z" : expression;
    auto alone = std::make_unique<RE2>(whole, optionsWith(kPatternMemory));
    if (!alone->ok()) return base::Error{base::Code::Invalid, alone->error()};
    auto place = std::find_if(fields_.begin(), fields_.end(),
                              [&](const auto& each) { return each->name == field_name; });
    if (place == fields_.end())
        place = fields_.insert(fields_.end(), std::make_unique<OfField>(field_name, field));
    OfField& of = **place;
    std::string why;
    const int pattern = of.together.Add(whole, &why);
    if (pattern < 0) return base::Error{base::Code::Invalid, why};
    of.alone.push_back(std::move(alone));
    return Place{static_cast<std::size_t>(place - fields_.begin()), pattern};
}

void Patterns::compile() {
    for (auto& each : fields_) each->compiled = each->together.Compile();
}

std::vector<int> Patterns::search(std::size_t field, const pipeline::Item& item) const {
    const OfField& of = *fields_[field];
    std::vector<int> found;
    // A field of text has one text at most.
    for (const std::string_view text : of.field.read(item).texts) of.search(text, found);
    return found;
}

Subject::Subject(const pipeline::Item& item, const Patterns& patterns)
    : item_(item), patterns_(patterns), found_(patterns.fields()) {}

bool Subject::has(Patterns::Place place) const {
    Found& found = found_[place.field];
    if (!found.searched) {
        found.patterns = patterns_.search(place.field, item_);
        found.searched = true;
    }
    return std::find(found.patterns.begin(), found.patterns.end(), place.pattern) !=
           found.patterns.end();
}

} // namespace hearback::route
