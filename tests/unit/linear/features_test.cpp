#include "hearback/linear/features.h"

#include <catch2/catch.hpp>

#include <algorithm>

using hearback::linear::FeatureExtractor;

namespace {

std::vector<std::uint32_t> featuresOf(std::string_view text, int bits = 18) {
    FeatureExtractor extractor(bits);
    auto rows = extractor.extract(text);
    std::sort(rows.begin(), rows.end());
    return rows;
}

bool same(std::string_view a, std::string_view b) { return featuresOf(a) == featuresOf(b); }

} // namespace

// The features are part of every model that was ever trained. These rows come from another
// implementation of the definition; where they change, kFeatureVersion does.
TEST_CASE("the features of a text never change", "[linear]") {
    CHECK(hearback::linear::kFeatureVersion == 1);
    CHECK(featuresOf("ab") ==
          std::vector<std::uint32_t>{8007, 14989, 77541, 106368, 170841, 185554, 248833});
    CHECK(featuresOf("So 12 http://x.y ") ==
          std::vector<std::uint32_t>{807,    3366,   5782,   6479,   21334,  25439,  50381,
                                     56494,  56587,  61990,  67431,  69229,  69827,  73202,
                                     75595,  94903,  101696, 110851, 123739, 146751, 146948,
                                     150644, 168055, 168115, 182939, 184373, 197952, 212444,
                                     224910, 228466, 243403, 261867});
    CHECK(featuresOf("").empty());
}

TEST_CASE("large and small letters are the same in Latin and Greek and Cyrillic", "[linear]") {
    CHECK(same("LAMP", "lamp"));
    CHECK(same("\xC3\x84RGER \xC5\xA0\xC4\x8C\xC5\xBD \xC5\x81",
               "\xC3\xA4rger \xC5\xA1\xC4\x8D\xC5\xBE \xC5\x82"));
    CHECK(same("\xCE\x91\xCE\xA9", "\xCE\xB1\xCF\x89"));
    CHECK(same("\xD0\x9F\xD0\xA0\xD0\x98\xD0\x81\xD0\x84",
               "\xD0\xBF\xD1\x80\xD0\xB8\xD1\x91\xD1\x94"));
    CHECK_FALSE(same("lamp", "lump"));
    CHECK_FALSE(same("\xC3\x97", "\xC3\xB7")); // the signs of times and division are no letters
}

TEST_CASE("links and names and numbers are one word each", "[linear]") {
    CHECK(same("see https://example.org/a?b=1 now", "see http://other.example/2 now"));
    CHECK(same("see www.example.org", "see https://example.org"));
    CHECK(same("@ada hello", "@bob_99 hello"));
    CHECK(same("since 3 days", "since 14 days"));
    CHECK_FALSE(same("see https://example.org now", "see now"));
    CHECK_FALSE(same("@ada hello", "hello"));
    CHECK_FALSE(same("ada hello", "bob hello"));
    CHECK_FALSE(same("at @ home", "at @ada home"));
}

TEST_CASE("letters repeated for emphasis are two", "[linear]") {
    CHECK(same("sooooo good!!!!!", "soo good!!"));
    CHECK_FALSE(same("soo good", "so good"));
    CHECK_FALSE(same("good", "god"));
}

TEST_CASE("space is space and marks part words", "[linear]") {
    CHECK(same("a  lamp\n\tbroke", "a lamp broke"));
    CHECK(same("lamp\xC2\xA0"
               "broke\xE3\x80\x80now",
               "lamp broke now"));
    CHECK(same("lamp,broke", "lamp , broke"));
    CHECK_FALSE(same("lamp broke", "lampbroke"));
    CHECK_FALSE(same("not good", "good not"));
    CHECK(same("don't", "DON'T"));
}

TEST_CASE("an emoji is a word wherever it stands", "[linear]") {
    CHECK(same("great\xF0\x9F\x98\x80", "great \xF0\x9F\x98\x80"));
    CHECK_FALSE(same("great \xF0\x9F\x98\x80", "great \xF0\x9F\x98\xA1"));
    // So is each letter of a script that writes without spaces.
    CHECK(same("\xE5\xA5\xBD\xE7\x9A\x84", "\xE5\xA5\xBD \xE7\x9A\x84"));
}

TEST_CASE("rows fit the width of the model", "[linear]") {
    for (const int bits : {10, 18, 24}) {
        const auto rows = featuresOf("Some words, and a few more of them: 1, 2, 3!", bits);
        CHECK(rows.back() < (1U << static_cast<unsigned>(bits)));
        CHECK(rows.size() > 50);
    }
    CHECK(featuresOf("lamp", 10).size() == featuresOf("lamp", 24).size());
}

TEST_CASE("a long text and a long word have a limit", "[linear]") {
    std::string text;
    while (text.size() < FeatureExtractor::kTextMax) text += "lamp ";
    text.resize(FeatureExtractor::kTextMax);
    CHECK(same(text, text + " more that is not looked at"));
    const std::string longest(64, 'a');
    std::string mixed;
    for (int i = 0; i < 65; ++i) mixed += static_cast<char>('a' + i % 26);
    CHECK(same("lamp " + mixed + " broke", "lamp broke"));
    CHECK_FALSE(same("lamp " + mixed.substr(0, 64) + " broke", "lamp broke"));
}

TEST_CASE("an extractor keeps nothing of the text before", "[linear]") {
    FeatureExtractor extractor(18);
    const auto first = extractor.extract("lamp broke");
    (void)extractor.extract("something else entirely");
    CHECK(extractor.extract("lamp broke") == first);
}

TEST_CASE("broken UTF-8 and cut off characters are survived", "[linear]") {
    for (const char* text :
         {"\xFF\xFE", "a\xC3", "a\xE2\x82", "a\xF0\x9F\x98", "\x80\x80", "@\xC3"})
        CHECK_FALSE(featuresOf(text).empty());
    std::string cut(FeatureExtractor::kTextMax - 1, 'x');
    (void)featuresOf(cut + "\xE2\x82\xAC");
}
