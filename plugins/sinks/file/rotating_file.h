// A file that is appended to and, when it is large, set aside under a numbered name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearback::file_sink {

class RotatingFile {
  public:
    RotatingFile() = default;
    ~RotatingFile();
    RotatingFile(const RotatingFile&) = delete;
    RotatingFile& operator=(const RotatingFile&) = delete;

    // Opens or creates the file; a last line that was cut off is taken away. Empty, or what is
    // wrong.
    std::string open(const std::string& path, std::int64_t rotate_bytes, std::int64_t keep);
    void close();
    // Whether open() would work, without a trace of having tried. Empty, or what is wrong.
    static std::string whyNotWritable(const std::string& path);

    // All of it or nothing: where the disk is full, what was written of it is taken back.
    std::string append(std::string_view lines);
    // On the disk when this returns; where it cannot be, what came since the last one is taken
    // back.
    std::string flush();
    // Sets the file aside where it is large enough; true where a new, empty one was begun.
    bool rotateIfLarge();

    std::int64_t size() const { return size_; }
    // The last bytes, beginning with a whole line.
    std::string tail(std::size_t bytes) const;
    // The same of the file that was set aside last.
    std::string previousTail(std::size_t bytes) const;

  private:
    std::string reopen();
    std::string numbered(std::int64_t number) const;

    std::string path_;
    std::int64_t rotate_bytes_ = 0;
    std::int64_t keep_ = 0;
    int fd_ = -1;
    std::int64_t size_ = 0;
    std::int64_t flushed_ = 0; // what the disk has of it
};

} // namespace hearback::file_sink
