#include "check/plan.h"

#include "support/temp_folder.h"

#include "hearback/v1/action.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::check;

namespace {

struct ReadPlan {
    Plan plan;
    std::vector<config::Problem> problems;
    bool is_good = false;

    explicit ReadPlan(const std::string& toml, const std::filesystem::path& folder = ".") {
        is_good = readPlan(toml, folder, plan, problems);
    }
    std::string problem() const {
        return problems.empty() ? "" : problems.front().path + " " + problems.front().text;
    }
};

} // namespace

TEST_CASE("a plan says what the plugin gets", "[check]") {
    const testing::TempFolder folder;
    folder.write("answer.json", "[]");
    const ReadPlan read(R"(
[settings]
url = "https://check.example/"
token = "t"
[expect]
messages = 3
[[file]]
path = "in/reviews.csv"
text = "id,text\n"
row = "{n},number {n}\n"
rows = 2
[[http]]
url = "https://check.example/*"
headers = { ETag = "1" }
from = "answer.json"
[[http]]
method = "POST"
url = "https://check.example/"
after = "GET https://check.example/"
times = 1
[[request]]
sign = "hmac"
secret = "s"
signature_prefix = "sha256="
status = 401
[[action]]
kind = "reply"
target = "7"
text = "Thank you!"
[[message]]
text = "one more"
[[exclude]]
test = "http/.*"
reason = "It asks nobody."
)",
                        folder.path());
    INFO(read.problem());
    REQUIRE(read.is_good);
    const Plan& plan = read.plan;
    CHECK((*plan.settings)["token"] == "t");
    CHECK(plan.expected_messages == 3);
    CHECK_FALSE(plan.expected_rejects);
    CHECK(plan.files.at(0).content == "id,text\n1,number 1\n2,number 2\n");
    CHECK(plan.answers.at(0).body == "[]");
    CHECK_FALSE(plan.answers.at(0).changes);
    CHECK(plan.answers.at(1).changes);
    CHECK(plan.answers.at(1).times == 1);
    CHECK(plan.requests.at(0).sign == Signature::Hmac);
    CHECK(plan.requests.at(0).status == 401);
    CHECK(plan.actions.at(0).kind == v1::ACTION_KIND_REPLY);
    CHECK(plan.texts == std::vector<std::string>{"one more"});
    CHECK(plan.exclusions.at(0).reason == "It asks nobody.");
}

TEST_CASE("nothing is excluded without a reason", "[check]") {
    for (const char* reason : {"", "reason = \"\"", "reason = \" \\t\""}) {
        INFO(reason);
        const ReadPlan read(std::string("[[exclude]]\ntest = \"http/moved\"\n") + reason);
        CHECK_FALSE(read.is_good);
        CHECK(read.problem().find("write why the plugin need not pass this test") !=
              std::string::npos);
    }
}

TEST_CASE("a mistake in a plan is told by its place", "[check]") {
    for (const auto& [toml, told] : std::vector<std::pair<std::string, std::string>>{
             {"[[http]]\nstatus = 200\n", "url"},
             {"[[http]]\nurl = \"x\"\nstatus = 700\n", "status"},
             {"[[http]]\nurl = \"x\"\nheaders = { A = 1 }\n", "headers"},
             {"[[http]]\nurl = \"x\"\nfrom = \"no-such-file\"\n", "from"},
             {"[[http]]\nurl = \"x\"\nbdy = \"x\"\n", "bdy"},
             {"[[file]]\npath = \"/etc/passwd\"\n", "path"},
             {"[[file]]\npath = \"../x\"\n", "path"},
             {"[[request]]\nsign = \"md5\"\n", "sign"},
             {"[[request]]\nsign = \"github\"\n", "secret"},
             {"[[action]]\nkind = \"shout\"\ntarget = \"1\"\n", "kind"},
             {"settings = 7\n", "settings"},
             {"[expect]\nmessages = -1\n", "messages"},
             {"no_such_key = 1\n", "no_such_key"}}) {
        INFO(toml);
        const ReadPlan read(toml);
        CHECK_FALSE(read.is_good);
        CHECK(read.problem().find(told) != std::string::npos);
        if (!read.problems.empty()) CHECK(read.problems.front().place.line > 0);
    }
    CHECK_FALSE(ReadPlan("[[http]").is_good);
}
