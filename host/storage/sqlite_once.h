// What SQLite is told before its first use in the process.
#pragma once

namespace hearback::storage {

// Each connection here is used by one thread at a time, and nobody asks how much memory SQLite has:
// it need not lock for either (https://www.sqlite.org/threadsafe.html, "multi-thread").
void configureSqliteOnce();

} // namespace hearback::storage
