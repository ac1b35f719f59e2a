#include "history/event_log.h"

#include "base/fingerprint.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace hearback::history {

namespace {

using base::Code;
using base::Error;

constexpr std::string_view kMagic = "hearback event log\n";
constexpr std::size_t kPrefix = 12; // length (4 bytes), fingerprint (8 bytes)

std::string littleEndian(std::uint64_t number, std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xffU);
    return out;
}

std::uint64_t numberOf(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i > 0; --i)
        number = number << 8U | static_cast<unsigned char>(bytes[i - 1]);
    return number;
}

std::uint64_t fingerprintOf(std::string_view bytes) {
    return static_cast<std::uint64_t>(base::Fingerprint().add(bytes).value());
}

} // namespace

base::Result<EventLogWriter> EventLogWriter::create(const std::filesystem::path& file,
                                                    v1::EventLogHead head) {
    std::error_code error;
    if (std::filesystem::exists(file, error))
        return Error{Code::Conflict, file.string() + " is there already: name another file"};
    EventLogWriter writer(file);
    writer.out_.open(file, std::ios::binary);
    writer.out_ << kMagic;
    head.set_format(kEventLogFormat);
    v1::EventLogEntry entry;
    *entry.mutable_head() = std::move(head);
    const auto written = writer.write(entry);
    if (!written) return written.error();
    return writer;
}

base::Result<void> EventLogWriter::add(v1::Decision decision) {
    v1::EventLogEntry entry;
    *entry.mutable_decision() = std::move(decision);
    ++decisions_;
    return write(entry);
}

base::Result<void> EventLogWriter::finish() {
    v1::EventLogEntry entry;
    entry.mutable_end()->set_decisions(decisions_);
    const auto written = write(entry);
    if (!written) return written.error();
    out_.close();
    if (!out_) return failure();
    return {};
}

base::Result<void> EventLogWriter::write(const v1::EventLogEntry& entry) {
    const std::string bytes = entry.SerializeAsString();
    if (bytes.size() > kEntryMax)
        return Error{Code::Full, "a message is too large for an event log"};
    out_ << littleEndian(bytes.size(), 4) << littleEndian(fingerprintOf(bytes), 8) << bytes;
    if (!out_) return failure();
    return {};
}

Error EventLogWriter::failure() const {
    return {Code::Unavailable,
            file_.string() + " cannot be written: " + std::strerror(errno == 0 ? EIO : errno)};
}

base::Result<EventLogReader> EventLogReader::open(const std::filesystem::path& file) {
    EventLogReader reader(file);
    errno = 0;
    reader.in_.open(file, std::ios::binary);
    if (!reader.in_)
        return Error{Code::NotFound,
                     file.string() + " cannot be read: " + std::strerror(errno == 0 ? EIO : errno)};
    std::string magic(kMagic.size(), '\0');
    reader.in_.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    if (magic != kMagic)
        return Error{Code::Invalid, file.string() + " is no event log of hearback record"};
    reader.at_ = kMagic.size();
    auto entry = reader.read();
    if (!entry) return entry.error();
    if (!entry->has_head()) return reader.broken("does not begin with its head");
    reader.head_ = std::move(*entry->mutable_head());
    if (reader.head_.format() > kEventLogFormat)
        return Error{Code::Unsupported,
                     file.string() + " was written by Hearback " + reader.head_.hearback_version() +
                         " in format " + std::to_string(reader.head_.format()) +
                         ", and this one reads format " + std::to_string(kEventLogFormat) +
                         ": replay it with a newer one"};
    return reader;
}

base::Result<std::optional<v1::Decision>> EventLogReader::next() {
    auto entry = read();
    if (!entry) return entry.error();
    if (entry->has_end()) {
        if (entry->end().decisions() != decisions_)
            return broken("ends after " + std::to_string(decisions_) +
                          " decisions and should have " + std::to_string(entry->end().decisions()));
        return std::optional<v1::Decision>();
    }
    if (!entry->has_decision()) return broken("holds an entry that is no decision");
    ++decisions_;
    return std::optional(std::move(*entry->mutable_decision()));
}

base::Result<v1::EventLogEntry> EventLogReader::read() {
    std::array<char, kPrefix> prefix{};
    in_.read(prefix.data(), prefix.size());
    if (!in_) return broken("is cut off");
    const std::string_view head(prefix.data(), prefix.size());
    const std::uint64_t size = numberOf(head.substr(0, 4));
    if (size > kEntryMax) return broken("was changed");
    std::string bytes(size, '\0');
    in_.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in_) return broken("is cut off");
    v1::EventLogEntry entry;
    if (fingerprintOf(bytes) != numberOf(head.substr(4)) || !entry.ParseFromString(bytes))
        return broken("was changed");
    at_ += kPrefix + size;
    return entry;
}

Error EventLogReader::broken(const std::string& how) const {
    return {Code::Corrupt,
            file_.string() + " " + how + ", at byte " + std::to_string(at_) + ": record it again"};
}

} // namespace hearback::history
