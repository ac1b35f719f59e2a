#include "egress/recording.h"

#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "egress/digest.h"
#include "egress/redaction.h"
#include "egress/url.h"

#include "hearback/sdk/time.hpp"

#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>
#include <Poco/String.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <sstream>
#include <vector>

namespace hearback::egress {

namespace {

using base::Code;
using base::Error;
using nlohmann::ordered_json;

constexpr std::size_t kFileMax = 48 << 20;
constexpr std::size_t kHintsMax = 5;

// By their place in base::Code.
constexpr std::array kCodes = {
    "invalid",   "not_found",   "conflict", "busy",     "unavailable",  "full", "timed_out",
    "cancelled", "unsupported", "corrupt",  "internal", "rate_limited", "auth", "unclear"};

Code codeOf(const std::string& name) {
    const auto found = std::find(kCodes.begin(), kCodes.end(), name);
    return found == kCodes.end() ? Code::Internal : static_cast<Code>(found - kCodes.begin());
}

std::string toBase64(const std::string& bytes) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

std::string fromBase64(const std::string& text) {
    std::istringstream in(text);
    Poco::Base64Decoder decoder(in);
    return {std::istreambuf_iterator<char>(decoder), std::istreambuf_iterator<char>()};
}

// Text as it is, anything else in base64.
void putBody(ordered_json& into, const std::string& body) {
    if (body.empty()) return;
    if (base::isUtf8(body))
        into["body"] = body;
    else
        into["body_base64"] = toBase64(body);
}

std::string bodyOf(const ordered_json& from) {
    return from.contains("body_base64") ? fromBase64(from["body_base64"].get<std::string>())
                                        : from.value("body", "");
}

template <class Headers>
ordered_json headersOf(const Headers& headers, const Sender& sender) {
    ordered_json list = ordered_json::array();
    for (const v1::HttpHeader& header : headers)
        list.push_back({header.name(), namesCredential(header.name())
                                           ? "***"
                                           : base::repairUtf8(sender.redact(header.value()))});
    return list;
}

bool isForm(const v1::HttpRequest& request) {
    return std::any_of(request.headers().begin(), request.headers().end(), [](const auto& each) {
        return Poco::icompare(each.name(), "content-type") == 0 &&
               each.value().starts_with("application/x-www-form-urlencoded");
    });
}

// "000017-get-api.example.org.json"
std::string fileName(std::size_t number, const std::string& method, const std::string& url) {
    const auto target = parseUrl(url);
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    std::string host = target ? target->host : "address";
    std::replace_if(
        host.begin(), host.end(),
        [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
    return digits + "-" + Poco::toLower(method) + "-" + host + ".json";
}

std::vector<std::filesystem::path> filesIn(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

ordered_json answerJson(const v1::HttpResponse& answer, const Sender& sender) {
    ordered_json out = {{"status", answer.status()},
                        {"url", sender.redact(withoutNamedCredentials(answer.url()))},
                        {"headers", headersOf(answer.headers(), sender)}};
    if (answer.moved_permanently()) out["moved_permanently"] = true;
    putBody(out, sender.redact(jsonWithoutTokens(answer.body())));
    return out;
}

base::Result<v1::HttpResponse> answerOf(const ordered_json& exchange) {
    if (exchange.contains("error"))
        return Error{codeOf(exchange["error"].value("code", "")),
                     exchange["error"].value("text", "")};
    const ordered_json& from = exchange.at("response");
    v1::HttpResponse answer;
    answer.set_status(from.at("status").get<int>());
    answer.set_url(from.value("url", ""));
    answer.set_moved_permanently(from.value("moved_permanently", false));
    for (const auto& each : from.value("headers", ordered_json::array())) {
        v1::HttpHeader& header = *answer.add_headers();
        header.set_name(each.at(0).get<std::string>());
        header.set_value(each.at(1).get<std::string>());
    }
    answer.set_body(bodyOf(from));
    return answer;
}

} // namespace

base::Result<std::unique_ptr<Recording>> Recording::open(Mode mode, std::filesystem::path folder,
                                                         base::Clock& clock) {
    std::unique_ptr<Recording> recording(new Recording(mode, std::move(folder), clock));
    const auto prepared = recording->prepare();
    if (!prepared) return prepared.error();
    return recording;
}

base::Result<void> Recording::prepare() {
    std::error_code error;
    if (mode_ == Mode::Record) {
        std::filesystem::create_directories(folder_, error);
        if (error) return Error{Code::Invalid, "cannot be made: " + error.message()};
        const auto files = filesIn(folder_);
        if (!files.empty())
            next_ = static_cast<std::size_t>(
                        std::atoll(files.back().filename().string().substr(0, 6).c_str())) +
                    1;
        return {};
    }
    if (!std::filesystem::is_directory(folder_, error))
        return Error{Code::Invalid, "is no folder: record something first"};
    const auto files = filesIn(folder_);
    if (files.size() > kFilesMax)
        return Error{Code::Invalid, "has more than " + std::to_string(kFilesMax) + " files"};
    for (const auto& file : files) {
        auto done = read(file);
        if (!done) return done;
    }
    return {};
}

base::Result<void> Recording::read(const std::filesystem::path& file) {
    const auto text = base::readFile(file, kFileMax);
    if (!text) return text.error();
    try {
        const auto exchange = ordered_json::parse(*text);
        const auto& request = exchange.at("request");
        const Asked asked{request.at("method").get<std::string>(),
                          request.at("url").get<std::string>(),
                          {},
                          request.at("body_sha256").get<std::string>()};
        Answers& answers = answers_[asked.key()];
        answers.left.push_back(answerOf(exchange));
        ++answers.recorded;
    } catch (const std::exception& wrong) {
        return Error{Code::Invalid, "has a file that is no recorded exchange: " +
                                        file.filename().string() + ": " + wrong.what()};
    }
    return {};
}

Recording::Asked Recording::askedOf(const v1::HttpRequest& request, const Sender& sender) {
    Asked asked;
    asked.method = request.method().empty() ? "GET" : request.method();
    asked.url = sender.redact(withoutNamedCredentials(request.url()));
    asked.body = sender.redact(isForm(request) ? formWithoutCredentials(request.body())
                                               : jsonWithoutTokens(request.body()));
    asked.hash = digest(asked.body);
    return asked;
}

void Recording::add(const v1::HttpRequest& request, const base::Result<v1::HttpResponse>& answer,
                    const Sender& sender) {
    if (!answer && answer.error().code == Code::Cancelled) return;
    const Asked asked = askedOf(request, sender);
    ordered_json out = {{"at", formatRfc3339(clock_.now())},
                        {"instance", sender.instance},
                        {"request",
                         {{"method", asked.method},
                          {"url", asked.url},
                          {"headers", headersOf(request.headers(), sender)},
                          {"body_sha256", asked.hash}}}};
    putBody(out["request"], asked.body);
    if (answer)
        out["response"] = answerJson(*answer, sender);
    else
        out["error"] = {{"code", kCodes.at(static_cast<std::size_t>(answer.error().code))},
                        {"text", sender.redact(withoutCredentialsIn(answer.error().message))}};
    const std::lock_guard lock(mutex_);
    if (is_full_) return;
    const std::string text = out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
    const auto written =
        next_ > kFilesMax
            ? base::Result<void>(
                  Error{Code::Full, "it has " + std::to_string(kFilesMax) + " files already"})
            : base::writeFile(folder_ / fileName(next_, asked.method, asked.url), text);
    ++next_;
    if (written) return;
    is_full_ = true;
    base::logWarning("runtime", "HTTP is not recorded any more",
                     {{"folder", folder_.string()}, {"cause", written.error().message}});
}

base::Result<v1::HttpResponse> Recording::play(const v1::HttpRequest& request,
                                               const Sender& sender) {
    const Asked asked = askedOf(request, sender);
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(asked.key());
    if (found != answers_.end() && !found->second.left.empty()) {
        auto answer = std::move(found->second.left.front());
        found->second.left.pop_front();
        return answer;
    }
    const std::string text = notFound(asked, found == answers_.end() ? 0 : found->second.recorded);
    base::logError("runtime", "a request was asked that is not in the recording",
                   {{"instance", sender.instance}, {"asked", asked.method + " " + asked.url}});
    return Error{Code::Invalid, text};
}

std::string Recording::notFound(const Asked& asked, std::size_t recorded) const {
    std::string text = "the recording in " + folder_.string() + " has no ";
    if (recorded > 0) text += "further ";
    text += "answer to " + asked.method + " " + asked.url;
    if (!asked.body.empty()) text += " with a body of SHA-256 " + asked.hash;
    if (recorded > 0)
        return text + ": it was asked more often than the " + std::to_string(recorded) +
               " times that were recorded";
    std::vector<std::string> hints;
    for (const auto& [key, answers] : answers_)
        if (key.starts_with(asked.method + " ") && hints.size() < kHintsMax) hints.push_back(key);
    text += hints.empty() ? "; it has none to " + asked.method : "; it has some to";
    for (const std::string& hint : hints) text += "\n  " + hint;
    return text;
}

} // namespace hearback::egress
