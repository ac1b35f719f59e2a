// A file system for SQLite that fails as it is told: writes that fail or are cut short, a full
// disk, flushes that fail, and the end of the power, after which only what was flushed is sure to
// be there: of everything else each sector is there, or not, or torn. Over the default file system
// of SQLite, for the files below one folder; while it lives it is the default itself. The same seed
// gives the same faults. For one thread.
//
// Flushing is only noted, never done: a test that cuts the power has no use for the real disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::testing {

enum class Fault {
    None,
    FailedWrite, // EIO; nothing of it is there
    ShortWrite,  // a part of it is there
    FullDisk,    // ENOSPC; nothing of it is there
    FailedSync,  // EIO; of what was not flushed, some will never be, as Linux does it
    PowerCut,    // before a write or a flush
    Crash        // of the process alone: what was written stays
};
const char* nameOf(Fault fault);

class FaultVfs {
  public:
    FaultVfs(std::filesystem::path folder, std::uint64_t seed);
    ~FaultVfs();
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;

    // The n-th write (flush, for FailedSync; either, for PowerCut and Crash) from now, and the
    // `times - 1` after it. Takes the place of one that is planned still.
    void plan(Fault fault, int nth, int times = 1);
    // Whether the power is off, or the process has crashed: nothing works any more, and all that is
    // open is to be closed.
    bool isOff() const { return off_ != Fault::None; }
    // Ends the power now.
    void cutPower() { off_ = Fault::PowerCut; }
    // The machine is on again: the files are what survived. Nothing may be open.
    void restart();

    // Told before and after each write and flush: "before write wal", "after sync db".
    std::function<void(std::string_view point)> on_point;
    // How many faults have come true.
    int happened() const { return happened_; }

    // For the functions that SQLite calls.
    struct File;
    struct Disk;
    struct Shim;

  private:
    friend struct Calls;
    // Whether a planned fault comes true in this call.
    Fault meet(bool is_sync);
    Disk* diskOf(const std::string& path, int flags);
    void flushFolder();
    std::string survivors(const Disk& disk);

    std::filesystem::path folder_;
    std::mt19937_64 random_;
    std::unique_ptr<Shim> shim_;
    std::map<std::string, std::unique_ptr<Disk>> disks_;
    Fault planned_ = Fault::None;
    int calls_left_ = 0;
    int times_left_ = 0;
    Fault off_ = Fault::None;
    int happened_ = 0;
};

} // namespace hearback::testing
