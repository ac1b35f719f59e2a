// The lines of a file, each with the place where it begins. Bounded: of a line that is too long the
// beginning is given, and the rest is passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearback::file {

struct Line {
    std::string_view bytes; // with its end of line, where it has one; valid until the next call
    std::int64_t begin = 0; // offset in the file
    std::int64_t end = 0;   // offset behind it
    bool complete = false;  // it has an end of line
    bool too_long = false;  // `bytes` is its beginning only
};

class LineSource {
  public:
    static constexpr std::size_t kLineMax = 1 << 20;

    LineSource() = default;
    ~LineSource();
    LineSource(const LineSource&) = delete;
    LineSource& operator=(const LineSource&) = delete;

    // Empty, or why the file cannot be opened.
    std::string open(const std::string& path);
    void close();
    // False at the end of the file. A last line without an end is given with `complete` false.
    bool next(Line& line);
    void seek(std::int64_t offset);
    // '\n', or '\r' for files of old Macs.
    void setLineEnd(char end) { line_end_ = end; }
    char lineEnd() const { return line_end_; }

    std::int64_t size() const;
    // Up to `size` bytes from `offset` on.
    std::string read(std::int64_t offset, std::size_t size) const;

  private:
    bool fill();
    void passOver(Line& line);

    int fd_ = -1;
    char line_end_ = '\n';
    std::string buffer_;
    std::string beginning_;          // of a line that is too long
    std::size_t used_ = 0;           // of the buffer
    std::int64_t buffer_offset_ = 0; // of the buffer's first byte
};

} // namespace hearback::file
