#include "storage/copy.h"

#include "base/fingerprint.h"
#include "storage/engine.h"
#include "storage/sql.h"
#include "storage/table.h"

#include <algorithm>

namespace hearback::storage {

namespace {

constexpr std::string_view kVersions = "schema_version";
constexpr std::string_view kSums = "backup_sum";
// Rows between two words about the progress.
constexpr std::int64_t kProgressStep = 4096;

class Counter {
  public:
    explicit Counter(const CopyProgress& tell) : tell_(tell) {}
    void begin(std::int64_t total) {
        done_ = 0;
        total_ = total;
    }
    void count() {
        if (++done_ % kProgressStep == 0 && tell_) tell_(done_, total_);
    }

  private:
    const CopyProgress& tell_;
    std::int64_t done_ = 0;
    std::int64_t total_ = 0;
};

void addRow(TableSum& sum, const Table& table, const Row& row) {
    base::Fingerprint print;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (table.columns[i].type == ColumnType::Integer)
            print.add(row[i].number);
        else
            print.add(row[i].bytes);
    }
    ++sum.rows;
    // Rows come in any order: their numbers are added up, and run over.
    sum.sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum.sum) +
                                        static_cast<std::uint64_t>(print.value()));
}

std::int64_t rowsOf(Session& session, const std::vector<Table>& tables) {
    std::int64_t total = 0;
    for (const Table& table : tables) {
        long long rows = 0;
        session.sql() << "SELECT count(*) FROM " + table.name, soci::into(rows);
        total += rows;
    }
    return total;
}

// What `work` does with another session than the one whose attempt this is: its errors are told
// here, where it is known whose they are.
void onBehalfOf(Engine& engine, std::string_view what, Session& session,
                const std::function<void()>& work) {
    try {
        work();
    } catch (const soci::soci_error& error) {
        throw StorageFailure(engine.toFailure(error, what, session).error);
    }
}

TableSum sumOf(Engine& engine, Session& session, const Table& table, const EachRow& each) {
    TableSum sum{table.name};
    engine.readRows(session, table, [&](const Row& row) {
        addRow(sum, table, row);
        if (each) each(row);
    });
    return sum;
}

void expectEmpty(Transaction& to, const std::vector<Table>& tables, const std::string& name) {
    for (const Table& table : tables) {
        if (table.name == kVersions) continue;
        long long rows = 0;
        to.sql() << "SELECT count(*) FROM (SELECT 1 FROM " + table.name + " LIMIT 1) AS first_row",
            soci::into(rows);
        if (rows != 0)
            throw StorageFailure(
                {base::Code::Conflict, name + " is not empty (its table \"" + table.name +
                                           "\" has rows): only an empty database is written to"});
    }
}

TableSum copyTable(Engine& from_engine, Session& from, Engine& to_engine, Session& to,
                   const Table& table, Counter& counter) {
    const auto writer = to_engine.writeRows(to, table);
    TableSum sum{table.name};
    std::exception_ptr of_target;
    onBehalfOf(from_engine, "read " + table.name, from, [&] {
        sum = sumOf(from_engine, from, table, [&](const Row& row) {
            if (of_target) return;
            // Kept from being taken for an error of the source.
            try {
                writer->add(row);
            } catch (const soci::soci_error&) {
                of_target = std::current_exception();
            }
            counter.count();
        });
    });
    if (of_target) std::rethrow_exception(of_target);
    writer->finish();
    return sum;
}

std::string different(const TableSum& is, const TableSum& should_be) {
    return "\"" + is.table + "\" has " + std::to_string(is.rows) + " rows that add up to " +
           std::to_string(is.sum) + "; wanted are " + std::to_string(should_be.rows) +
           " that add up to " + std::to_string(should_be.sum);
}

// Of two databases whose tables have the same version.
void expectSame(const std::vector<TableSum>& are, const std::vector<TableSum>& should_be,
                const std::string& name) {
    for (std::size_t i = 0; i < are.size(); ++i)
        if (are[i] != should_be[i])
            throw StorageFailure({base::Code::Corrupt,
                                  name + " is not the same as what it was made from: the table " +
                                      different(are[i], should_be[i])});
}

// Reads all rows again. Throws where they are not what they should be.
void compare(Engine& engine, Session& session, const std::vector<Table>& tables,
             const std::vector<TableSum>& should_be, const std::string& name, Counter& counter) {
    counter.begin(rowsOf(session, tables));
    std::vector<TableSum> are;
    are.reserve(tables.size());
    for (const Table& table : tables)
        are.push_back(sumOf(engine, session, table, [&](const Row&) { counter.count(); }));
    expectSame(are, should_be, name);
}

std::vector<TableSum> notedSums(Session& session) {
    std::vector<TableSum> sums;
    std::string name;
    long long rows = 0;
    long long sum = 0;
    soci::statement select = (session.sql().prepare << "SELECT name, rows, sum FROM " +
                                                           std::string(kSums) + " ORDER BY name",
                              soci::into(name), soci::into(rows), soci::into(sum));
    select.execute();
    while (select.fetch()) sums.push_back({name, rows, sum});
    return sums;
}

std::vector<TableSum> checkBackup(Engine& engine, Session& session, const CopyProgress& progress) {
    std::string verdict;
    session.sql() << "PRAGMA integrity_check", soci::into(verdict);
    if (verdict != "ok") throw StorageFailure({base::Code::Corrupt, "the file is damaged"});
    std::vector<Table> tables = tablesIn(session);
    const auto mark = std::find_if(tables.begin(), tables.end(),
                                   [](const Table& table) { return table.name == kSums; });
    if (mark == tables.end())
        throw StorageFailure({base::Code::Invalid, "it is no backup that `hearback backup` made"});
    tables.erase(mark);
    std::vector<TableSum> noted = notedSums(session);
    if (tables.size() != noted.size())
        throw StorageFailure({base::Code::Corrupt, "it has other tables than when it was made"});
    Counter counter(progress);
    compare(engine, session, tables, noted, "the backup", counter);
    session.sql() << "DROP TABLE " + std::string(kSums);
    return noted;
}

} // namespace

base::Result<std::vector<TableSum>> copyAll(Database& from, Database& to,
                                            std::span<const Migration> migrations,
                                            const CopyProgress& progress) {
    std::vector<TableSum> sums;
    Engine& from_engine = from.engine();
    Engine& to_engine = to.engine();
    Counter counter(progress);
    const auto copied = from.read("copy the database", [&](Session& source) {
        const std::vector<Table> tables = tablesOf(migrations);
        from_engine.liftLimits(source);
        const std::int64_t rows = rowsOf(source, tables);
        const auto written = to.write("copy the database", [&](Transaction& tx) {
            to_engine.liftLimits(tx.session());
            expectEmpty(tx, tables, to_engine.name());
            sums.clear();
            counter.begin(rows);
            for (const Table& table : tables) {
                if (table.name != kVersions)
                    sums.push_back(
                        copyTable(from_engine, source, to_engine, tx.session(), table, counter));
                else
                    onBehalfOf(from_engine, "read the versions", source,
                               [&] { sums.push_back(sumOf(from_engine, source, table, {})); });
            }
            // Before the commit: a copy that is not the same was never there.
            compare(to_engine, tx.session(), tables, sums, to_engine.name(), counter);
        });
        if (!written) throw StorageFailure(written.error());
    });
    if (!copied) return copied.error();
    return sums;
}

base::Result<std::vector<TableSum>> writeBackup(Database& from, const std::filesystem::path& file,
                                                std::span<const Migration> migrations,
                                                const CopyProgress& progress) {
    DatabaseOptions options;
    options.file = file;
    options.readers = 1;
    // The whole file is flushed when it is complete.
    options.flush_each_commit = false;
    const auto to = Database::open(options, migrations);
    if (!to) return to.error();
    auto sums = copyAll(from, **to, migrations, progress);
    if (!sums) return sums;
    const auto noted = (*to)->write("note the sums of the backup", [&](Transaction& tx) {
        tx.sql() << "CREATE TABLE " + std::string(kSums) +
                        " (name TEXT NOT NULL PRIMARY KEY, rows BIGINT NOT NULL, sum BIGINT NOT "
                        "NULL)";
        for (const TableSum& each : *sums) {
            const long long rows = each.rows;
            const long long sum = each.sum;
            tx.sql() << "INSERT INTO " + std::string(kSums) + " VALUES (:name, :rows, :sum)",
                soci::use(each.table), soci::use(rows), soci::use(sum);
        }
    });
    if (!noted) return noted.error();
    return sums;
}

base::Result<std::vector<TableSum>> openBackup(const std::filesystem::path& file,
                                               const CopyProgress& progress) {
    DatabaseOptions options;
    options.file = file;
    const auto engine = sqliteEngine(options);
    Session session;
    std::vector<TableSum> sums;
    try {
        onBehalfOf(*engine, "check the backup", session, [&] {
            engine->connect(session, Role::Writer);
            sums = checkBackup(*engine, session, progress);
            session.close();
        });
    } catch (const StorageFailure& failure) {
        return failure.error();
    }
    return sums;
}

} // namespace hearback::storage
