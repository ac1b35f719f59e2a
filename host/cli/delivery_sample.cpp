// hearback deliveries sample: sends a made-up message to one sink and shows what was said, so that
// whoever writes the other side can check a signature by hand.
#include "app/plugins.h"
#include "base/file.h"
#include "cli/delivery_commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include "hearback/v1/delivery.pb.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace hearback::cli {

namespace {

using nlohmann::json;

// A folder of this process alone, gone with this object.
class Scratch {
  public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "hearback-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Scratch() {
        std::error_code error;
        if (!path_.empty()) std::filesystem::remove_all(path_, error);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

v1::DeliveryBatch sampleBatch(base::Micros now) {
    v1::DeliveryBatch batch;
    v1::Delivery& delivery = *batch.add_deliveries();
    delivery.set_idempotency_key("hb_sample_" + std::to_string(now / base::kSecond));
    delivery.set_attempt(1);
    v1::FeedbackMessage& message = *delivery.mutable_message();
    message.set_source("sample");
    message.set_channel("sample");
    message.set_external_id("sample-1");
    message.set_text("A sample that Hearback sent on request. Nobody wrote it.");
    message.set_occurred_at_us(now);
    message.set_received_at_us(now);
    message.mutable_author()->set_display_name("Hearback");
    return batch;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

void showExchange(const json& exchange) {
    const json& request = exchange.at("request");
    std::printf(
        "%s\n",
        styled(Style::Bold, request.value("method", "") + " " + request.value("url", "")).c_str());
    std::map<std::string, std::string> headers;
    for (const json& header : request.at("headers")) {
        const auto name = header.at(0).get<std::string>();
        const auto value = header.at(1).get<std::string>();
        headers[lower(name)] = value;
        std::printf("%s: %s\n", fitTo(name, 200).c_str(), fitTo(value, 4000).c_str());
    }
    const std::string body = request.value("body", "");
    std::printf("\n%s\n\n", fitTo(body, 100000).c_str());
    if (headers.contains("webhook-signature"))
        std::printf(
            "%s\n%s\n\n", styled(Style::Dim, "the signature is over").c_str(),
            fitTo(headers["webhook-id"] + "." + headers["webhook-timestamp"] + "." + body, 100000)
                .c_str());
    if (exchange.contains("response"))
        std::printf("it answered with status %d\n", exchange["response"].value("status", 0));
    else
        std::printf("no answer: %s\n", fitTo(exchange.at("error").value("text", ""), 2000).c_str());
}

// The requests that were made, in their order.
std::vector<json> exchangesIn(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<json> all;
    for (const auto& file : files) {
        const auto text = base::readFile(file, 64 << 20);
        json exchange = text ? json::parse(*text, nullptr, false) : json();
        if (exchange.is_object()) all.push_back(std::move(exchange));
    }
    return all;
}

// True where it took the message.
bool tellOutcome(const pipeline::Answer& answer) {
    v1::DeliveryResults results;
    v1::DeliveryResult result;
    result.set_status(static_cast<int>(answer.verdict));
    result.set_text(answer.text);
    if (results.ParseFromString(answer.bytes) && results.results_size() > 0)
        result = results.results(0);
    if (result.status() == 0)
        std::printf("%s\n", styled(Style::Green, "delivered").c_str());
    else
        std::printf("%s %s\n", styled(Style::Red, "not delivered:").c_str(),
                    fitTo(result.text(), 2000).c_str());
    return result.status() == 0;
}

} // namespace

int runDeliveriesSample(const CommonOptions& common, const std::string& name) {
    auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    const Scratch scratch;
    if (scratch.path().empty()) {
        complain("cannot make a folder in " + std::filesystem::temp_directory_path().string());
        return kFailed;
    }
    settings->http_recording = config::HttpRecording::Record;
    settings->http_recording_folder = scratch.path();
    // The others are none of its business, and need not work.
    std::erase_if(settings->sinks, [&](const auto& each) { return each.name != name; });
    settings->classifiers.clear();
    settings->rules.clear();
    if (settings->sinks.empty()) {
        complain("there is no sink \"" + name + "\"");
        return kNotFound;
    }
    app::Environment environment;
    std::vector<config::Problem> problems;
    const app::Plugins plugins(*settings, environment, nullptr, problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    pipeline::Sink& sink = *plugins.sinks().front();
    const pipeline::Answer started = sink.start();
    const pipeline::Answer answer =
        started.isOk() ? sink.write(1, sampleBatch(environment.clock.now()).SerializeAsString())
                       : started;
    for (const json& exchange : exchangesIn(scratch.path())) showExchange(exchange);
    return tellOutcome(answer) ? kDone : kFailed;
}

} // namespace hearback::cli
