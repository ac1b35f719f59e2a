// What a postgresql:// address says, completed with what must not be left to chance.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>

namespace hearback::storage {

struct PostgresTarget {
    std::string conninfo; // for libpq; holds the password
    std::string name;     // for people: host and database
};

// `password` may be empty: libpq then looks where it always does (PGPASSFILE, ~/.pgpass).
// Invalid, with what is wrong and without the password, where the address cannot be read.
base::Result<PostgresTarget> readPostgresUrl(const std::string& url, const std::string& password);

} // namespace hearback::storage
