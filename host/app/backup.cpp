#include "app/backup.h"

#include "app/environment.h"
#include "app/running_mark.h"
#include "app/store.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace hearback::app {

namespace {

using Sums = base::Result<std::vector<storage::TableSum>>;
using std::filesystem::path;

path withEnding(path file, const char* ending) { return file += ending; }

// With what SQLite may have left beside it.
void removeDatabase(const path& file) {
    std::error_code error;
    for (const char* ending : {"", "-wal", "-shm", "-journal"})
        std::filesystem::remove(withEnding(file, ending), error);
}

// A new file that only its owner may read: it is to hold what people wrote.
base::Result<void> makePrivate(const path& file) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return base::Error{base::Code::Unavailable,
                           "cannot write " + file.string() + ": " + std::strerror(errno)};
    ::close(fd);
    return {};
}

base::Result<void> flush(const path& what) {
    const int fd = ::open(what.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_flushed = fd >= 0 && ::fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (is_flushed) return {};
    return base::Error{base::Code::Unavailable,
                       "cannot flush " + what.string() + ": " + std::strerror(error)};
}

// Gives a complete file its name, to last.
base::Result<void> publish(const path& part, const path& file) {
    auto flushed = flush(part);
    if (!flushed) return flushed;
    std::error_code error;
    std::filesystem::rename(part, file, error);
    if (error)
        return base::Error{base::Code::Unavailable, "cannot give " + part.string() + " the name " +
                                                        file.string() + ": " + error.message()};
    return flush(std::filesystem::absolute(file).parent_path());
}

bool isUrl(const std::string& text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

storage::DatabaseOptions optionsOf(const std::string& url_or_file) {
    storage::DatabaseOptions options;
    if (isUrl(url_or_file))
        options.url = url_or_file;
    else
        options.file = std::filesystem::absolute(url_or_file);
    return options;
}

// Keeps hosts away from a data folder as long as it lives.
base::Result<RunningMark> keepHostsAway(const path& data_dir) {
    std::error_code error;
    std::filesystem::create_directories(data_dir, error);
    auto mark = RunningMark::set(data_dir);
    if (mark || mark.error().code != base::Code::Conflict) return mark;
    return base::Error{mark.error().code, mark.error().message +
                                              ": stop it first, what it does meanwhile would be "
                                              "missing; start it again afterwards"};
}

// The index of a folder counts for the data that was there; of other data it might know other
// words.
void forgetIndex(const path& data_dir) { removeDatabase(data_dir / "search.db"); }

// Brings a checked copy of the backup to the version of this program and to its place.
base::Result<void> putInPlace(const storage::DatabaseOptions& target, const path& part,
                              const storage::CopyProgress& progress) {
    storage::DatabaseOptions options;
    options.file = part;
    auto from = storage::Database::open(options, allMigrations());
    if (!from) return from.error();
    if (target.url.empty()) {
        from->reset(); // all is in the one file then
        return publish(part, target.file);
    }
    const auto to = storage::Database::open(target, allMigrations());
    if (!to) return to.error();
    const auto copied = storage::copyAll(**from, **to, allMigrations(), progress);
    if (!copied) return copied.error();
    return {};
}

// So that what was restored is found by a search at once.
base::Result<void> makeIndex(const config::Settings& settings,
                             const storage::CopyProgress& progress) {
    // How far it is, is counted row by row.
    constexpr int kStepsBetweenCounts = 16;
    Environment environment;
    const auto store = Store::open(settings, environment);
    if (!store) return store.error();
    search::SearchIndex& index = (*store)->search();
    const auto total = index.behind();
    if (!total) return total.error();
    for (int step = 0;; ++step) {
        if (progress && step % kStepsBetweenCounts == 0)
            if (const auto behind = index.behind()) progress(*total - *behind, *total);
        const auto more = index.step();
        if (!more) return more.error();
        if (!*more) return {};
    }
}

base::Result<void> copyFile(const path& file, const path& to) {
    std::error_code error;
    // Looked at first: libstdc++ 12 calls a full disk an "Input/output error".
    const auto needed = std::filesystem::file_size(file, error);
    const auto room = std::filesystem::space(to.parent_path(), error).available;
    if (!error && room < needed)
        return base::Error{base::Code::Full, to.parent_path().string() + " has room for " +
                                                 std::to_string(room) + " bytes, the backup has " +
                                                 std::to_string(needed) + ": make room"};
    std::filesystem::copy_file(file, to, error);
    // A backup may be kept where nobody can change it.
    if (!error)
        std::filesystem::permissions(to, std::filesystem::perms::owner_write,
                                     std::filesystem::perm_options::add, error);
    if (!error) return {};
    return base::Error{base::Code::Unavailable, "cannot copy " + file.string() + " to " +
                                                    to.string() + ": " + error.message()};
}

} // namespace

Sums backUp(const config::Settings& settings, const path& file,
            const storage::CopyProgress& progress) {
    if (std::filesystem::exists(file))
        return base::Error{base::Code::Conflict,
                           file.string() + " exists: name another file, or remove it"};
    const auto options = databaseOptions(settings);
    if (!options) return options.error();
    if (options->url.empty() && !std::filesystem::exists(options->file))
        return base::Error{base::Code::NotFound,
                           "there is nothing to back up: no " + options->file.string()};
    const auto from = storage::Database::open(*options, allMigrations());
    if (!from) return from.error();
    const path part = withEnding(file, ".part");
    removeDatabase(part);
    if (const auto made = makePrivate(part); !made) return made.error();
    auto sums = storage::writeBackup(**from, part, allMigrations(), progress);
    const auto published = sums ? publish(part, file) : base::Result<void>(sums.error());
    removeDatabase(part);
    if (published) return sums;
    if (published.error().code != base::Code::Full) return published.error();
    return base::Error{base::Code::Full,
                       published.error().message +
                           ": nothing is kept of it; a backup takes twice the room of the data "
                           "while it is written"};
}

Sums restore(const config::Settings& settings, const path& file,
             const storage::CopyProgress& progress) {
    if (!std::filesystem::is_regular_file(file))
        return base::Error{base::Code::NotFound, "there is no file " + file.string()};
    const auto options = databaseOptions(settings);
    if (!options) return options.error();
    const auto mark = keepHostsAway(settings.data_dir);
    if (!mark) return mark.error();
    if (options->url.empty() && std::filesystem::exists(options->file))
        return base::Error{base::Code::Conflict,
                           options->file.string() +
                               " exists: a backup is restored only where no "
                               "data is; move it away, with its -wal and -shm"};
    const path part = settings.data_dir / "restore.part";
    removeDatabase(part);
    if (const auto copied = copyFile(file, part); !copied) {
        removeDatabase(part);
        return copied.error();
    }
    auto sums = storage::openBackup(part, progress);
    if (!sums)
        sums = base::Error{sums.error().code,
                           file.string() + " cannot be restored: " + sums.error().message};
    if (sums) forgetIndex(settings.data_dir);
    const auto placed =
        sums ? putInPlace(*options, part, progress) : base::Result<void>(sums.error());
    removeDatabase(part);
    if (!placed) return placed.error();
    const auto indexed = makeIndex(settings, progress);
    if (!indexed)
        return base::Error{indexed.error().code,
                           "all data is restored, but not indexed; `hearback serve` does it: " +
                               indexed.error().message};
    return sums;
}

Sums copyDatabase(const config::Settings& settings, const CopyQuestion& question,
                  const storage::CopyProgress& progress) {
    base::Result<storage::DatabaseOptions> from =
        question.from.empty() ? databaseOptions(settings) : optionsOf(question.from);
    if (!from) return from.error();
    const storage::DatabaseOptions to = optionsOf(question.to);
    if (from->url.empty() && !std::filesystem::exists(from->file))
        return base::Error{base::Code::NotFound, "there is no database " + from->file.string()};
    const path from_folder =
        question.from.empty() || !from->url.empty() ? settings.data_dir : from->file.parent_path();
    const auto from_mark = keepHostsAway(from_folder);
    if (!from_mark) return from_mark.error();
    std::optional<base::Result<RunningMark>> to_mark;
    const path to_folder = to.file.parent_path();
    std::error_code error;
    if (to.url.empty() && !std::filesystem::equivalent(to_folder, from_folder, error)) {
        to_mark.emplace(keepHostsAway(to_folder));
        if (!*to_mark) return to_mark->error();
        forgetIndex(to_folder);
    }
    const auto source = storage::Database::open(*from, allMigrations());
    if (!source) return source.error();
    const auto target = storage::Database::open(to, allMigrations());
    if (!target) return target.error();
    return storage::copyAll(**source, **target, allMigrations(), progress);
}

} // namespace hearback::app
