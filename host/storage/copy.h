// All data of a database into another one, whatever the engines; and as a file, for keeping.
#pragma once

#include "storage/database.h"

#include <cstdint>

namespace hearback::storage {

// What a table holds: the same number on both engines and in any order of the rows.
struct TableSum {
    std::string table;
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    bool operator==(const TableSum&) const = default;
};

// Told now and then how many rows of how many are done; they are gone over twice.
using CopyProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// Copies one snapshot of `from` in one transaction that also reads what it wrote and compares: `to`
// has all of it, or nothing and can be copied into again. Conflict where a table of `to` is not
// empty; Corrupt where what was read back is not what was written.
base::Result<std::vector<TableSum>> copyAll(Database& from, Database& to,
                                            std::span<const Migration> migrations,
                                            const CopyProgress& progress);

// copyAll() into a new SQLite file that holds its own sums too: a backup.
base::Result<std::vector<TableSum>> writeBackup(Database& from, const std::filesystem::path& file,
                                                std::span<const Migration> migrations,
                                                const CopyProgress& progress);

// Checks that a file is a backup and holds what it held, and makes it a database like any other.
// Its tables keep their version.
base::Result<std::vector<TableSum>> openBackup(const std::filesystem::path& file,
                                               const CopyProgress& progress);

} // namespace hearback::storage
