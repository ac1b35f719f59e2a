#include "storage/sqlite_once.h"

#include <sqlite3.h>

#include <mutex>

namespace hearback::storage {

void configureSqliteOnce() {
    static std::once_flag once;
    // Refused, and the slower defaults kept, where somebody in the process has used SQLite before.
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    });
}

} // namespace hearback::storage
