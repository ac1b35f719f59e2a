// What a worker sends: each frame is one or it is none, and what its head says is within limits.
#include "fuzz/promise.h"

#include "base/utf8.h"
#include "frames/frame_socket.h"
#include "loader/call_json.h"

#include <sys/socket.h>
#include <unistd.h>

using namespace hearback;
using hearback::fuzz::require;

namespace {

// A socket that holds these bytes and then ends. Small enough to be taken without a reader.
constexpr std::size_t kInputMax = 64 << 10;

int socketWith(std::string_view bytes) {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
    require(::write(ends[0], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "a socket takes the input");
    ::close(ends[0]);
    return ends[1];
}

void requireSane(frames::Frame frame) {
    require(frame.head.is_object(), "a head is an object");
    require(frame.body.size() <= frames::kBodyMax, "a body is within its limit");
    // From the host to a worker, and back.
    if (const auto call = loader::callOf(frame.head, frame.body)) (void)loader::toJson(*call);
    for (const char* key : {"routes", "can"})
        if (frame.head.contains(key)) (void)loader::routesOf(frame.head[key]);
    const auto answer = loader::answerOf(frame.head, std::move(frame.body));
    require(base::isUtf8(answer.text), "a text is UTF-8", answer.text);
    require(answer.text.size() <= 64 << 10, "a text is within its limit");
    require(answer.retry_after >= 0 && answer.retry_after <= base::kDay, "a wait is within a day");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > kInputMax) return 0;
    frames::FrameSocket socket(socketWith(fuzz::toText(data, size)));
    for (;;) {
        auto frame = socket.receive();
        if (!frame) {
            const auto code = frame.error().code;
            require(code == base::Code::Cancelled || code == base::Code::Corrupt,
                    "what is no frame is the end or a breach", frame.error().message);
            return 0;
        }
        requireSane(std::move(*frame));
    }
}
