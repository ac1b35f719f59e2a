#include "support/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace hearback::testing {

namespace {

constexpr std::int64_t kSector = 512;

void apply(std::string& image, std::int64_t offset, std::string_view bytes) {
    const auto at = static_cast<std::size_t>(offset);
    if (image.size() < at + bytes.size()) image.resize(at + bytes.size(), '\0');
    image.replace(at, bytes.size(), bytes);
}

std::string contentOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

// What the disk has of one file.
struct FaultVfs::Disk {
    // A write, or the file's new size.
    struct Change {
        std::int64_t offset = 0;
        std::string bytes;
        bool is_truncation = false;

        void applyTo(std::string& image) const {
            if (is_truncation)
                image.resize(static_cast<std::size_t>(offset), '\0');
            else
                apply(image, offset, bytes);
        }
    };

    std::string path;
    std::string kind; // "db", "wal", "journal"
    std::string flushed;
    std::vector<Change> unflushed;
    // A file whose entry in its folder was never flushed may be gone altogether, and one whose
    // removal was not may be there again.
    bool has_entry = false;
    bool is_removed = false;
};

// As SQLite sees it; the real one lies behind it in the same memory.
struct FaultVfs::File {
    sqlite3_file base;
    FaultVfs* vfs;
    Disk* disk; // null: not one of ours
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct FaultVfs::Shim {
    sqlite3_vfs vfs;
    sqlite3_vfs* real;
};

// The functions that SQLite calls.
struct Calls {
    using File = FaultVfs::File;

    static File& fileOf(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static FaultVfs& vfsOf(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }
    static sqlite3_vfs* realOf(sqlite3_vfs* vfs) { return vfsOf(vfs).shim_->real; }
    static void tell(File& file, const char* what) {
        if (file.disk != nullptr && file.vfs->on_point)
            file.vfs->on_point(what + (" " + file.disk->kind));
    }

    static int close(sqlite3_file* file) {
        sqlite3_file* real = fileOf(file).real();
        return real->pMethods == nullptr ? SQLITE_OK : real->pMethods->xClose(real);
    }
    static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
        File& own = fileOf(file);
        if (own.disk != nullptr && own.vfs->isOff()) return SQLITE_IOERR_READ;
        return own.real()->pMethods->xRead(own.real(), to, size, at);
    }
    static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
        File& own = fileOf(file);
        sqlite3_file* real = own.real();
        if (own.disk == nullptr) return real->pMethods->xWrite(real, from, size, at);
        tell(own, "before write");
        int result = SQLITE_OK;
        switch (own.vfs->meet(false)) {
        case Fault::None: break;
        case Fault::ShortWrite:
            size = static_cast<int>(own.vfs->random_() % static_cast<unsigned>(size));
            result = SQLITE_FULL;
            break;
        case Fault::FullDisk: return SQLITE_FULL;
        default: return SQLITE_IOERR_WRITE;
        }
        if (size > 0) {
            own.disk->unflushed.push_back(
                {at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
            const int written = real->pMethods->xWrite(real, from, size, at);
            if (written != SQLITE_OK) return written;
        }
        tell(own, "after write");
        return result;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        File& own = fileOf(file);
        if (own.disk != nullptr) {
            if (own.vfs->isOff()) return SQLITE_IOERR_TRUNCATE;
            own.disk->unflushed.push_back({size, {}, true});
        }
        return own.real()->pMethods->xTruncate(own.real(), size);
    }
    static int sync(sqlite3_file* file, int flags) {
        File& own = fileOf(file);
        if (own.disk == nullptr) return own.real()->pMethods->xSync(own.real(), flags);
        tell(own, "before sync");
        FaultVfs::Disk& disk = *own.disk;
        const Fault fault = own.vfs->meet(true);
        if (fault == Fault::FailedSync) {
            // The pages count as clean afterwards: nothing writes them again.
            std::erase_if(disk.unflushed, [&](const auto&) { return own.vfs->random_() % 2 == 0; });
            return SQLITE_IOERR_FSYNC;
        }
        if (fault != Fault::None) return SQLITE_IOERR_FSYNC;
        for (const FaultVfs::Disk::Change& change : disk.unflushed) change.applyTo(disk.flushed);
        disk.unflushed.clear();
        // The first flush of a log or a journal is also that of their folder.
        if (!std::exchange(disk.has_entry, true)) own.vfs->flushFolder();
        tell(own, "after sync");
        return SQLITE_OK;
    }
    static int size(sqlite3_file* file, sqlite3_int64* size) {
        return fileOf(file).real()->pMethods->xFileSize(fileOf(file).real(), size);
    }
    static int lock(sqlite3_file* file, int level) {
        return fileOf(file).real()->pMethods->xLock(fileOf(file).real(), level);
    }
    static int unlock(sqlite3_file* file, int level) {
        return fileOf(file).real()->pMethods->xUnlock(fileOf(file).real(), level);
    }
    static int reserved(sqlite3_file* file, int* taken) {
        return fileOf(file).real()->pMethods->xCheckReservedLock(fileOf(file).real(), taken);
    }
    static int control(sqlite3_file* file, int what, void* with) {
        return fileOf(file).real()->pMethods->xFileControl(fileOf(file).real(), what, with);
    }
    static int sectorSize(sqlite3_file* file) {
        return fileOf(file).real()->pMethods->xSectorSize(fileOf(file).real());
    }
    static int traits(sqlite3_file* file) {
        return fileOf(file).real()->pMethods->xDeviceCharacteristics(fileOf(file).real());
    }
    static int mapShared(sqlite3_file* file, int region, int size, int extend, void volatile** to) {
        sqlite3_file* real = fileOf(file).real();
        return real->pMethods->xShmMap(real, region, size, extend, to);
    }
    static int lockShared(sqlite3_file* file, int offset, int count, int flags) {
        sqlite3_file* real = fileOf(file).real();
        return real->pMethods->xShmLock(real, offset, count, flags);
    }
    static void barrier(sqlite3_file* file) {
        fileOf(file).real()->pMethods->xShmBarrier(fileOf(file).real());
    }
    static int unmapShared(sqlite3_file* file, int remove) {
        return fileOf(file).real()->pMethods->xShmUnmap(fileOf(file).real(), remove);
    }

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
        // Version 2: with shared memory, without mapped files, whose writes nobody would see.
        static const sqlite3_io_methods kMethods = {
            2,          close,   read,        write,   truncate,   sync,   size,
            lock,       unlock,  reserved,    control, sectorSize, traits, mapShared,
            lockShared, barrier, unmapShared, nullptr, nullptr};
        File& own = fileOf(file);
        own.base.pMethods = nullptr;
        own.vfs = &vfsOf(vfs);
        if (own.vfs->isOff()) return SQLITE_CANTOPEN;
        own.disk = path == nullptr ? nullptr : own.vfs->diskOf(path, flags);
        const int opened = realOf(vfs)->xOpen(realOf(vfs), path, own.real(), flags, out);
        if (opened == SQLITE_OK) own.base.pMethods = &kMethods;
        return opened;
    }
    static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
        FaultVfs& own = vfsOf(vfs);
        if (own.isOff()) return SQLITE_IOERR_DELETE;
        const auto disk = own.disks_.find(path);
        if (disk != own.disks_.end() && (sync_folder != 0 || !disk->second->has_entry))
            own.disks_.erase(disk);
        else if (disk != own.disks_.end())
            disk->second->is_removed = true;
        return realOf(vfs)->xDelete(realOf(vfs), path, sync_folder);
    }
    static int access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
        return realOf(vfs)->xAccess(realOf(vfs), path, flags, out);
    }
    // The salts of the log are made of it.
    static int randomness(sqlite3_vfs* vfs, int size, char* out) {
        for (int i = 0; i < size; ++i) out[i] = static_cast<char>(vfsOf(vfs).random_() % 256);
        return size;
    }
    static int fullPath(sqlite3_vfs* vfs, const char* path, int size, char* out) {
        return realOf(vfs)->xFullPathname(realOf(vfs), path, size, out);
    }
};

const char* nameOf(Fault fault) {
    switch (fault) {
    case Fault::None: return "none";
    case Fault::FailedWrite: return "failed write";
    case Fault::ShortWrite: return "short write";
    case Fault::FullDisk: return "full disk";
    case Fault::FailedSync: return "failed flush";
    case Fault::PowerCut: return "power cut";
    case Fault::Crash: return "crash";
    }
    return "unknown";
}

FaultVfs::FaultVfs(std::filesystem::path folder, std::uint64_t seed)
    : folder_(std::move(folder)), random_(seed), shim_(std::make_unique<Shim>()) {
    shim_->real = sqlite3_vfs_find(nullptr);
    shim_->vfs = *shim_->real;
    shim_->vfs.szOsFile = static_cast<int>(sizeof(File)) + shim_->real->szOsFile;
    shim_->vfs.pNext = nullptr;
    shim_->vfs.zName = "hearback-faults";
    shim_->vfs.pAppData = this;
    shim_->vfs.xOpen = Calls::open;
    shim_->vfs.xDelete = Calls::remove;
    shim_->vfs.xAccess = Calls::access;
    shim_->vfs.xFullPathname = Calls::fullPath;
    shim_->vfs.xRandomness = Calls::randomness;
    sqlite3_vfs_register(&shim_->vfs, 1);
    sqlite3_randomness(0, nullptr); // begins anew
}

FaultVfs::~FaultVfs() {
    sqlite3_vfs_unregister(&shim_->vfs);
    sqlite3_randomness(0, nullptr);
    sqlite3_vfs_register(shim_->real, 1);
}

void FaultVfs::plan(Fault fault, int nth, int times) {
    planned_ = fault;
    calls_left_ = nth;
    times_left_ = times;
}

Fault FaultVfs::meet(bool is_sync) {
    if (off_ != Fault::None) return off_;
    const bool ends_all = planned_ == Fault::PowerCut || planned_ == Fault::Crash;
    if (planned_ == Fault::None || (!ends_all && is_sync != (planned_ == Fault::FailedSync)))
        return Fault::None;
    if (--calls_left_ > 0) return Fault::None;
    ++happened_;
    const Fault fault = planned_;
    if (ends_all) off_ = fault;
    if (--times_left_ <= 0) planned_ = Fault::None;
    return fault;
}

FaultVfs::Disk* FaultVfs::diskOf(const std::string& path, int flags) {
    const char* kind = (flags & SQLITE_OPEN_MAIN_DB) != 0        ? "db"
                       : (flags & SQLITE_OPEN_WAL) != 0          ? "wal"
                       : (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 ? "journal"
                                                                 : nullptr;
    if (kind == nullptr || path.rfind(folder_.string(), 0) != 0) return nullptr;
    auto& disk = disks_[path];
    if (!disk || (disk->is_removed && !std::filesystem::exists(path))) {
        disk = std::make_unique<Disk>();
        disk->path = path;
        disk->kind = kind;
        disk->flushed = contentOf(path);
        disk->has_entry = std::filesystem::exists(path);
    }
    return disk.get();
}

void FaultVfs::flushFolder() {
    std::erase_if(disks_, [](const auto& each) { return each.second->is_removed; });
    for (const auto& [path, disk] : disks_) disk->has_entry = true;
}

std::string FaultVfs::survivors(const Disk& disk) {
    std::string image = disk.flushed;
    // Now and then all of it has made it to the disk, or nothing.
    const auto mood = random_() % 4;
    for (const Disk::Change& change : disk.unflushed) {
        if (mood == 0) break;
        if (mood == 1 || change.is_truncation) {
            if (mood == 1 || random_() % 2 == 0) change.applyTo(image);
            continue;
        }
        const auto size = static_cast<std::int64_t>(change.bytes.size());
        for (std::int64_t at = 0; at < size;) {
            const std::int64_t in_sector = (change.offset + at) % kSector;
            const std::int64_t part = std::min(kSector - in_sector, size - at);
            const auto fate = random_() % 16;
            const std::int64_t kept = fate < 6 ? 0
                                      : fate == 6
                                          ? static_cast<std::int64_t>(random_() % 512) % part
                                          : part;
            apply(image, change.offset + at,
                  std::string_view(change.bytes)
                      .substr(static_cast<std::size_t>(at), static_cast<std::size_t>(kept)));
            at += part;
        }
    }
    return image;
}

void FaultVfs::restart() {
    if (off_ == Fault::PowerCut) {
        for (const auto& [path, disk] : disks_) {
            const bool is_unsure = !disk->has_entry || disk->is_removed;
            const bool is_gone = is_unsure && random_() % 2 == 0;
            std::filesystem::remove(path);
            std::filesystem::remove(path + "-shm");
            if (is_gone) continue;
            std::ofstream(path, std::ios::binary) << survivors(*disk);
        }
        disks_.clear();
    }
    off_ = Fault::None;
    planned_ = Fault::None;
}

} // namespace hearback::testing
