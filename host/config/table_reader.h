// Takes the members out of a table one by one, with their types, and collects what is wrong; what
// was never asked for is a mistake of the writer's.
#pragma once

#include "config/value.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::config {

class TableReader {
  public:
    // `path` is the table's own: "http", "source[2]", "" for the file.
    TableReader(const Value& table, std::string path, std::vector<Problem>& problems);

    // Leave `into` as it is where the member is absent or wrong.
    void text(std::string_view key, std::string& into);
    void requiredText(std::string_view key, std::string& into);
    void integer(std::string_view key, std::int64_t& into, std::int64_t low, std::int64_t high);
    void boolean(std::string_view key, bool& into);
    void texts(std::string_view key, std::vector<std::string>& into);
    // In place of what is in `into`.
    void integers(std::string_view key, std::vector<std::int64_t>& into, std::int64_t low,
                  std::int64_t high);
    // `read` is called with the reader of the member table.
    void table(std::string_view key, const std::function<void(TableReader&)>& read);
    // The same for each table of a list of tables.
    void tables(std::string_view key, const std::function<void(TableReader&)>& read);
    // Any value; null where it is absent.
    const Value* value(std::string_view key);

    void problem(std::string_view key, std::string text);
    // Every member that nobody asked for is a problem.
    void finish();

    const std::string& path() const { return path_; }
    Place place() const { return table_.place; }
    // Of a member, or of the table where it is absent.
    Place placeOf(std::string_view key) const;
    std::string pathOf(std::string_view key) const;

  private:
    const Value& table_;
    std::string path_;
    std::vector<Problem>& problems_;
    std::vector<std::string> known_;
};

} // namespace hearback::config
