// Words that occur in many rows (channels, labels, names), stored once and referred to by number.
// Any thread.
#pragma once

#include "base/clock.h"
#include "storage/database.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hearback::storage {

// What a word is. The numbers are stored: never change one.
enum class Term : std::int64_t {
    Source = 1,
    Channel = 2,
    Language = 3,
    Sentiment = 4,
    Topic = 5,
    Team = 6,
    Sink = 7,
    Classifier = 8
};

class Dictionary {
  public:
    static Migration migration();

    // The number of a word, given now where it is new. Empty words are number 0.
    std::int64_t idOf(Transaction& tx, Term term, std::string_view word);
    // The number of a known word.
    std::optional<std::int64_t> find(Session& session, Term term, std::string_view word);
    // The word of a number; empty for 0.
    std::string wordOf(Session& session, std::int64_t id);

  private:
    std::optional<std::int64_t> cached(Term term, std::string_view word) const;
    void remember(Term term, std::string_view word, std::int64_t id);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::int64_t> ids_; // key: number of the term, then the word
    std::unordered_map<std::int64_t, std::string> words_;
};

} // namespace hearback::storage
