#include "storage/database.h"

#include "storage/engine.h"
#include "storage/fair_lock.h"
#include "storage/migrations.h"
#include "storage/sql.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace hearback::storage {

namespace {

// Pauses between attempts, doubled each time, until the patience is at its end.
class Patience {
  public:
    explicit Patience(base::Micros patience) : left_(patience) {}

    // False where no further attempt is to be made.
    bool rest() {
        if (left_ <= 0) return false;
        const base::Micros pause = std::min(next_, left_);
        std::this_thread::sleep_for(std::chrono::microseconds(pause));
        left_ -= pause;
        next_ = std::min(next_ * 2, kPauseMax);
        return true;
    }

  private:
    static constexpr base::Micros kPauseMax = base::kSecond / 2;
    base::Micros left_;
    base::Micros next_ = 10 * base::kMillisecond;
};

} // namespace

struct Database::Impl {
    DatabaseOptions options;
    std::unique_ptr<Engine> engine;
    FairLock writing;
    Session writer;
    std::mutex mutex;
    std::condition_variable freed;
    std::deque<Session> readers;
    std::vector<Session*> free;

    using Work = std::function<void()>;
    std::optional<Failure> caught(std::string_view what, Session& session, const Work& work);
    std::optional<Failure> connect(std::string_view what, Session& session, Role role);
    std::optional<Failure> inTime(const std::function<std::optional<Failure>()>& attempt);
    std::optional<Failure> tryWrite(std::string_view what, Transaction& tx,
                                    const std::function<void(Transaction&)>& work);
    std::optional<Failure> askWhetherCommitted(std::string_view what, Failure failure);
    std::optional<Failure> tryRead(std::string_view what, Session& session,
                                   const std::function<void(Session&)>& work);
    Session* lease();
    void giveBack(Session* session);
};

// Runs `work`; whatever is thrown becomes a Failure.
std::optional<Failure> Database::Impl::caught(std::string_view what, Session& session,
                                              const Work& work) {
    try {
        work();
        return std::nullopt;
    } catch (const StorageFailure& failure) {
        return Failure{failure.error()};
    } catch (const soci::soci_error& error) {
        return engine->toFailure(error, what, session);
    } catch (const std::exception& error) {
        return Failure{{base::Code::Internal, std::string(what) + ": " + error.what()}};
    }
}

std::optional<Failure> Database::Impl::connect(std::string_view what, Session& session, Role role) {
    if (session.sql().is_connected()) return std::nullopt;
    session.close();
    auto failure = caught(what, session, [&] { engine->connect(session, role); });
    if (!failure) return std::nullopt;
    session.close();
    if (failure->error.code == base::Code::Unavailable) failure->next = Failure::Next::Reconnect;
    return failure;
}

// Again where a server is about to start, for as long as work may wait.
std::optional<Failure>
Database::Impl::inTime(const std::function<std::optional<Failure>()>& attempt) {
    Patience patience(options.busy_timeout);
    for (;;) {
        auto failure = attempt();
        const bool may_come =
            !options.url.empty() && failure && failure->next == Failure::Next::Reconnect;
        if (!may_come || !patience.rest()) return failure;
    }
}

std::optional<Failure> Database::Impl::tryWrite(std::string_view what, Transaction& tx,
                                                const std::function<void(Transaction&)>& work) {
    if (auto failure = connect(what, writer, Role::Writer)) return failure;
    bool committing = false;
    auto failure = caught(what, writer, [&] {
        engine->beginWrite(writer);
        work(tx);
        committing = true;
        engine->commit(writer);
    });
    if (!failure) return std::nullopt;
    engine->rollBack(writer);
    if (!committing || failure->next != Failure::Next::Reconnect) return failure;
    return askWhetherCommitted(what, std::move(*failure));
}

// The connection was lost while the server committed: it knows what became of it. Where it cannot
// be asked, the caller is told so.
std::optional<Failure> Database::Impl::askWhetherCommitted(std::string_view what, Failure failure) {
    Patience patience(options.busy_timeout);
    std::optional<bool> committed;
    do {
        if (connect(what, writer, Role::Writer)) continue;
        const auto asked = caught(what, writer, [&] { committed = engine->wasCommitted(writer); });
        if (!asked) break;
        engine->rollBack(writer);
    } while (patience.rest());
    if (committed && *committed) return std::nullopt;
    if (committed) return failure;
    failure.error.code = base::Code::Unclear;
    failure.error.message += ": it is not known whether the write was made";
    failure.next = Failure::Next::GiveUp;
    return failure;
}

std::optional<Failure> Database::Impl::tryRead(std::string_view what, Session& session,
                                               const std::function<void(Session&)>& work) {
    if (auto failure = connect(what, session, Role::Reader)) return failure;
    auto failure = caught(what, session, [&] {
        engine->beginRead(session);
        work(session);
        engine->commit(session);
    });
    if (failure) engine->rollBack(session);
    return failure;
}

Session* Database::Impl::lease() {
    std::unique_lock lock(mutex);
    const auto patience = std::chrono::microseconds(options.busy_timeout);
    if (!freed.wait_for(lock, patience, [&] { return !free.empty(); })) return nullptr;
    Session* session = free.back();
    free.pop_back();
    return session;
}

void Database::Impl::giveBack(Session* session) {
    {
        const std::lock_guard lock(mutex);
        free.push_back(session);
    }
    freed.notify_one();
}

Database::Database() : impl_(std::make_unique<Impl>()) {}
Database::~Database() = default;

bool Database::isShared() const { return impl_->engine->isShared(); }

const std::filesystem::path& Database::file() const { return impl_->options.file; }
Engine& Database::engine() { return *impl_->engine; }

base::Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options,
                                                       std::span<const Migration> migrations) {
    constexpr std::string_view kWhat = "open the database";
    std::unique_ptr<Database> database(new Database);
    Impl& impl = *database->impl_;
    impl.options = options;
    impl.engine = options.url.empty() ? sqliteEngine(options) : postgresEngine(options);
    // Looked at first: what only reads must not wait for another process that writes.
    bool is_current = false;
    const auto looked = impl.inTime([&] {
        if (auto failure = impl.connect(kWhat, impl.writer, Role::Writer)) return failure;
        return impl.caught("look at the database", impl.writer,
                           [&] { is_current = isUpToDate(impl.writer, migrations); });
    });
    if (looked) return looked->error;
    if (!is_current) {
        const auto migrated = database->write("migrate the database", [&](Transaction& tx) {
            impl.engine->liftLimits(tx.session());
            migrate(tx, migrations, impl.engine->dialect());
        });
        if (!migrated) return migrated.error();
    }
    for (std::size_t i = 0; i < options.readers; ++i) {
        Session& reader = impl.readers.emplace_back();
        const auto failure = impl.inTime([&] { return impl.connect(kWhat, reader, Role::Reader); });
        if (failure) return failure->error;
        impl.free.push_back(&reader);
    }
    return database;
}

base::Result<void> Database::write(std::string_view what,
                                   const std::function<void(Transaction&)>& work) {
    Impl& impl = *impl_;
    std::vector<std::function<void()>> then;
    {
        const FairLock::Guard guard(impl.writing);
        Patience patience(impl.options.busy_timeout);
        for (;;) {
            // A new one for each attempt: what an attempt that failed wanted is forgotten with it.
            Transaction tx(impl.writer);
            const auto failure = impl.tryWrite(what, tx, work);
            if (!failure) {
                then = tx.takeCallbacks();
                break;
            }
            if (failure->next == Failure::Next::GiveUp || !patience.rest()) return failure->error;
        }
    }
    for (const auto& callback : then) callback();
    return {};
}

base::Result<void> Database::read(std::string_view what,
                                  const std::function<void(Session&)>& work) {
    Impl& impl = *impl_;
    Session* session = impl.lease();
    if (session == nullptr)
        return base::Error{base::Code::Busy,
                           std::string(what) + ": no database session became free in time"};
    Patience patience(impl.options.busy_timeout);
    auto failure = impl.tryRead(what, *session, work);
    while (failure && failure->next != Failure::Next::GiveUp && patience.rest())
        failure = impl.tryRead(what, *session, work);
    impl.giveBack(session);
    if (failure) return failure->error;
    return {};
}

} // namespace hearback::storage
