#include "cli/dev/plan.h"

#include "base/file.h"
#include "base/fingerprint.h"
#include "config/settings.h"

#include <algorithm>

namespace hearback::cli::dev {

namespace {

using config::Value;

constexpr std::size_t kPlanMax = 1 << 20;
constexpr std::size_t kFileMax = 64 << 20;
constexpr std::int64_t kRowsMax = 1'000'000;

template <class Content>
Content memberOr(const Value& table, std::string_view key, Content otherwise) {
    const Value* member = table.member(key);
    const auto* content = member == nullptr ? nullptr : std::get_if<Content>(&member->content);
    return content == nullptr ? otherwise : *content;
}

// [[file]]: "text", or the content of "from"; then "row" as often as "rows" says.
base::Result<std::string> contentOf(const Value& file, const std::filesystem::path& folder) {
    auto content = memberOr<std::string>(file, "text", "");
    if (const auto from = memberOr<std::string>(file, "from", ""); !from.empty()) {
        auto read = base::readFile(folder / from, kFileMax);
        if (!read) return read.error();
        content = std::move(*read);
    }
    const auto row = memberOr<std::string>(file, "row", "");
    const auto rows = std::min(memberOr<std::int64_t>(file, "rows", 1), kRowsMax);
    for (std::int64_t n = 1; !row.empty() && n <= rows && content.size() < kFileMax; ++n) {
        std::string numbered = row;
        for (auto at = numbered.find("{n}"); at != std::string::npos; at = numbered.find("{n}", at))
            numbered.replace(at, 3, std::to_string(n));
        content += numbered;
    }
    return content;
}

bool isBelow(const std::filesystem::path& path) {
    return !path.empty() && path.is_relative() &&
           std::find(path.begin(), path.end(), "..") == path.end();
}

} // namespace

base::Result<Plan> readPlan(const std::filesystem::path& file) {
    Plan plan;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return plan;
    const auto text = base::readFile(file, kPlanMax);
    if (!text) return text.error();
    Value value;
    std::vector<config::Problem> problems;
    if (!config::parseToml(*text, value, problems))
        return base::Error{base::Code::Invalid, config::describe(file, problems.front())};
    base::Fingerprint print;
    print.add(*text);
    const Value* settings = value.member("settings");
    if (settings != nullptr && std::holds_alternative<Value::Table>(settings->content))
        plan.settings = *settings;
    for (const Value& each : memberOr<Value::List>(value, "file", {})) {
        const std::filesystem::path path = memberOr<std::string>(each, "path", "");
        if (!isBelow(path))
            return base::Error{base::Code::Invalid,
                               config::describe(file, {each.place, "file.path",
                                                       "must lead to a file in the plugin's "
                                                       "working folder"})};
        auto content = contentOf(each, file.parent_path());
        if (!content) return content.error();
        print.add(*content);
        plan.files.emplace_back(path, std::move(*content));
    }
    for (const Value& message : memberOr<Value::List>(value, "message", {}))
        if (auto sample = memberOr<std::string>(message, "text", ""); !sample.empty())
            plan.texts.push_back(std::move(sample));
    plan.fingerprint = print.value();
    return plan;
}

} // namespace hearback::cli::dev
