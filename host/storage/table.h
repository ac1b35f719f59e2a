// Tables as data, for what handles all of them alike: their rows, read and written in bulk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::storage {

class Session;
struct Migration;

enum class ColumnType { Integer, Text, Bytes };

struct Column {
    std::string name;
    ColumnType type = ColumnType::Integer;
};

struct Table {
    std::string name;
    std::vector<Column> columns;
};

// One value of a row; which of the two it is says its column. No column holds NULL.
struct Value {
    std::int64_t number = 0;
    std::string_view bytes;
};
using Row = std::vector<Value>;
// The values live until it returns.
using EachRow = std::function<void(const Row&)>;

// Rows on their way into one table. What was added is in the table after finish().
class RowWriter {
  public:
    RowWriter() = default;
    RowWriter(const RowWriter&) = delete;
    RowWriter& operator=(const RowWriter&) = delete;
    virtual ~RowWriter() = default;

    virtual void add(const Row& row) = 0;
    virtual void finish() = 0;
};

// "a, b, c"
std::string columnList(const Table& table);

// The tables that the migrations make, in the order of their names.
std::vector<Table> tablesOf(std::span<const Migration> migrations);
// The tables that are in a SQLite file, in the order of their names.
std::vector<Table> tablesIn(Session& sqlite);

} // namespace hearback::storage
