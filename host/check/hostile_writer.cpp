#include "check/hostile_writer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace hearback::check {

namespace {

constexpr std::size_t kCanary = 64;
constexpr unsigned char kCanaryByte = 0xC5;

} // namespace

HostileWriter::HostileWriter(std::uint64_t limit) : limit_(limit) {
    table_.struct_size = sizeof(hb_writer);
    table_.context = this;
    table_.write = write;
    table_.reserve = reserve;
}

unsigned char* HostileWriter::add(std::uint64_t size) {
    if (size > limit_ - size_) {
        was_refused_ = true;
        return nullptr;
    }
    Piece piece;
    piece.size = size;
    try {
        piece.bytes = std::make_unique<unsigned char[]>(size + kCanary);
        pieces_.reserve(pieces_.size() + 1);
    } catch (const std::bad_alloc&) {
        was_refused_ = true;
        return nullptr;
    }
    std::fill_n(piece.bytes.get() + size, kCanary, kCanaryByte);
    size_ += size;
    pieces_.push_back(std::move(piece));
    return pieces_.back().bytes.get();
}

hb_status HostileWriter::write(void* self, const void* data, std::uint64_t size) {
    unsigned char* const place = static_cast<HostileWriter*>(self)->add(size);
    if (place == nullptr) return HB_LIMIT;
    if (size > 0) std::memcpy(place, data, size);
    return HB_OK;
}

void* HostileWriter::reserve(void* self, std::uint64_t size) {
    return static_cast<HostileWriter*>(self)->add(size);
}

std::string HostileWriter::bytes() const {
    std::string all;
    for (const Piece& piece : pieces_)
        all.append(reinterpret_cast<const char*>(piece.bytes.get()), piece.size);
    return all;
}

bool HostileWriter::wroteBeyond() const {
    return std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
        const unsigned char* const canary = piece.bytes.get() + piece.size;
        return std::any_of(canary, canary + kCanary,
                           [](unsigned char byte) { return byte != kCanaryByte; });
    });
}

} // namespace hearback::check
