// Asking the index. Any thread.
#pragma once

#include "base/result.h"
#include "search/query_text.h"
#include "search/search_index.h"
#include "storage/dictionary.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <cstdint>
#include <vector>

namespace hearback::search {

struct Hit {
    std::int64_t id = 0;
    v1::FeedbackMessage message;
    v1::AnnotationSet annotations;
    // The part of the text where the words stand, with \x02 before and \x03 behind each of them.
    std::string snippet;
};

struct Hits {
    std::vector<Hit> hits; // newest first by arrival
    // How many there are in all, counted up to `Page::count_up_to`.
    std::int64_t total = 0;
    bool counted_all = true;
};

struct Page {
    std::int64_t limit = 20;
    // Only messages with a smaller id: the last one of the page before; 0: from the newest.
    std::int64_t before = 0;
    // Counting costs, and nobody looks at the thousandth.
    std::int64_t count_up_to = 1000;
};

base::Result<Hits> search(const SearchIndex& index, storage::Dictionary& dictionary,
                          const Query& query, const Page& page);

} // namespace hearback::search
