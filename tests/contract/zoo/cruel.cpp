// A channel that brings numbered messages and misbehaves in the function, in the way and at the
// call that its settings say: what a broken plugin does to a host, each kind by itself.
#include <hearback/sdk/plugin.hpp>

#include <atomic>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using hearback::Status;

// Too deep for any stack, in a way that no compiler sees through.
std::uint64_t sink(std::uint64_t depth) {
    volatile char room[4096];
    room[depth % sizeof room] = static_cast<char>(depth);
    return depth == 0 ? 0 : sink(depth + 1) + static_cast<std::uint64_t>(room[0]);
}

class Cruel final : public hearback::Channel {
  public:
    struct Settings {
        std::string in;
        std::string does;
        std::int64_t at = 0;
        std::int64_t total = 0;
        std::int64_t batch = 0;
        std::string once;
    };
    static constexpr auto kAbout = hearback::about("cruel", "1.0.0", "Misbehaves as it is told")
                                       .needs("files", "ingress")
                                       .maxInflight(2);
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("in", &Settings::in, "In which function").defaultsTo(""),
        hearback::setting("does", &Settings::does, "What").defaultsTo(""),
        hearback::setting("at", &Settings::at, "At which call of it").defaultsTo(1),
        hearback::setting("total", &Settings::total, "How many messages there are").defaultsTo(0),
        hearback::setting("batch", &Settings::batch, "In batches of").defaultsTo(10),
        hearback::setting("once", &Settings::once, "File that says it was done already")
            .defaultsTo(""));

    explicit Cruel(hearback::Host& host) : host_(host) {}
    ~Cruel() override { now("destroy"); }

    Status configure(const Settings& settings) {
        settings_ = settings;
        now("configure");
        return Status::ok();
    }
    Status check(std::string&) override {
        now("check");
        return Status::ok();
    }
    Status start(std::optional<std::string_view> checkpoint) override {
        next_ = checkpoint ? std::atoll(std::string(*checkpoint).c_str()) : 0;
        now("start");
        return Status::ok();
    }
    void stop() override { now("stop"); }
    void cancel() override { now("cancel"); }
    void ack(std::uint64_t, bool) override { now("ack"); }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override {
        now("poll");
        for (std::int64_t i = 0;
             i < settings_.batch && next_ < settings_.total && batch.size() < limits.max_items;
             ++i, ++next_)
            batch.add().externalId(std::to_string(next_)).text("message " + std::to_string(next_));
        batch.checkpoint(std::to_string(next_));
        batch.hasMore(next_ < settings_.total);
        now("written");
        return next_ < settings_.total ? Status::ok() : Status::end();
    }

    Status receive(const hearback::Request&, hearback::Reply& reply) override {
        now("receive");
        reply.batch().add().externalId("received").text("received");
        return Status::ok();
    }

  private:
    void now(const char* function) {
        if (settings_.in != function || ++calls_ != settings_.at) return;
        if (!settings_.once.empty()) {
            if (::access(settings_.once.c_str(), F_OK) == 0) return;
            std::ofstream(settings_.once) << "done";
        }
        act();
    }

    void act() {
        const std::string& what = settings_.does;
        if (what == "segv") std::raise(SIGSEGV);
        if (what == "abort") std::abort();
        if (what == "fpe") std::raise(SIGFPE);
        if (what == "ill") __builtin_trap();
        if (what == "overflow") (void)sink(1);
        if (what == "exit") std::_Exit(0);
        if (what == "throw") throw 7;
        if (what == "throw-unknown") throw Unknown{};
        if (what == "bad-free") std::free(not_a_block_.load());
        if (what == "kill-itself") ::kill(::getpid(), SIGKILL);
        if (what == "deadlock") deadlock();
        if (what == "broken-pipe") breakPipe();
        if (what == "lowers-limits") lowerLimits();
        if (what == "leak") leak();
        if (what == "wake-flood")
            for (int i = 0; i < 50000; ++i) host_.wake();
        if (what == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
        if (what == "spin")
            for (;;) {
                spins_.fetch_add(1);
            }
        // Of this thread, so that it does not come back before the process stands still.
        if (what == "stop-all") ::raise(SIGSTOP);
        if (what == "kill-parent") ::kill(::getppid(), SIGKILL);
        if (what == "fork") count("forked", ::fork() >= 0);
        if (what == "exec") ::execl("/bin/true", "true", nullptr);
        if (what == "socket") count("socket", ::socket(AF_INET, SOCK_STREAM, 0) >= 0);
        if (what == "memory") eatMemory();
        if (what == "files") count("opened", openFiles() > 10000);
        if (what == "half-frame") (void)!::write(3, "\x10\0\0\0\0\0", 6);
        if (what == "huge-frame") (void)!::write(3, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        if (what == "nonsense") nonsense("{\"answer\":4711,\"status\":0}");
        if (what == "no-json") nonsense("}{");
        if (what == "impersonate") nonsense("{\"ask\":1,\"to\":\"other\",\"do\":\"kv.get\"}");
        if (what == "flood")
            for (;;) nonsense("{\"note\":\"wake\",\"to\":\"it\"}");
        if (what == "log-secrets") host_.info("password=hunter2\x1b[31m and a line\nmore");
        if (what == "log-flood")
            for (int i = 0; i < 1000; ++i) host_.info("line " + std::to_string(i));
        if (what == "print")
            for (int i = 0; i < 10; ++i) std::printf("printed %d\n", i);
        if (what == "thread-crash") std::thread([] { std::abort(); }).join();
        if (what == "change-world") {
            ::umask(0);
            (void)!::chdir("/proc");
            ::unsetenv("PATH");
            std::setlocale(LC_ALL, "C");
            std::signal(SIGTERM, SIG_IGN);
            std::signal(SIGPIPE, SIG_DFL);
        }
    }

    struct Unknown {};
    static void deadlock() {
        std::mutex mutex;
        mutex.lock();
        mutex.lock();
    }
    static void breakPipe() {
        int ends[2];
        if (::pipe(ends) != 0) return;
        std::signal(SIGPIPE, SIG_DFL);
        ::close(ends[0]);
        (void)!::write(ends[1], "x", 1);
    }
    static void lowerLimits() {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_NOFILE, &none);
        ::setrlimit(RLIMIT_NPROC, &none);
    }
    static void leak() {
        for (int i = 0; i < 16; ++i) {
            (void)::open("/dev/null", O_RDONLY);
            std::memset(new char[1 << 20], 1, 1 << 20);
            std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
        }
    }
    void count(const char* name, bool worked) { host_.count(name, worked ? 1 : 0); }
    static void eatMemory() {
        std::vector<char*> all;
        for (;;) {
            // As a leak does it: what cannot be had is a bad_alloc, which the plugin does not
            // catch.
            char* block = new char[16 << 20];
            std::memset(block, 1, 16 << 20);
            all.push_back(block);
        }
    }
    static int openFiles() {
        int opened = 0;
        while (opened < 100000 && ::open("/dev/null", O_RDONLY) >= 0) ++opened;
        return opened;
    }
    static void nonsense(const std::string& head) {
        std::string frame(8, '\0');
        const std::uint32_t size = static_cast<std::uint32_t>(head.size());
        std::memcpy(frame.data(), &size, 4);
        frame += head;
        (void)!::write(3, frame.data(), frame.size());
    }

    hearback::Host& host_;
    Settings settings_;
    std::int64_t next_ = 0;
    std::atomic<std::int64_t> calls_{0};
    std::atomic<std::uint64_t> spins_{0};
    std::atomic<void*> not_a_block_{reinterpret_cast<void*>(8)};
};

} // namespace

HEARBACK_PLUGIN(Cruel)
