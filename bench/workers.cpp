// What isolation costs: the same plugin, the same calls, in the host and in a worker process, by
// turns in one run. A classifier is asked about batches of 256 messages; a channel reads a file.
// Usage: bench_workers [MESSAGES [ROUNDS]]
#include "app/plugins.h"
#include "corpus.h"
#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/feedback.pb.h"
#include "program.h"
#include "runtime/adapters.h"

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace {

using namespace hearback;
using config::Isolation;

constexpr std::size_t kBatch = 256;

class Bench {
  public:
    explicit Bench(const std::filesystem::path& folder) {
        settings_.data_dir = folder / "data";
        settings_.file = folder / "hearback.toml";
        settings_.trust_file = folder / "trust.toml";
        plugins_ = std::make_unique<app::Plugins>(settings_, environment_, nullptr, problems_);
    }

    std::shared_ptr<loader::PluginInstance> make(const std::string& plugin, const std::string& kind,
                                                 config::Value::Table settings,
                                                 Isolation isolation) {
        config::PluginSettings wanted;
        wanted.name = plugin;
        wanted.plugin = plugin;
        wanted.settings = {std::move(settings), {}};
        wanted.isolation = isolation;
        auto instance = plugins_->makeInstance(wanted, kind, problems_);
        if (instance) return instance;
        std::fprintf(stderr, "%s\n", problems_.front().text.c_str());
        std::exit(1);
    }

  private:
    app::Environment environment_;
    config::Settings settings_;
    std::vector<config::Problem> problems_;
    std::unique_ptr<app::Plugins> plugins_;
};

template <class Made>
Made orExit(base::Result<Made> made) {
    if (made) return std::move(*made);
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    std::exit(1);
}

std::vector<std::string> requests(std::uint64_t messages) {
    std::vector<std::string> all;
    for (std::uint64_t at = 0; at < messages; at += kBatch) {
        v1::ClassifyRequest request;
        for (std::uint64_t i = at; i < std::min(at + kBatch, messages); ++i) {
            const auto line = nlohmann::json::parse(bench::corpusLine(i));
            v1::FeedbackMessage& message = *request.add_messages();
            message.set_external_id(std::to_string(i));
            message.set_text(line.value("text", ""));
            message.set_language(line.value("language", ""));
        }
        all.push_back(request.SerializeAsString());
    }
    return all;
}

double classify(Bench& bench, const std::vector<std::string>& questions, std::uint64_t messages,
                Isolation isolation) {
    const auto classifier =
        orExit(runtime::makeClassifier(bench.make("sentiment", "classifier", {}, isolation)));
    (void)classifier->classify(questions.front()); // the model is there
    const double begun = bench::nowSeconds();
    for (const std::string& question : questions)
        if (!classifier->classify(question).isOk()) std::exit(1);
    return static_cast<double>(messages) / (bench::nowSeconds() - begun);
}

double read(Bench& bench, const std::filesystem::path& file, std::uint64_t messages,
            Isolation isolation) {
    config::Value::Table settings;
    settings.emplace_back("path", config::Value{file.string(), {}});
    const auto source =
        orExit(runtime::makeSource(bench.make("file", "channel", settings, isolation)));
    if (!source->start(std::nullopt).isOk()) std::exit(1);
    const double begun = bench::nowSeconds();
    pipeline::PollLimits limits;
    pipeline::Answer answer;
    std::uint64_t bytes = 0;
    do {
        ++limits.batch_id;
        answer = source->poll(limits);
        bytes += answer.bytes.size();
        source->ack(limits.batch_id, true);
    } while (answer.verdict == pipeline::Verdict::Ok);
    const double rate = static_cast<double>(messages) / (bench::nowSeconds() - begun);
    source->stop();
    if (answer.verdict != pipeline::Verdict::End || bytes < messages * 100) std::exit(1);
    return rate;
}

} // namespace

int main(int count, char** words) {
    const std::uint64_t messages = count > 1 ? std::strtoull(words[1], nullptr, 10) : 200000;
    const int rounds = count > 2 ? std::atoi(words[2]) : 3;
    const auto folder =
        std::filesystem::temp_directory_path() / ("hearback-bench-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto file = folder / "corpus.ndjson";
    bench::writeCorpus(file, messages);
    const auto questions = requests(messages);
    {
        Bench bench(folder);
        std::printf("| plugin | round | in the host, messages/s | in a worker | ratio |\n"
                    "|---|---|---|---|---|\n");
        for (int round = 1; round <= rounds; ++round) {
            const double here = classify(bench, questions, messages, Isolation::InProcess);
            const double there = classify(bench, questions, messages, Isolation::Worker);
            std::printf("| sentiment | %d | %.0f | %.0f | %.2f |\n", round, here, there,
                        there / here);
            const double read_here = read(bench, file, messages, Isolation::InProcess);
            const double read_there = read(bench, file, messages, Isolation::Worker);
            std::printf("| file | %d | %.0f | %.0f | %.2f |\n", round, read_here, read_there,
                        read_there / read_here);
            std::fflush(stdout);
        }
    }
    std::filesystem::remove_all(folder);
}
