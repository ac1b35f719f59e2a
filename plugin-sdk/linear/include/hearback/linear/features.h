// The features of a text: hashed words, word pairs, and the letters within words. One pass over the
// text, no table of words: every model of the same width shares them.
//
// Words are folded first: small letters (Latin, Greek, Cyrillic), three or more of a letter become
// two, links become one word, as do @names and numbers. The definition is part of a model: a change
// of it is a new value of kFeatureVersion, and models of another version are refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::linear {

inline constexpr int kFeatureVersion = 1;
// Rows of a model's table: 2^18. Smaller ones cost a point of quality, larger ones win nothing.
inline constexpr int kDefaultBits = 18;

class FeatureExtractor {
  public:
    // `bits`: the model's width, 10 to 24.
    explicit FeatureExtractor(int bits) : mask_((std::uint32_t{1} << bits) - 1) {}

    // The rows of the text's features, one entry for each occurrence, in no order. The result is
    // valid until the next call. Reads at most kTextMax bytes; `text` is valid UTF-8.
    const std::vector<std::uint32_t>& extract(std::string_view text);

    static constexpr std::size_t kTextMax = 16 << 10;

  private:
    void fold(std::string_view text);
    void addToken(std::string_view token);
    void addLetters(std::string_view token);

    std::uint32_t mask_;
    std::string folded_; // tokens, each with a border before and behind it
    std::vector<std::uint32_t> rows_;
    std::uint32_t previous_ = 0; // hash of the token before
};

} // namespace hearback::linear
