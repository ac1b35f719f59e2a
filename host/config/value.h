// A configuration as it was written: values that know the line and column where they stand.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hearback::config {

struct Place {
    int line = 0; // from 1; 0: nowhere in the file
    int column = 0;
};

// Something that is wrong with a configuration.
struct Problem {
    Place place;
    std::string path; // "source[0].settings.url"
    std::string text; // a sentence that says what to do
};

class Value {
  public:
    using List = std::vector<Value>;
    using Table = std::vector<std::pair<std::string, Value>>; // in the order of the keys
    using Content = std::variant<bool, std::int64_t, double, std::string, List, Table>;

    Value() : content(Table{}) {}
    Value(Content what, Place where) : content(std::move(what)), place(where) {}

    const Value* member(std::string_view key) const;
    // "text", "integer", "table", ... for messages.
    const char* kind() const;

    Content content;
    Place place;
};

// TOML (https://toml.io/en/v1.0.0) to a value; a mistake in the syntax becomes the one problem.
bool parseToml(std::string_view text, Value& value, std::vector<Problem>& problems);

nlohmann::json toJson(const Value& value);

// Where a JSON pointer ("/rules/0/label") leads; the nearest place above where it leads nowhere.
Place placeOf(const Value& value, std::string_view pointer);

} // namespace hearback::config
