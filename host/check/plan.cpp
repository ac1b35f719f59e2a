#include "check/plan.h"

#include "base/file.h"
#include "config/table_reader.h"

#include "hearback/v1/action.pb.h"

#include <algorithm>
#include <cctype>

namespace hearback::check {

namespace {

using config::TableReader;
using config::Value;

constexpr std::size_t kFileMax = 64 << 20;
constexpr std::int64_t kRowsMax = 1'000'000;

class PlanReader {
  public:
    PlanReader(std::filesystem::path folder, Plan& plan, std::vector<config::Problem>& problems)
        : folder_(std::move(folder)), plan_(plan), problems_(problems) {}

    void run(const Value& value) {
        TableReader root(value, "", problems_);
        if (const Value* settings = root.value("settings")) {
            if (std::holds_alternative<Value::Table>(settings->content))
                plan_.settings = config::toJson(*settings);
            else
                root.problem("settings", "must be a table");
        }
        root.table("expect", [&](TableReader& in) { readExpected(in); });
        root.tables("file", [&](TableReader& in) { readFile(in); });
        root.tables("http", [&](TableReader& in) { readAnswer(in); });
        root.tables("request", [&](TableReader& in) { readRequest(in); });
        root.tables("action", [&](TableReader& in) { readAction(in); });
        root.tables("message", [&](TableReader& in) {
            in.requiredText("text", plan_.texts.emplace_back());
            in.finish();
        });
        root.tables("exclude", [&](TableReader& in) {
            Exclusion& exclusion = plan_.exclusions.emplace_back();
            in.requiredText("test", exclusion.test);
            in.text("reason", exclusion.reason);
            if (exclusion.reason.find_first_not_of(" \t\n") == std::string::npos)
                in.problem("reason", "is required: write why the plugin need not pass this test");
            in.finish();
        });
        root.finish();
    }

  private:
    void readExpected(TableReader& in) {
        for (const auto& [key, into] : {std::pair{"messages", &plan_.expected_messages},
                                        std::pair{"rejects", &plan_.expected_rejects}}) {
            std::int64_t count = -1;
            in.integer(key, count, 0, kRowsMax);
            if (count >= 0) *into = count;
        }
        in.finish();
    }

    // The member `key`, or the content of the file that `from` names.
    void readContent(TableReader& in, const char* key, std::string& into) {
        in.text(key, into);
        std::string from;
        in.text("from", from);
        if (from.empty()) return;
        auto content = base::readFile(folder_ / from, kFileMax);
        if (content)
            into = std::move(*content);
        else
            in.problem("from", content.error().message);
    }

    void readFile(TableReader& in) {
        FileToMake& file = plan_.files.emplace_back();
        in.requiredText("path", file.path);
        readContent(in, "text", file.content);
        std::string row;
        std::int64_t rows = 1;
        in.text("row", row);
        in.integer("rows", rows, 1, kRowsMax);
        for (std::int64_t n = 1; !row.empty() && n <= rows; ++n) file.content += numbered(row, n);
        const std::filesystem::path path(file.path);
        if (path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end())
            in.problem("path", "must stay within the working folder of the test");
        in.finish();
    }

    static std::string numbered(std::string row, std::int64_t n) {
        const std::string number = std::to_string(n);
        for (auto at = row.find("{n}"); at != std::string::npos; at = row.find("{n}", at))
            row.replace(at, 3, number);
        return row;
    }

    void readHeaders(TableReader& in, HeaderList& headers) {
        const Value* value = in.value("headers");
        if (value == nullptr) return;
        const auto* table = std::get_if<Value::Table>(&value->content);
        if (table == nullptr) {
            in.problem("headers", "must be a table of texts");
            return;
        }
        for (const auto& [name, text] : *table) {
            const auto* content = std::get_if<std::string>(&text.content);
            if (content == nullptr)
                in.problem("headers", "must be a table of texts");
            else
                headers.emplace_back(name, *content);
        }
    }

    void readAnswer(TableReader& in) {
        ScriptedAnswer& answer = plan_.answers.emplace_back();
        in.text("method", answer.method);
        in.requiredText("url", answer.url);
        std::int64_t status = answer.status;
        in.integer("status", status, 200, 599);
        answer.status = static_cast<int>(status);
        readHeaders(in, answer.headers);
        readContent(in, "body", answer.body);
        in.text("after", answer.after);
        in.integer("times", answer.times, 0, kRowsMax);
        answer.changes =
            answer.method != "GET" && answer.method != "HEAD" && answer.method != "OPTIONS";
        in.boolean("changes", answer.changes);
        in.finish();
    }

    void readRequest(TableReader& in) {
        RequestToSend& request = plan_.requests.emplace_back();
        in.text("method", request.method);
        in.text("path", request.path);
        in.text("query", request.query);
        readHeaders(in, request.headers);
        readContent(in, "body", request.body);
        std::string sign;
        in.text("sign", sign);
        if (sign == "standard")
            request.sign = Signature::Standard;
        else if (sign == "github")
            request.sign = Signature::GitHub;
        else if (sign == "hmac")
            request.sign = Signature::Hmac;
        else if (!sign.empty())
            in.problem("sign", R"(must be "standard", "github" or "hmac")");
        in.text("secret", request.secret);
        if (request.sign != Signature::None && request.secret.empty())
            in.problem("secret", "is required: what the request is signed with");
        in.text("signature_header", request.signature_header);
        in.text("signature_prefix", request.signature_prefix);
        in.integer("status", request.status, 200, 599);
        in.finish();
    }

    // "reply" is ACTION_KIND_REPLY.
    void readAction(TableReader& in) {
        ActionToTry& action = plan_.actions.emplace_back();
        std::string kind;
        in.requiredText("kind", kind);
        std::string name = "ACTION_KIND_" + kind;
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        v1::ActionKind number = v1::ACTION_KIND_UNSPECIFIED;
        if (!v1::ActionKind_Parse(name, &number) || number == v1::ACTION_KIND_UNSPECIFIED)
            in.problem("kind", "is no kind of hearback/v1/action.proto: \"reply\", \"hide\", ...");
        action.kind = number;
        in.requiredText("target", action.target);
        in.text("text", action.text);
        in.text("tag", action.tag);
        in.finish();
    }

    std::filesystem::path folder_;
    Plan& plan_;
    std::vector<config::Problem>& problems_;
};

} // namespace

bool readPlan(std::string_view toml, const std::filesystem::path& folder, Plan& plan,
              std::vector<config::Problem>& problems) {
    Value value;
    if (config::parseToml(toml, value, problems)) PlanReader(folder, plan, problems).run(value);
    return problems.empty();
}

} // namespace hearback::check
