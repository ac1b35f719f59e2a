// Plugins in worker processes, with what watches them made quick, and the reader of a channel that
// goes on after each failure as the runner does.
#pragma once

#include "contract/plugin_bench.h"

#include "hearback/v1/feedback.pb.h"

#include <cstdlib>
#include <set>

namespace hearback::testing {

struct WorkerBench : PluginBench {
    explicit WorkerBench(const std::string& animal) : PluginBench(cageOf(animal)) {
        // How it ends shall be seen as it is, not as a sanitizer's report: options of the children.
        const std::string as_it_is =
            "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0";
        ::setenv("ASAN_OPTIONS", (as_it_is + ":detect_leaks=0").c_str(), 1);
        ::setenv("TSAN_OPTIONS", as_it_is.c_str(), 1);
        isolation = config::Isolation::Worker;
    }
    std::unique_ptr<pipeline::Source> cruel(const std::string& in, const std::string& does,
                                            nlohmann::json more = nlohmann::json::object()) {
        more["in"] = in;
        more["does"] = does;
        return source("cruel", more);
    }
    // Starts and reads to the end, again and again after each failure: the ids that came. The texts
    // of the failures are in `causes`.
    std::vector<std::string> readAll(pipeline::Source& source) {
        std::optional<std::string> checkpoint;
        std::vector<std::string> ids;
        for (int failures = 0; failures < 20;) {
            pipeline::Answer answer = source.start(checkpoint);
            while (answer.verdict == pipeline::Verdict::Ok) {
                answer = source.poll({});
                v1::FeedbackBatch batch;
                if (answer.verdict != pipeline::Verdict::Ok &&
                    answer.verdict != pipeline::Verdict::End)
                    break;
                REQUIRE(batch.ParseFromString(answer.bytes));
                for (const auto& message : batch.messages()) ids.push_back(message.external_id());
                checkpoint = batch.checkpoint();
                source.ack(1, true);
            }
            if (answer.verdict == pipeline::Verdict::End) return ids;
            ++failures;
            source.stop();
            // The wait begins when the end is noticed, which may be after the clock was moved.
            if (answer.text != "its worker is started again in a moment")
                causes.push_back(answer.text);
            clock.advance(base::kMinute); // over the wait for a new worker
        }
        return ids;
    }
    std::vector<std::string> causes;

  private:
    static std::filesystem::path cageOf(const std::string& animal) {
        static std::map<std::string, std::unique_ptr<TempFolder>> cages;
        auto& cage = cages[animal];
        if (!cage) {
            cage = std::make_unique<TempFolder>();
            std::filesystem::copy_file(HEARBACK_ZOO "/zoo_" + animal + ".so", *cage / "zoo.so");
        }
        return cage->path();
    }
};

inline std::vector<std::string> numbersBelow(int end) {
    std::vector<std::string> numbers;
    for (int i = 0; i < end; ++i) numbers.push_back(std::to_string(i));
    return numbers;
}

} // namespace hearback::testing
