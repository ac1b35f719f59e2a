// Full-text search. The index lies in a file of its own (SQLite, whatever engine holds the
// messages; of each host, where several share a database) and is filled by a thread of its own, so
// that the commit does not wait for it: it may be behind by a moment and is never wrong. How far it
// has read is stored in the transaction that stores what it read: the last id of a message and of a
// revision. That is enough because ids become visible in their order (storage: one write at a
// time).
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <thread>

namespace hearback::search {

class SearchIndex {
  public:
    static base::Result<std::unique_ptr<storage::Database>>
    openFile(const std::filesystem::path& file);

    SearchIndex(storage::Database& main, storage::Database& index, base::Clock& clock);
    ~SearchIndex();

    // Empties an index that has read further than the messages go: it belongs to other data, such
    // as the days that a backup does not have. Before anything is committed.
    base::Result<void> verify();

    void start();
    void stop();
    // Something was committed. Any thread.
    void wake() { rest_.wake(); }

    // Reads what was committed since the last time, at most one step; true where there was any.
    // The thread does this by itself; `hearback import` does it to the end before it returns.
    base::Result<bool> step();
    // Messages that are stored and not yet found.
    base::Result<std::int64_t> behind() const;

    // For search().
    storage::Database& main() const { return main_; }
    storage::Database& file() const { return index_; }

  private:
    void run(const std::stop_token& stop);

    storage::Database& main_;
    storage::Database& index_;
    base::Rest rest_;
    std::jthread thread_;
};

} // namespace hearback::search
