// The whole channel `file`: what it brings can be read, and it goes on from every checkpoint as if
// it had never stopped. The first byte chooses the settings, the rest is the file.
#include "fuzz/memory_file.h"
#include "fuzz/messages.h"
#include "fuzz/plugin.h"

#include <array>

using namespace hearback;
using hearback::fuzz::require;

namespace {

constexpr std::size_t kResumesMax = 6;

// What one poll brought.
struct Step {
    std::vector<std::string> brought; // messages and dead letters, each as bytes
    std::string checkpoint;
};

const fuzz::MemoryFile& content() {
    static const fuzz::MemoryFile file;
    return file;
}

fuzz::Channel& channel(unsigned settings) {
    const auto make = [](const char* members) {
        return std::make_unique<fuzz::Channel>("file", R"({"path": ")" + content().path() + "\", " +
                                                           members + "}");
    };
    static const std::array<std::unique_ptr<fuzz::Channel>, 4> kChannels = {
        make(R"("format": "auto", "encoding": "auto")"),
        make(R"("format": "ndjson", "encoding": "auto",
                "columns": {"text": "a.b", "attributes.x": "c"})"),
        make(R"("format": "csv", "encoding": "latin-1", "channel": "Shop")"),
        make(R"("format": "csv", "encoding": "auto", "columns": {"text": "note"},
                "rating_max": 10)")};
    return *kChannels[settings % kChannels.size()];
}

// None where the channel does not take the file.
std::optional<std::vector<Step>> readAll(fuzz::Channel& channel,
                                         const std::optional<std::string>& checkpoint) {
    const hb_status started = channel.start(checkpoint);
    if (started != HB_OK) {
        require(started == HB_CONFIG, "a file is refused by its settings");
        return std::nullopt;
    }
    std::vector<Step> steps;
    for (hb_status status = HB_OK; status == HB_OK;) {
        const auto answer = channel.poll(2);
        status = answer.status;
        require(status == HB_OK || status == HB_END, "a file can be read to its end");
        auto read = fuzz::requireSound(answer.bytes);
        require(static_cast<bool>(read), "a batch can be read");
        Step step;
        for (const auto& item : read->batch.items)
            step.brought.push_back(fuzz::bytesOf(item.message));
        for (const auto& letter : read->batch.dead_letters)
            step.brought.push_back(letter.cause + "|" + letter.position + "|" + letter.payload);
        if (step.brought.empty()) continue;
        require(read->batch.checkpoint.has_value(), "what is brought comes with a checkpoint");
        step.checkpoint = *read->batch.checkpoint;
        steps.push_back(std::move(step));
    }
    channel.stop();
    return steps;
}

void requireSame(const std::vector<Step>& a, std::size_t from, const std::vector<Step>& b) {
    require(a.size() - from == b.size(), "from a checkpoint on there is as much");
    for (std::size_t i = 0; i < b.size(); ++i)
        require(a[from + i].brought == b[i].brought && a[from + i].checkpoint == b[i].checkpoint,
                "from a checkpoint on everything is the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    content().write(fuzz::toText(data + 1, size - 1));
    fuzz::Channel& file = channel(data[0]);
    const auto steps = readAll(file, std::nullopt);
    if (!steps) return 0;
    const std::size_t stride = 1 + steps->size() / kResumesMax;
    for (std::size_t i = 0; i < steps->size(); i += stride) {
        const auto rest = readAll(file, (*steps)[i].checkpoint);
        require(rest.has_value(), "a file that was taken is taken again");
        requireSame(*steps, i + 1, *rest);
    }
    // A checkpoint that somebody else wrote, and a payload to read again.
    (void)readAll(file, std::string(fuzz::toText(data, size)));
    const auto decoded = file.decode(fuzz::toText(data + 1, size - 1));
    if (decoded.status == HB_OK)
        require(static_cast<bool>(fuzz::requireSound(decoded.bytes)), "a batch can be read");
    return 0;
}
