// What people type into the search: the index never finds a mistake in what becomes of it.
#include "fuzz/promise.h"
#include "search/query_text.h"

#include <sqlite3.h>

using namespace hearback;
using hearback::fuzz::require;

namespace {

// Words outside of quotes are the operators that the house itself puts there.
void requireQuoted(const std::string& match) {
    bool quoted = false;
    int depth = 0;
    std::string outside;
    for (const char c : match) {
        if (c == '"') quoted = !quoted;
        if (quoted || c == '"') continue;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        require(depth >= 0, "parentheses are balanced", match);
        outside += c;
    }
    require(!quoted && depth == 0, "quotes and parentheses are balanced", match);
    require(outside.find_first_not_of(" ()ANDORT") == std::string::npos,
            "nothing typed stands outside of quotes", match);
}

class Index {
  public:
    Index() {
        require(sqlite3_open(":memory:", &database_) == SQLITE_OK, "there is a database");
        run("CREATE VIRTUAL TABLE words USING fts5 (subject, text, author, content='', "
            "tokenize='porter unicode61 remove_diacritics 2')");
        run("INSERT INTO words (rowid, subject, text, author) VALUES (1, 'Lamp', 'refund a', 'x')");
        require(sqlite3_prepare_v2(database_, "SELECT rowid FROM words WHERE words MATCH ?1", -1,
                                   &select_, nullptr) == SQLITE_OK,
                "the index can be asked");
    }
    // As the product binds it: a text that ends where its bytes do.
    void requireUnderstood(const std::string& match) {
        sqlite3_bind_text(select_, 1, match.data(), static_cast<int>(match.size()), SQLITE_STATIC);
        int result = SQLITE_ROW;
        while (result == SQLITE_ROW) result = sqlite3_step(select_);
        require(result == SQLITE_DONE, "the index understands the query",
                sqlite3_errmsg(database_));
        sqlite3_reset(select_);
    }

  private:
    void run(const char* sql) {
        require(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
    }
    sqlite3* database_ = nullptr;
    sqlite3_stmt* select_ = nullptr;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Index index;
    const auto query = search::parseQuery(fuzz::toText(data, size));
    if (!query) {
        require(!query.error().message.empty(), "a refusal has its reason");
        return 0;
    }
    if (query->match.empty()) return 0;
    requireQuoted(query->match);
    index.requireUnderstood(query->match);
    return 0;
}
