#include "base/log.h"
#include "search/search_index.h"
#include "storage/sql.h"

#include "hearback/v1/feedback.pb.h"

#include <set>

namespace hearback::search {

namespace {

using soci::into;
using soci::use;

// What one transaction of the index takes, whichever comes first.
constexpr long long kMessagesPerStep = 4096;
constexpr std::size_t kBytesPerStep = 8 << 20;

// A message as the index has it.
struct Words {
    long long id = 0;
    std::string subject;
    std::string text;
    std::string author;
};

Words wordsOf(long long id, const std::string& body) {
    v1::FeedbackMessage message;
    if (!message.ParseFromString(body))
        throw storage::StorageFailure(
            {base::Code::Corrupt, "message " + std::to_string(id) + " cannot be read"});
    Words words;
    words.id = id;
    // A tombstone is not found any more, whatever text came with it.
    if (message.deleted_at_us() != 0) return words;
    words.subject = message.subject();
    words.text = message.text();
    words.author = message.author().display_name() + " " + message.author().handle();
    return words;
}

// How far the index has read: messages, and revisions that became history.
struct Position {
    long long message = 0;
    long long revision = 0;
};

// What changed in the main database since a position, read in one snapshot.
struct Changes {
    std::vector<Words> remove; // as it is in the index
    std::vector<Words> add;
    Position position;
};

// The index has no copy of the texts: to take a message out, it must be told what it had put in.
// That is the revision which the first edit since the position made history.
Changes readChanges(storage::Session& main, const Position& from) {
    Changes changes;
    changes.position = from;
    long long id = 0;
    std::string body;
    const long long limit = kMessagesPerStep;
    {
        std::size_t bytes = 0;
        soci::statement select =
            (main.sql().prepare << "SELECT id, body FROM message WHERE id > :from ORDER BY id "
                                   "LIMIT :limit",
             into(id), storage::intoBytes(main.sql(), body), use(from.message), use(limit));
        select.execute();
        while (bytes < kBytesPerStep && select.fetch()) {
            bytes += body.size();
            changes.add.push_back(wordsOf(id, body));
            changes.position.message = id;
        }
    }
    long long newest = 0;
    main.sql() << "SELECT coalesce(max(id), 0) FROM message_revision", into(newest);
    std::set<long long> edited;
    soci::statement select =
        (main.sql().prepare << "SELECT message_id, body FROM message_revision WHERE id > :from AND "
                               "message_id <= :known AND was_current = 1 ORDER BY id",
         into(id), storage::intoBytes(main.sql(), body), use(from.revision), use(from.message));
    select.execute();
    while (select.fetch())
        if (edited.insert(id).second) changes.remove.push_back(wordsOf(id, body));
    for (const long long message : edited) {
        main.sql() << "SELECT body FROM message WHERE id = :id",
            storage::intoBytes(main.sql(), body), use(message);
        changes.add.push_back(wordsOf(message, body));
    }
    changes.position.revision = newest;
    return changes;
}

Position loadPosition(soci::session& sql) {
    Position position;
    sql << "SELECT message, revision FROM indexed WHERE id = 1", into(position.message),
        into(position.revision);
    return position;
}

base::Result<Position> positionOf(storage::Database& index) {
    return index.query<Position>(
        "look at the index", [](storage::Session& session) { return loadPosition(session.sql()); });
}

struct WriteWords {
    Words words;
    soci::statement statement;
    WriteWords(soci::session& sql, const char* text)
        : statement((sql.prepare << text, use(words.id), use(words.subject), use(words.text),
                     use(words.author))) {}
};
struct AddWords : WriteWords {
    explicit AddWords(soci::session& sql)
        : WriteWords(sql, "INSERT INTO words (rowid, subject, text, author) "
                          "VALUES (:id, :subject, :text, :author)") {}
};
struct RemoveWords : WriteWords {
    explicit RemoveWords(soci::session& sql)
        : WriteWords(sql, "INSERT INTO words (words, rowid, subject, text, author) "
                          "VALUES ('delete', :id, :subject, :text, :author)") {}
};

} // namespace

base::Result<std::unique_ptr<storage::Database>>
SearchIndex::openFile(const std::filesystem::path& file) {
    // https://www.sqlite.org/fts5.html: contentless, so that a text lies in the main database only.
    const std::vector<storage::Migration> migrations = {
        {"search",
         1,
         {"CREATE VIRTUAL TABLE words USING fts5 (subject, text, author, content='', "
          "tokenize='porter unicode61 remove_diacritics 2')",
          "CREATE TABLE indexed (id $id, message BIGINT NOT NULL, revision BIGINT NOT NULL)",
          "INSERT INTO indexed (id, message, revision) VALUES (1, 0, 0)"}}};
    storage::DatabaseOptions options;
    options.file = file;
    options.flush_each_commit = false;
    options.writer_cache_kib = 16 * 1024;
    return storage::Database::open(options, migrations);
}

base::Result<void> SearchIndex::verify() {
    // The index first: what it has read was committed before.
    const auto position = positionOf(index_);
    if (!position) return position.error();
    bool is_ahead = false;
    auto compared = main_.read("compare the index", [&](storage::Session& session) {
        Position newest;
        session.sql() << "SELECT coalesce(max(id), 0) FROM message", into(newest.message);
        session.sql() << "SELECT coalesce(max(id), 0) FROM message_revision", into(newest.revision);
        is_ahead = position->message > newest.message || position->revision > newest.revision;
    });
    if (!compared || !is_ahead) return compared;
    base::logWarning("search", "the index knows messages that are not there: it is made again",
                     {{"file", index_.file().string()}});
    return index_.write("empty the index", [](storage::Transaction& tx) {
        tx.sql() << "INSERT INTO words (words) VALUES ('delete-all')";
        tx.sql() << "UPDATE indexed SET message = 0, revision = 0 WHERE id = 1";
    });
}

SearchIndex::SearchIndex(storage::Database& main, storage::Database& index, base::Clock& clock)
    : main_(main), index_(index), rest_(clock) {}

SearchIndex::~SearchIndex() { stop(); }

void SearchIndex::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void SearchIndex::stop() {
    thread_.request_stop();
    rest_.wake();
    if (thread_.joinable()) thread_.join();
}

void SearchIndex::run(const std::stop_token& stop) {
    bool failing = false;
    while (!stop.stop_requested()) {
        const auto did = step();
        if (!did && !failing)
            base::logError("search", "cannot index; trying again",
                           {{"cause", did.error().message}});
        if (did && failing) base::logInfo("search", "indexing again");
        failing = !did;
        // Another process may commit too: look from time to time.
        if (!did || !*did) rest_.wait(base::kSecond, stop);
    }
}

base::Result<bool> SearchIndex::step() {
    bool did = false;
    const auto written = index_.write("index", [&](storage::Transaction& tx) {
        const Position from = loadPosition(tx.sql());
        Changes changes;
        const auto read = main_.read("read what to index", [&](storage::Session& session) {
            changes = readChanges(session, from);
        });
        if (!read) throw storage::StorageFailure(read.error());
        did =
            changes.position.message != from.message || changes.position.revision != from.revision;
        if (!did) return;
        auto& remove = tx.kept<RemoveWords>();
        for (const Words& words : changes.remove) {
            remove.words = words;
            remove.statement.execute(true);
        }
        auto& add = tx.kept<AddWords>();
        for (const Words& words : changes.add) {
            add.words = words;
            add.statement.execute(true);
        }
        tx.sql() << "UPDATE indexed SET message = :message, revision = :revision WHERE id = 1",
            use(changes.position.message), use(changes.position.revision);
    });
    if (!written) return written.error();
    return did;
}

base::Result<std::int64_t> SearchIndex::behind() const {
    const auto position = positionOf(index_);
    if (!position) return position.error();
    return main_.query<std::int64_t>("compare the index", [&](storage::Session& session) {
        long long behind = 0;
        session.sql() << "SELECT count(*) FROM message WHERE id > :id", into(behind),
            use(position->message);
        return static_cast<std::int64_t>(behind);
    });
}

} // namespace hearback::search
