#include "app/findings.h"
#include "app/running_mark.h"
#include "app/version.h"
#include "egress/http_client.h"

#include <nlohmann/json.hpp>

namespace hearback::app {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t kAskTimeoutMs = 3000;
constexpr std::int64_t kBehindMax = 10000;
// A poll comes at least so often, unless the channel rests.
constexpr base::Micros kSuccessWithin = 6 * base::kHour;

std::string addressOf(const config::HttpSettings& http) {
    std::string host = http.listen.host;
    if (host == "0.0.0.0" || host == "*") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return host + ":" + std::to_string(http.listen.port);
}

void readSource(const Json& source, base::Micros now, Findings& findings) {
    const std::string about = "source " + source.value("name", "");
    const std::string problem = source.value("problem", "");
    const std::string condition = source.value("condition", "");
    const base::Micros last_success = source.value("last_success_at_us", base::Micros{0});
    const base::Micros rests_until = source.value("rests_until_us", base::Micros{0});
    if (condition == "failed")
        findings.push_back({Severity::Error, about, "it needs people: " + problem,
                            "mend its settings, then restart the server"});
    else if (!problem.empty())
        findings.push_back({rests_until > now ? Severity::Note : Severity::Warning, about, problem,
                            rests_until > now ? "" : "hearback check --connect"});
    else if (source.value("silent", false))
        findings.push_back(
            {Severity::Warning, about,
             "it works, and nothing came for " +
                 std::to_string(source.value("silence_us", base::Micros{0}) / base::kHour) +
                 " hours, which is not usual.",
             "look on its other side whether something is there"});
    else if (condition == "waiting" && last_success > 0 && now - last_success > kSuccessWithin)
        findings.push_back({Severity::Warning, about,
                            "its last success is " +
                                std::to_string((now - last_success) / base::kHour) + " hours ago.",
                            "look for it in the log of the server"});
}

void readProblems(const Json& status, const char* list, const char* kind, Findings& findings) {
    for (const Json& each : status.value(list, Json::array())) {
        const std::string problem = each.value("problem", "");
        if (!problem.empty())
            findings.push_back({Severity::Warning, std::string(kind) + each.value("name", ""),
                                problem, "hearback check --connect"});
    }
}

} // namespace

void readStatus(const std::string& text, base::Micros now, Findings& findings) {
    const Json status = Json::parse(text, nullptr, false);
    if (!status.is_object()) {
        findings.push_back({Severity::Error, "server", "what it answered is no status of Hearback.",
                            "look which program has the address of [http]"});
        return;
    }
    if (!status.value("storing", true))
        findings.push_back({Severity::Error, "server", "the database cannot be written.",
                            "look for \"cannot store\" in its log: it names the cause"});
    if (status.value("version", "") != kVersion)
        findings.push_back(
            {Severity::Warning, "server",
             "version " + status.value("version", "?") + " runs, this one is " + kVersion + ".",
             "restart the server"});
    const std::int64_t behind = status.value("search_behind", std::int64_t{0});
    if (behind > kBehindMax)
        findings.push_back({Severity::Note, "search",
                            std::to_string(behind) + " messages are stored and not yet found.",
                            ""});
    for (const Json& source : status.value("sources", Json::array()))
        readSource(source, now, findings);
    readProblems(status, "classifiers", "classifier ", findings);
    readProblems(status, "sinks", "sink ", findings);
}

void examineServer(const config::Settings& settings, base::Clock& clock, Findings& findings) {
    const auto running = RunningMark::find(settings.data_dir);
    if (!running) {
        findings.push_back({Severity::Note, "server", "none runs on this data.", "hearback serve"});
        return;
    }
    const std::string address = addressOf(settings.http);
    if (!settings.http.tls_certificate.empty()) {
        findings.push_back({Severity::Note, "server",
                            "process " + std::to_string(running->process) +
                                " runs; it is not asked, because its page has TLS.",
                            "see https://" + address + "/"});
        return;
    }
    egress::HttpClient client(egress::EgressGuard({{address}, {}}), clock);
    v1::HttpRequest request;
    request.set_method("GET");
    request.set_url("http://" + address + "/api/v1/status");
    request.set_timeout_ms(kAskTimeoutMs);
    const egress::Sender sender{"doctor", [](const std::string&) { return base::Result<void>(); },
                                [](std::string_view line) { return std::string(line); }};
    const auto answer = client.send(request, sender, [] { return false; });
    if (!answer || answer->status() != 200) {
        findings.push_back(
            {Severity::Error, "server",
             "process " + std::to_string(running->process) + " runs and does not answer at " +
                 address + ": " +
                 (answer ? "status " + std::to_string(answer->status()) : answer.error().message),
             "look into its log; if it hangs: systemctl restart hearback"});
        return;
    }
    readStatus(answer->body(), clock.now(), findings);
}

} // namespace hearback::app
