// What the author gives the kit to work with (hearback-check.toml): settings, files, answers of the
// servers that the plugin asks, requests that it receives, actions to try, and what is left out.
#pragma once

#include "config/value.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearback::check {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Made in the working folder of every test.
struct FileToMake {
    std::string path;
    std::string content;
};

// The first one that fits a request, and is not used up, answers it.
struct ScriptedAnswer {
    std::string method = "GET";
    std::string url; // whole, or the beginning of one where it ends in *
    int status = 200;
    HeaderList headers;
    std::string body;
    std::string after;      // "METHOD url": only once such a request has been answered
    std::int64_t times = 0; // how often; 0: always
    bool changes = false;   // something at the remote side
};

enum class Signature { None, Standard, GitHub, Hmac };

struct RequestToSend {
    std::string method = "POST";
    std::string path;
    std::string query;
    HeaderList headers;
    std::string body;
    Signature sign = Signature::None;
    std::string secret; // what it is signed with
    std::string signature_header = "X-Signature";
    std::string signature_prefix;
    std::int64_t status = 0; // that it must be answered with; 0: any 2xx
};

struct ActionToTry {
    int kind = 0; // a number of hearback.v1.ActionKind
    std::string target;
    std::string text;
    std::string tag;
};

struct Exclusion {
    std::string test; // a regular expression for whole names
    std::string reason;
};

struct Plan {
    std::optional<nlohmann::json> settings; // as configured, but with secrets as they are
    std::vector<FileToMake> files;
    std::vector<ScriptedAnswer> answers;
    std::vector<RequestToSend> requests;
    std::vector<ActionToTry> actions;
    std::vector<std::string> texts; // of messages, beside the kit's own
    std::optional<std::int64_t> expected_messages;
    std::optional<std::int64_t> expected_rejects;
    std::vector<Exclusion> exclusions;
};

// `folder`: of the file, which "from" is relative to. False where something is wrong, with every
// problem told.
bool readPlan(std::string_view toml, const std::filesystem::path& folder, Plan& plan,
              std::vector<config::Problem>& problems);

} // namespace hearback::check
