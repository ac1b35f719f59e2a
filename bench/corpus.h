// Feedback for benchmarks: the same lines for the same number, like real ones in length and
// variety.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace hearback::bench {

// One message as a line of NDJSON, about 380 bytes: 20 channels, 90 days, 12 languages of which one
// third is told by the channel, ratings, authors who come back; one in a hundred is a repeat.
std::string corpusLine(std::uint64_t number);

// Writes the lines 0 to `messages` - 1, in the order of their times.
void writeCorpus(const std::filesystem::path& file, std::uint64_t messages);

} // namespace hearback::bench
