#include "config/table_reader.h"

#include <catch2/catch.hpp>

using namespace hearback;
using config::Problem;
using config::TableReader;
using config::Value;

namespace {

class ReadTable {
  public:
    explicit ReadTable(const std::string& toml) {
        REQUIRE(config::parseToml(toml, value_, problems));
        reader_.emplace(value_, "part", problems);
    }
    TableReader& in() { return *reader_; }
    std::vector<std::string> told() const {
        std::vector<std::string> lines;
        for (const Problem& each : problems) lines.push_back(each.path + " " + each.text);
        return lines;
    }

    std::vector<Problem> problems;

  private:
    Value value_;
    std::optional<TableReader> reader_;
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("what is absent leaves the default as it is", "[config]") {
    ReadTable table("");
    std::string text = "default";
    std::int64_t number = 7;
    bool truth = true;
    std::vector<std::string> texts = {"default"};
    table.in().text("text", text);
    table.in().integer("number", number, 0, 10);
    table.in().boolean("truth", truth);
    table.in().texts("texts", texts);
    table.in().table("table", [](TableReader&) { FAIL("there is no table"); });
    table.in().finish();
    CHECK(text == "default");
    CHECK(number == 7);
    CHECK(truth);
    CHECK(texts == std::vector<std::string>{"default"});
    CHECK(table.problems.empty());
}

TEST_CASE("a value of the wrong type is told and leaves the default", "[config]") {
    ReadTable table("text = 1\nnumber = \"x\"\nhalf = 1.5\ntruth = 1\ntexts = \"x\"\n"
                    "mixed = [\"a\", 2]\ntable = []\ntables = {}\nrows = [1]\n");
    std::string text = "default";
    std::int64_t number = 7;
    bool truth = true;
    std::vector<std::string> texts;
    std::vector<std::string> mixed;
    table.in().text("text", text);
    table.in().integer("number", number, 0, 10);
    table.in().integer("half", number, 0, 10);
    table.in().boolean("truth", truth);
    table.in().texts("texts", texts);
    table.in().texts("mixed", mixed);
    table.in().table("table", [](TableReader&) { FAIL("it is no table"); });
    table.in().tables("tables", [](TableReader&) { FAIL("they are no tables"); });
    table.in().tables("rows", [](TableReader&) { FAIL("they are no tables"); });
    table.in().finish();
    CHECK(text == "default");
    CHECK(number == 7);
    CHECK(truth);
    CHECK(table.told() == Lines{"part.text must be text, not an integer",
                                "part.number must be an integer, not text",
                                "part.half must be an integer, not a number",
                                "part.truth must be true or false, not an integer",
                                "part.texts must be a list of texts, not text",
                                "part.mixed must hold texts only, not an integer",
                                "part.table must be a table, not a list",
                                "part.tables must be a list of tables: write [[part.tables]]",
                                "part.rows[0] must be a table"});
}

TEST_CASE("a number may lie on its limits and not beyond", "[config]") {
    ReadTable table("low = 2\nhigh = 10\nbelow = 1\nabove = 11\n");
    std::int64_t number = 0;
    table.in().integer("low", number, 2, 10);
    CHECK(number == 2);
    table.in().integer("high", number, 2, 10);
    CHECK(number == 10);
    table.in().integer("below", number, 2, 10);
    table.in().integer("above", number, 2, 10);
    CHECK(number == 10);
    CHECK(table.told() ==
          Lines{"part.below must be between 2 and 10", "part.above must be between 2 and 10"});
    CHECK(table.problems[0].place.line == 3);
}

TEST_CASE("a text that is required is told of once whatever is wrong with it", "[config]") {
    ReadTable table("empty = \"\"\nwrong = 3\ngiven = \"x\"\n");
    std::string text;
    table.in().requiredText("missing", text);
    table.in().requiredText("empty", text);
    table.in().requiredText("wrong", text);
    table.in().requiredText("given", text);
    CHECK(text == "x");
    CHECK(table.told() == Lines{"part.missing is required", "part.empty is required",
                                "part.wrong must be text, not an integer"});
}

TEST_CASE("a member that nobody asked for is a mistake with a suggestion", "[config]") {
    ReadTable table("listen = \"x\"\nlistn = \"y\"\nzebra = 1\n[http]\nprot = 1\n");
    std::string text;
    table.in().text("listen", text);
    table.in().table("http", [&](TableReader& http) { http.text("port", text); });
    table.in().finish();
    CHECK(table.told() == Lines{"part.http.prot is no setting (did you mean \"port\"?)",
                                "part.listn is no setting (did you mean \"listen\"?)",
                                "part.zebra is no setting"});
}
