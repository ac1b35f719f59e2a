#include "support/test_store.h"

#include "storage/sql.h"

namespace hearback::testing {

std::int64_t TestStore::number(const std::string& sql) {
    const auto value = database->query<std::int64_t>("test", [&](storage::Session& session) {
        long long result = 0;
        session.sql() << sql, soci::into(result);
        return static_cast<std::int64_t>(result);
    });
    REQUIRE(value);
    return *value;
}

} // namespace hearback::testing
