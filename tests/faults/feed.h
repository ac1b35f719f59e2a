// What people write on one channel, made up from a seed: messages with repeats, edits, deletions,
// numbered revisions out of their order, answers before their questions, and rows that nobody can
// read.
#pragma once

#include "pipeline/batch.h"
#include "support/put_in.h"

#include "hearback/v1/feedback.pb.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::testing {

class Feed {
  public:
    Feed(std::string source, std::uint64_t seed, std::size_t size);

    const std::string& source() const { return source_; }
    const std::vector<Input>& inputs() const { return inputs_; }
    std::size_t size() const { return inputs_.size(); }

    // Inputs [begin, end) with the checkpoint after them: as a plugin writes them, and as the
    // stages before the commit hand them on, annotated and routed.
    std::string bytesOf(std::size_t begin, std::size_t end) const;
    pipeline::Batch batchOf(std::size_t begin, std::size_t end) const;

    static v1::FeedbackMessage messageOf(const Input& input);
    // The sinks that the text of a message sends it to.
    static std::vector<std::string> sinksOf(const v1::FeedbackMessage& message);

  private:
    std::string source_;
    std::vector<Input> inputs_;
};

inline constexpr const char* kRepeatableSink = "crm";   // tells repeats by their key
inline constexpr const char* kCarelessSink = "printer"; // does everything again

} // namespace hearback::testing
