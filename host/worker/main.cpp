// hearback-worker: started by hearback for plugins that run in a process of their own; speaks
// frames on descriptor 3, which the host opens. Its output goes into the host's log, line by line.
#include "frames/frame_socket.h"
#include "loader/catalog.h"
#include "worker/sandbox.h"
#include "worker/worker.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace hearback;

constexpr int kSocket = 3;
constexpr int kProtocol = 1;

struct Words {
    worker::Limits limits;
    std::string plugin;
    char** program = nullptr; // with its arguments, null at the end
};

bool parse(int count, char** words, Words& into) {
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const bool has_value = i + 1 < count;
        if (word == "--memory-mib" && has_value)
            into.limits.memory_mib = std::atoll(words[++i]);
        else if (word == "--files" && has_value)
            into.limits.files = std::atoll(words[++i]);
        else if (word == "--sockets")
            into.limits.sockets = true;
        else if (word == "--any-system-call")
            into.limits.system_calls = false;
        else if (word == "--plugin" && has_value)
            into.plugin = words[++i];
        else if (word == "--program" && has_value) {
            into.program = words + i + 1;
            into.limits.programs = true;
            return true;
        } else
            return false;
    }
    return !into.plugin.empty();
}

// A program of the author's own speaks the frames itself, on its standard input and output.
int become(const Words& words) {
    if (::dup2(kSocket, STDIN_FILENO) < 0 || ::dup2(kSocket, STDOUT_FILENO) < 0) return 1;
    ::close(kSocket);
    const auto done = worker::enterSandbox(words.limits);
    if (!done) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
        return 1;
    }
    ::execv(words.program[0], words.program);
    std::fprintf(stderr, "cannot run %s: %s\n", words.program[0], std::strerror(errno));
    return 1;
}

int serve(const Words& words) {
    ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
    frames::FrameSocket socket(kSocket);
    const auto refuse = [&](const std::string& why) {
        (void)socket.send({{"hello", kProtocol}, {"problem", why}});
        return 1;
    };
    const auto entered = worker::enterSandbox(words.limits);
    if (!entered) return refuse(entered.error().message);
    const loader::PluginFile file = loader::inspectPlugin(words.plugin);
    auto library = loader::Library::load(file);
    if (!library) return refuse(library.error().message);
    (void)socket.send({{"hello", kProtocol}});
    worker::Worker(socket, std::move(*library), file.manifest).run();
}

} // namespace

int main(int count, char** words) {
    Words wanted;
    if (!parse(count, words, wanted)) {
        std::fprintf(stderr, "hearback-worker is started by hearback, for a plugin that runs in a "
                             "process of its own\n");
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    return wanted.program != nullptr ? become(wanted) : serve(wanted);
}
