#include "check/child.h"

#include "check/child_process.h"
#include "check/killing.h"
#include "check/options.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sys/prctl.h>
#include <unistd.h>

namespace hearback::check {

namespace {

// A copy of this process that a test has made does not speak for it.
pid_t own_pid = 0;

void write(const char* text, std::size_t size) {
    const auto written = ::write(kResultDescriptor, text, size);
    (void)written;
}

// Only what may be called in a signal handler.
void tellWhere() {
    if (::getpid() != own_pid) return;
    const char* const function = HostSide::functionUnderWay();
    write("{\"in\":\"", 7);
    write(function, std::strlen(function));
    write("\"}\n", 3);
}

void onFault(int signal) {
    tellWhere();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void onEnd(int) { tellWhere(); }

// With a stack of its own: the plugin's may be used up.
void takeSignals() {
    static std::array<char, 64 << 10> stack;
    stack_t alternate{};
    alternate.ss_sp = stack.data();
    alternate.ss_size = stack.size();
    ::sigaltstack(&alternate, nullptr);
    struct sigaction action {};
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = onFault;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
        ::sigaction(signal, &action, nullptr);
    action.sa_handler = onEnd;
    ::sigaction(SIGTERM, &action, nullptr);
}

[[noreturn]] void run(const Test& test, BenchParts parts,
                      const std::function<void(const Outcome&)>& report) {
    Bench bench(std::move(parts), report);
    try {
        std::string problem;
        if (!makeFiles(bench.plan(), problem)) bench.skip(problem);
        test.run(bench);
    } catch (const std::exception& error) {
        bench.fail("the kit itself does its work", std::string("it threw: ") + error.what());
    }
    bench.end();
}

} // namespace

bool makeFiles(const Plan& plan, std::string& problem) {
    for (const FileToMake& file : plan.files) {
        const std::filesystem::path path(file.path);
        std::error_code error;
        if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
        std::ofstream out(path, std::ios::binary);
        out << file.content;
        out.close();
        if (!out) {
            problem = "cannot make the file " + file.path + " in " +
                      std::filesystem::current_path(error).string();
            return false;
        }
    }
    return true;
}

void runAsChild(const Test& test, BenchParts parts) {
    own_pid = ::getpid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    takeSignals();
    run(test, std::move(parts), [](const Outcome& outcome) {
        if (::getpid() != own_pid) ::_exit(kNothingToJudge);
        const std::string line =
            nlohmann::json{{"finding", nameOf(outcome.finding)},
                           {"expected", outcome.expected},
                           {"happened", outcome.happened},
                           {"reason", outcome.reason}}
                .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) +
            "\n";
        std::fflush(nullptr);
        write(line.data(), line.size());
        ::_exit(0);
    });
}

void runInProcess(const Test& test, BenchParts parts) {
    own_pid = ::getpid();
    const std::string name(test.name);
    run(test, std::move(parts), [name](const Outcome& outcome) {
        if (::getpid() != own_pid) ::_exit(kNothingToJudge);
        std::printf("%s %s\n", nameOf(outcome.finding), name.c_str());
        for (const auto& [what, text] :
             {std::pair{"expected", outcome.expected}, std::pair{"happened", outcome.happened},
              std::pair{"reason  ", outcome.reason}})
            if (!text.empty()) std::printf("  %s  %s\n", what, text.c_str());
        std::fflush(nullptr);
        ::_exit(isBad(outcome.finding) ? kFailed : kPassed);
    });
}

} // namespace hearback::check
