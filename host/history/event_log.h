// Decisions in a file, to be compared with those of another build: docs/replay.md describes the
// bytes. Written once from its beginning to its end; read the same way. One thread.
#pragma once

#include "base/result.h"

#include "hearback/v1/history.pb.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace hearback::history {

inline constexpr std::uint32_t kEventLogFormat = 1;
// Of one entry; messages are smaller.
inline constexpr std::size_t kEntryMax = 64 << 20;

class EventLogWriter {
  public:
    // Refuses a file that is there already.
    static base::Result<EventLogWriter> create(const std::filesystem::path& file,
                                               v1::EventLogHead head);

    base::Result<void> add(v1::Decision decision);
    // Without it the log counts as cut off.
    base::Result<void> finish();
    std::int64_t decisions() const { return decisions_; }

  private:
    explicit EventLogWriter(std::filesystem::path file) : file_(std::move(file)) {}
    base::Result<void> write(const v1::EventLogEntry& entry);
    base::Error failure() const;

    std::filesystem::path file_;
    std::ofstream out_;
    std::int64_t decisions_ = 0;
};

class EventLogReader {
  public:
    static base::Result<EventLogReader> open(const std::filesystem::path& file);

    const v1::EventLogHead& head() const { return head_; }
    // None behind the last one. An error where the file is cut off or was changed.
    base::Result<std::optional<v1::Decision>> next();

  private:
    explicit EventLogReader(std::filesystem::path file) : file_(std::move(file)) {}
    base::Result<v1::EventLogEntry> read();
    base::Error broken(const std::string& how) const;

    std::filesystem::path file_;
    std::ifstream in_;
    std::uint64_t at_ = 0; // where the entry begins that is read
    v1::EventLogHead head_;
    std::int64_t decisions_ = 0;
};

} // namespace hearback::history
