// A writer that takes as much as its limit, and no more; behind every piece that a plugin reserves
// stands a row of known bytes.
#pragma once

#include "hearback/plugin/abi.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hearback::check {

class HostileWriter {
  public:
    explicit HostileWriter(std::uint64_t limit);
    HostileWriter(const HostileWriter&) = delete;
    HostileWriter& operator=(const HostileWriter&) = delete;

    const hb_writer* table() const { return &table_; }
    std::string bytes() const;
    bool wasRefused() const { return was_refused_; }
    bool wroteBeyond() const;

  private:
    struct Piece {
        std::unique_ptr<unsigned char[]> bytes; // and the known ones behind them
        std::uint64_t size = 0;
    };
    static hb_status write(void* self, const void* data, std::uint64_t size);
    static void* reserve(void* self, std::uint64_t size);
    unsigned char* add(std::uint64_t size);

    hb_writer table_{};
    std::uint64_t limit_;
    std::uint64_t size_ = 0;
    bool was_refused_ = false;
    std::vector<Piece> pieces_;
};

} // namespace hearback::check
