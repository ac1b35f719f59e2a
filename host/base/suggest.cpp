#include "base/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace hearback::base {

namespace {

// Levenshtein distance, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = a[i - 1] == b[j - 1] ? diagonal : 1 + std::min({diagonal, above, row[j - 1]});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::string suggest(std::string_view word, std::span<const std::string> known) {
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        if (word.size() > 64 || candidate.size() > 64) continue;
        const std::size_t d = distance(word, candidate);
        if (d < best_distance) {
            best_distance = d;
            best = &candidate;
        }
    }
    return best == nullptr ? std::string() : " (did you mean \"" + *best + "\"?)";
}

} // namespace hearback::base
