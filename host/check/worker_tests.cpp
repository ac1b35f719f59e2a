// Level 3: the same in a worker process as in the host's own.
#include "check/bench.h"
#include "check/reading.h"
#include "check/samples.h"
#include "check/scripted_services.h"
#include "check/test.h"
#include "check/traces.h"

#include "loader/call_json.h"
#include "loader/instance.h"
#include "runtime/worker_pool.h"

#include <algorithm>
#include <filesystem>

namespace hearback::check {

namespace {

using loader::Call;
using loader::Method;
using pipeline::Answer;

constexpr base::Micros kCallMax = base::kMinute;
constexpr const char* kName = "check";

// What both are asked. A later call may depend on an earlier answer.
using Ask = std::function<Answer(const Call&)>;

class Script {
  public:
    Script(Bench& bench, base::Micros now, Ask ask)
        : bench_(bench), now_(now), ask_(std::move(ask)) {}

    std::vector<std::pair<std::string, Answer>> run() {
        if (!note({.method = Method::Configure, .bytes = bench_.settings()})) return answers_;
        (void)note({.method = Method::Check});
        if (!note({.method = Method::Start})) return answers_;
        const std::string& kind = bench_.manifest().kind;
        if (kind == "channel") useChannel();
        if (kind == "classifier") {
            (void)note({.method = Method::Labels});
            const auto question = questionOf(ordinaryTexts(bench_.plan())).SerializeAsString();
            const auto hard = questionOf(hardTexts()).SerializeAsString();
            (void)note({.method = Method::Classify, .bytes = question});
            (void)note({.method = Method::Classify, .bytes = hard});
        }
        if (kind == "sink") {
            const auto batch = deliveriesOf("worker", 3).SerializeAsString();
            (void)note({.method = Method::Write, .bytes = batch, .batch_id = 1});
        }
        (void)note({.method = Method::Stop});
        return answers_;
    }

  private:
    bool note(const Call& call) {
        answers_.emplace_back(loader::nameOf(call.method), ask_(call));
        return answers_.back().second.isOk();
    }

    void useChannel() {
        Call poll{.method = Method::Poll};
        poll.limits.max_items = 7;
        poll.limits.timeout_ms = 50;
        for (std::uint64_t i = 1; i <= 12; ++i) {
            poll.limits.batch_id = i;
            if (!note(poll)) break;
            (void)note({.method = Method::Ack, .batch_id = i, .stored = true});
        }
        for (const RequestToSend& request : bench_.plan().requests) {
            const auto bytes = ingressOf(request, now_).SerializeAsString();
            (void)note({.method = Method::Receive, .bytes = bytes, .path = request.path});
        }
        (void)note({.method = Method::Decode, .bytes = "no such thing"});
        if (!bench_.manifest().has(HB_EXT_ACTIONS_1)) return;
        (void)note({.method = Method::Capabilities});
        for (const ActionToTry& action : bench_.plan().actions) {
            const auto bytes = actionOf(action, "worker").SerializeAsString();
            (void)note({.method = Method::Act, .bytes = bytes});
        }
    }

    Bench& bench_;
    const base::Micros now_;
    const Ask ask_;
    std::vector<std::pair<std::string, Answer>> answers_;
};

std::string shown(const Answer& answer) {
    return nameOfStatus(static_cast<hb_status>(answer.verdict)) + " " + answer.text + ", " +
           std::to_string(answer.bytes.size()) + " bytes";
}

void workerSame(Bench& bench) {
    const auto program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hearback-worker";
    if (!std::filesystem::exists(program)) bench.skip("there is no " + program.string());
    (void)bench.settings();
    const base::Micros now = base::SystemClock().now();
    base::SystemClock clock;
    const loader::PluginFile& file = bench.file();

    auto copy = loader::SealedCopy::make(file.path, file.hash);
    if (!copy) bench.skip(copy.error().message);
    runtime::WorkerPool pool(program, clock);
    runtime::WorkerOptions options;
    options.what = bench.manifest().id;
    options.library = *copy;
    const auto process = pool.launch(options);
    bench.expect(static_cast<bool>(process), "a worker loads the plugin",
                 process ? "" : process.error().message);
    (*process)->admit(kName, {std::make_shared<ScriptedServices>(bench.world(), kName), [] {},
                              [](const std::string&) {}});
    const Answer made =
        (*process)
            ->call(kName, {{"do", "create"}, {"plugin", bench.manifest().id}}, {}, kCallMax)
            .answer;
    bench.expect(made.isOk(), "a worker makes an instance", made.text);
    answerEverything(bench);
    const auto in_worker =
        Script(bench, now, [&](const Call& call) {
            return (*process)->call(kName, loader::toJson(call), call.bytes, kCallMax).answer;
        }).run();
    bench.expect((*process)->isAlive(), "a plugin does not end its worker", (*process)->cause());

    bench.http().forget();
    auto library = loader::Library::load(file);
    if (!library) bench.skip(library.error().message);
    auto instance =
        loader::Instance::create(*library, bench.manifest(), kName,
                                 std::make_unique<ScriptedServices>(bench.world(), kName), clock);
    if (!instance) bench.skip(instance.error().message);
    const auto in_host =
        Script(bench, now, [&](const Call& call) { return (*instance)->run(call); }).run();

    const std::size_t count = std::min(in_host.size(), in_worker.size());
    for (std::size_t i = 0; i < count; ++i) {
        const Answer& here = in_host[i].second;
        const Answer& there = in_worker[i].second;
        bench.expect(here.verdict == there.verdict && here.bytes == there.bytes &&
                         here.text == there.text && here.retry_after == there.retry_after,
                     "a call gives the same in a worker, byte for byte",
                     in_host[i].first + "() gives " + shown(here) + " in the host and " +
                         shown(there) + " in a worker");
    }
    bench.expect(in_host.size() == in_worker.size(),
                 "a call gives the same in a worker, byte for byte",
                 std::to_string(in_host.size()) + " calls in the host, " +
                     std::to_string(in_worker.size()) + " in a worker");
}

constexpr Test kTests[] = {
    {"worker/same", 3, kAllKinds, "Every call gives the same in a worker, byte for byte",
     "docs/worker-protocol.md", "Plugins that are shared libraries need none of it", workerSame,
     120},
};

} // namespace

std::span<const Test> workerTests() { return kTests; }

} // namespace hearback::check
