#include "config/table_reader.h"

#include "base/suggest.h"

#include <algorithm>

namespace hearback::config {

TableReader::TableReader(const Value& table, std::string path, std::vector<Problem>& problems)
    : table_(table), path_(std::move(path)), problems_(problems) {}

std::string TableReader::pathOf(std::string_view key) const {
    std::string path = path_;
    if (!path.empty() && !key.empty()) path += '.';
    return path.append(key);
}

const Value* TableReader::value(std::string_view key) {
    known_.emplace_back(key);
    return table_.member(key);
}

Place TableReader::placeOf(std::string_view key) const {
    const Value* member = table_.member(key);
    return member == nullptr ? table_.place : member->place;
}

void TableReader::problem(std::string_view key, std::string text) {
    problems_.push_back({placeOf(key), pathOf(key), std::move(text)});
}

void TableReader::text(std::string_view key, std::string& into) {
    const Value* found = value(key);
    if (found == nullptr) return;
    if (const auto* text = std::get_if<std::string>(&found->content))
        into = *text;
    else
        problem(key, std::string("must be text, not ") + found->kind());
}

void TableReader::requiredText(std::string_view key, std::string& into) {
    text(key, into);
    const Value* found = table_.member(key);
    const auto* given = found == nullptr ? nullptr : std::get_if<std::string>(&found->content);
    if (found == nullptr || (given != nullptr && given->empty())) problem(key, "is required");
}

void TableReader::integer(std::string_view key, std::int64_t& into, std::int64_t low,
                          std::int64_t high) {
    const Value* found = value(key);
    if (found == nullptr) return;
    const auto* number = std::get_if<std::int64_t>(&found->content);
    if (number == nullptr)
        problem(key, std::string("must be an integer, not ") + found->kind());
    else if (*number < low || *number > high)
        problem(key, "must be between " + std::to_string(low) + " and " + std::to_string(high));
    else
        into = *number;
}

void TableReader::boolean(std::string_view key, bool& into) {
    const Value* found = value(key);
    if (found == nullptr) return;
    if (const auto* truth = std::get_if<bool>(&found->content))
        into = *truth;
    else
        problem(key, std::string("must be true or false, not ") + found->kind());
}

void TableReader::texts(std::string_view key, std::vector<std::string>& into) {
    const Value* found = value(key);
    if (found == nullptr) return;
    const auto* list = std::get_if<Value::List>(&found->content);
    if (list == nullptr) {
        problem(key, std::string("must be a list of texts, not ") + found->kind());
        return;
    }
    for (const Value& item : *list) {
        if (const auto* text = std::get_if<std::string>(&item.content))
            into.push_back(*text);
        else
            problem(key, std::string("must hold texts only, not ") + item.kind());
    }
}

void TableReader::integers(std::string_view key, std::vector<std::int64_t>& into, std::int64_t low,
                           std::int64_t high) {
    const Value* found = value(key);
    if (found == nullptr) return;
    const auto* list = std::get_if<Value::List>(&found->content);
    if (list == nullptr) {
        problem(key, std::string("must be a list of integers, not ") + found->kind());
        return;
    }
    into.clear();
    for (const Value& item : *list) {
        const auto* number = std::get_if<std::int64_t>(&item.content);
        if (number == nullptr)
            problem(key, std::string("must hold integers only, not ") + item.kind());
        else if (*number < low || *number > high)
            problem(key, "must hold integers between " + std::to_string(low) + " and " +
                             std::to_string(high));
        else
            into.push_back(*number);
    }
}

void TableReader::table(std::string_view key, const std::function<void(TableReader&)>& read) {
    const Value* found = value(key);
    if (found == nullptr) return;
    if (!std::holds_alternative<Value::Table>(found->content)) {
        problem(key, std::string("must be a table, not ") + found->kind());
        return;
    }
    TableReader reader(*found, pathOf(key), problems_);
    read(reader);
    reader.finish();
}

void TableReader::tables(std::string_view key, const std::function<void(TableReader&)>& read) {
    const Value* found = value(key);
    if (found == nullptr) return;
    const auto* list = std::get_if<Value::List>(&found->content);
    if (list == nullptr) {
        problem(key, "must be a list of tables: write [[" + pathOf(key) + "]]");
        return;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string path = pathOf(key) + "[" + std::to_string(i) + "]";
        TableReader reader((*list)[i], path, problems_);
        if (!std::holds_alternative<Value::Table>((*list)[i].content)) {
            problems_.push_back({(*list)[i].place, path, "must be a table"});
            continue;
        }
        read(reader);
        reader.finish();
    }
}

void TableReader::finish() {
    const auto* table = std::get_if<Value::Table>(&table_.content);
    if (table == nullptr) return;
    for (const auto& [key, member] : *table) {
        if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
        problems_.push_back(
            {member.place, pathOf(key), "is no setting" + base::suggest(key, known_)});
    }
}

} // namespace hearback::config
