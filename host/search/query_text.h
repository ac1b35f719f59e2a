// What a person types into the search: words, "phrases", -exclusions and filters such as
// channel:mail, turned into what the index understands. Nothing that is typed is an error of the
// database: every word is quoted.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace hearback::search {

struct Query {
    std::string match; // for FTS5; empty: no words, filters only
    std::string source;
    std::string channel;
    std::string language;
    std::string sentiment;
    std::string topic;
    std::string team;
    int spam = -1; // 0, 1, -1: both
    base::Micros since = 0;
    base::Micros until = 0; // 0: no limit
};

// refund "lost luggage" -hotel channel:twitter topic:billing since:2015-02-16 is:spam
base::Result<Query> parseQuery(std::string_view text);

} // namespace hearback::search
