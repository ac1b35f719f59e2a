#include "csv_reader.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

using hearback::file::CsvReader;
using hearback::file::LineSource;
using hearback::file::Row;
using hearback::testing::TempFolder;

namespace {

using Cells = std::vector<std::string>;

class CsvFile {
  public:
    explicit CsvFile(const std::string& content, char delimiter = ',', char line_end = '\n')
        : csv(lines, delimiter) {
        REQUIRE(lines.open(folder.write("data.csv", content)) == "");
        lines.setLineEnd(line_end);
        csv.seek(0, 1);
    }
    // Every row to the end: its cells, or the problem of a broken one.
    std::vector<Cells> rest(bool wait_for_end = false) {
        std::vector<Cells> rows;
        for (Row row = csv.next(wait_for_end); row.kind != Row::Kind::End;
             row = csv.next(wait_for_end)) {
            rows.push_back(row.kind == Row::Kind::Cells ? row.cells : Cells{"!" + row.problem});
            REQUIRE(rows.size() < 1000);
        }
        return rows;
    }

    TempFolder folder;
    LineSource lines;
    CsvReader csv;
};

std::vector<Cells> rowsOf(const std::string& content, char delimiter = ',') {
    return CsvFile(content, delimiter).rest();
}

using Rows = std::vector<Cells>;

const std::string kOpenQuote = "!a quote is opened and not closed before the end of the file";

} // namespace

TEST_CASE("a quoted field may hold the delimiter and quotes and lines", "[plugins]") {
    CHECK(rowsOf("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n") == Rows{{"a", "b"}, {"x,y", "say \"hi\""}});
    CHECK(rowsOf("\"one\ntwo\n\nthree\",b\nc,d\n") == Rows{{"one\ntwo\n\nthree", "b"}, {"c", "d"}});
    CHECK(rowsOf("\"one\r\ntwo\",b\r\n") == Rows{{"one\r\ntwo", "b"}});
    CHECK(rowsOf("\"\",\"\"\n") == Rows{{"", ""}});
    CHECK(rowsOf(",,\n") == Rows{{"", "", ""}});
    CHECK(rowsOf("\"a\" , b \n") == Rows{{"a", "b"}});
    CHECK(rowsOf("\" a \"\n") == Rows{{" a "}});
}

TEST_CASE("a quote within a field that is not quoted is a character", "[plugins]") {
    CHECK(rowsOf("5\" screen,it's 6' tall\n") == Rows{{"5\" screen", "it's 6' tall"}});
}

TEST_CASE("every delimiter of spreadsheets works and is guessed from the header", "[plugins]") {
    for (const char delimiter : {',', ';', '\t', '|'}) {
        const std::string header =
            std::string("id") + delimiter + "text, more" + delimiter + "date";
        CHECK(CsvReader::guessDelimiter(header) == delimiter);
        const std::string row = std::string("1") + delimiter + "\"a" + delimiter + "b\"\n";
        CHECK(rowsOf(row, delimiter) == Rows{{"1", std::string("a") + delimiter + "b"}});
    }
    CHECK(CsvReader::guessDelimiter("text") == ',');
    CHECK(rowsOf("a\t\tb\n", '\t') == Rows{{"a", "", "b"}});
}

TEST_CASE("every line end works and a last one may be missing", "[plugins]") {
    const Rows wanted = {{"a", "b"}, {"c", "d"}};
    CHECK(rowsOf("a,b\nc,d\n") == wanted);
    CHECK(rowsOf("a,b\r\nc,d\r\n") == wanted);
    CHECK(rowsOf("a,b\nc,d") == wanted);
    CHECK(rowsOf("a,b\r\nc,\"d\"") == wanted);
    CHECK(CsvFile("a,b\rc,d\r", ',', '\r').rest() == wanted);
    CHECK(CsvFile("a,b\rc,d", ',', '\r').rest() == wanted);
}

TEST_CASE("lines without anything are no rows", "[plugins]") {
    CHECK(rowsOf("") == Rows{});
    CHECK(rowsOf("\n\r\n\n") == Rows{});
    CHECK(rowsOf("a,b\n\n\r\nc,d\n\n") == Rows{{"a", "b"}, {"c", "d"}});
    CHECK(rowsOf("a,b\n  \nc,d\n \t \n") == Rows{{"a", "b"}, {"c", "d"}});
    CHECK(rowsOf("a,b\n  ") == Rows{{"a", "b"}});
    // A row of empty cells is one.
    CHECK(rowsOf("\t\n", '\t') == Rows{{"", ""}});
}

TEST_CASE("a quote that is never closed costs its own line only", "[plugins]") {
    const Rows wanted = {{"1", "good"}, {kOpenQuote}, {"3", "good"}, {"4", "good"}};
    CHECK(rowsOf("1,good\n2,\"open\n3,good\n4,good\n") == wanted);
    // The same where the file ends without an end of line.
    CHECK(rowsOf("1,good\n2,\"open\n3,good\n4,good") == wanted);
    CHECK(rowsOf("1,good\n2,\"open") == Rows{{"1", "good"}, {kOpenQuote}});
    CHECK(rowsOf("\"\n\"\n\"\n") == Rows{{"\n"}, {kOpenQuote}});
}

TEST_CASE("a quote that is not closed within a megabyte does not swallow the file", "[plugins]") {
    std::string content = "1,\"open\n";
    for (int i = 0; content.size() < (3U << 20U); ++i)
        content += std::to_string(i + 2) + "," + std::string(100000, 'x') + "\n";
    CsvFile file(content);
    Row row = file.csv.next(false);
    CHECK(row.kind == Row::Kind::Broken);
    CHECK(row.problem == "a quote is opened and not closed within 1048576 bytes");
    CHECK(row.raw == "1,\"open\n");
    CHECK(row.end == 8);
    row = file.csv.next(false);
    REQUIRE(row.kind == Row::Kind::Cells);
    CHECK(row.cells[0] == "2");
    CHECK(row.line == 2);
}

TEST_CASE("a line that is too long is given up and the next one read", "[plugins]") {
    CsvFile file("a,b\n" + std::string(3 << 20, 'x') + ",y\nc,d\n");
    CHECK(file.csv.next(false).cells == Cells{"a", "b"});
    const Row broken = file.csv.next(false);
    CHECK(broken.kind == Row::Kind::Broken);
    CHECK(broken.problem == "the line has more than 1048576 bytes");
    CHECK(broken.raw.size() <= LineSource::kLineMax);
    CHECK(file.csv.next(false).cells == Cells{"c", "d"});
    CHECK(file.csv.next(false).kind == Row::Kind::End);
}

TEST_CASE("reading goes on behind any row with the same rows and numbers", "[plugins]") {
    const std::string content = "id,text\n"
                                "1,\"two\nlines\"\n"
                                "\n"
                                "2,\"open\n"
                                "3,plain\r\n"
                                "   \n"
                                "4," +
                                std::string(2 << 20, 'x') +
                                "\n"
                                "5,\"a\n\nb\"\n"
                                "6,last";
    CsvFile whole(content);
    std::vector<Row> rows;
    for (Row row = whole.csv.next(false); row.kind != Row::Kind::End; row = whole.csv.next(false))
        rows.push_back(row);
    REQUIRE(rows.size() == 7);
    CHECK(rows[1].line == 2);
    CHECK(rows[3].line == 6);
    CHECK(rows[6].cells == Cells{"6", "last"});
    CHECK(rows[6].line == 12);
    CHECK(rows.back().end == static_cast<std::int64_t>(content.size()));
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
        CsvFile resumed(content);
        resumed.csv.seek(rows[i].end, rows[i].next_line);
        for (std::size_t j = i + 1; j < rows.size(); ++j) {
            const Row row = resumed.csv.next(false);
            INFO(i << " " << j);
            CHECK(row.kind == rows[j].kind);
            CHECK(row.cells == rows[j].cells);
            CHECK(row.raw == rows[j].raw);
            CHECK(row.line == rows[j].line);
            CHECK(row.end == rows[j].end);
        }
    }
}

TEST_CASE("the lines of an old Mac's file are counted too", "[plugins]") {
    CsvFile file("a\rb\rc\r", ',', '\r');
    (void)file.csv.next(false);
    const Row second = file.csv.next(false);
    CHECK(second.line == 2);
    CHECK(second.next_line == 3);
    file.csv.seek(second.end, second.next_line);
    CHECK(file.csv.next(false).line == 3);
}

TEST_CASE("a last row that is still being written is waited for", "[plugins]") {
    CsvFile file("a,b\nc,\"d");
    CHECK(file.rest(true) == Rows{{"a", "b"}});
    CHECK(file.rest(true) == Rows{});
    file.folder.write("data.csv", "a,b\nc,\"d\ne");
    CHECK(file.rest(true) == Rows{});
    CHECK(file.rest(true) == Rows{});
    file.folder.write("data.csv", "a,b\nc,\"d\ne\"\nf,g\nh");
    const Row row = file.csv.next(true);
    CHECK(row.cells == Cells{"c", "d\ne"});
    // However often it was looked at: the number is part of the row's id.
    CHECK(row.line == 2);
    CHECK(file.csv.next(true).line == 4);
    CHECK(file.rest(true) == Rows{});
    CHECK(file.rest(false) == Rows{{"h"}});
}

TEST_CASE("a quoted field that grows line by line is waited for", "[plugins]") {
    CsvFile file("a,b\nc,\"d\n");
    CHECK(file.rest(true) == Rows{{"a", "b"}});
    CHECK(file.rest(true) == Rows{});
    file.folder.write("data.csv", "a,b\nc,\"d\ne\n");
    CHECK(file.rest(true) == Rows{});
    file.folder.write("data.csv", "a,b\nc,\"d\ne\n\"\nf,g\n");
    const Row row = file.csv.next(true);
    CHECK(row.cells == Cells{"c", "d\ne\n"});
    CHECK(row.line == 2);
    CHECK(file.rest(true) == Rows{{"f", "g"}});
    // Nothing follows any more: the line is given up.
    CHECK(CsvFile("a,b\nc,\"d\n").rest(false) == Rows{{"a", "b"}, {kOpenQuote}});
}

TEST_CASE("a return within a line of another kind ends no row", "[plugins]") {
    CHECK(rowsOf("a,b\nc\rd,e\n") == Rows{{"a", "b"}, {"c\rd", "e"}});
    CHECK(rowsOf("\ra,b\r\r\n") == Rows{{"a", "b"}});
    // What is quoted behind it is not lost.
    CHECK(rowsOf("a\rb,\"c\nd\"\n") == Rows{{"a\rb", "c\nd"}});
}

TEST_CASE("a single record is split as in a file", "[plugins]") {
    CHECK(CsvReader::split("a,\"b,c\",d\n", ',') == Rows{{"a", "b,c", "d"}});
    CHECK(CsvReader::split("a;b", ';') == Rows{{"a", "b"}});
    CHECK(CsvReader::split("a,\"b\nc\"\r\nd,\"e", ',') == Rows{{"a", "b\nc"}, {"d", "e"}});
    CHECK(CsvReader::split("", ',') == Rows{});
    CHECK(CsvReader::split("", ',').empty());
}

TEST_CASE("bytes of any kind are survived", "[plugins]") {
    const std::string nul("a\0b,c\n", 6);
    CHECK(rowsOf(nul) == Rows{{std::string("a\0b", 3), "c"}});
    CHECK(rowsOf("\xFF\xFE,\x80\n") == Rows{{"\xFF\xFE", "\x80"}});
    CHECK(rowsOf(std::string(100000, ',') + "\n").at(0).size() == 100001);
}
