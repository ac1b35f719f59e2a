#include "line_source.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <vector>

using hearback::file::Line;
using hearback::file::LineSource;
using hearback::testing::TempFolder;

namespace {

class LinesOfFile {
  public:
    explicit LinesOfFile(const std::string& content, char end = '\n') {
        REQUIRE(lines.open(folder.write("data", content)) == "");
        lines.setLineEnd(end);
    }
    // The rest of the lines; the places of each are checked.
    std::vector<std::string> rest() {
        std::vector<std::string> all;
        Line line;
        std::int64_t place = -1;
        while (lines.next(line)) {
            if (place >= 0) CHECK(line.begin == place);
            CHECK((line.too_long ||
                   line.end - line.begin == static_cast<std::int64_t>(line.bytes.size())));
            place = line.end;
            all.emplace_back(line.bytes);
        }
        return all;
    }

    TempFolder folder;
    LineSource lines;
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("lines are given with their ends and places", "[plugins]") {
    CHECK(LinesOfFile("one\ntwo\r\n\nlast").rest() == Texts{"one\n", "two\r\n", "\n", "last"});
    CHECK(LinesOfFile("one\n").rest() == Texts{"one\n"});
    CHECK(LinesOfFile("").rest() == Texts{});
    CHECK(LinesOfFile("\n\n").rest() == Texts{"\n", "\n"});
    CHECK(LinesOfFile("one\rtwo\r", '\r').rest() == Texts{"one\r", "two\r"});
}

TEST_CASE("only a line with its end is complete", "[plugins]") {
    LinesOfFile file("one\ntwo");
    Line line;
    REQUIRE(file.lines.next(line));
    CHECK(line.complete);
    REQUIRE(file.lines.next(line));
    CHECK_FALSE(line.complete);
    CHECK_FALSE(file.lines.next(line));
}

TEST_CASE("reading goes on at any place", "[plugins]") {
    std::string content;
    for (int i = 0; i < 100000; ++i) content += "line " + std::to_string(i) + "\n";
    LinesOfFile file(content);
    Line line;
    for (int i = 0; i < 60000; ++i) REQUIRE(file.lines.next(line));
    CHECK(line.bytes == "line 59999\n");
    const std::int64_t place = line.end;
    file.lines.seek(0);
    REQUIRE(file.lines.next(line));
    CHECK(line.bytes == "line 0\n");
    file.lines.seek(place);
    const Texts rest = file.rest();
    REQUIRE(rest.size() == 40000);
    CHECK(rest.front() == "line 60000\n");
    CHECK(rest.back() == "line 99999\n");
}

TEST_CASE("what is appended later is read later", "[plugins]") {
    LinesOfFile file("one\ntw");
    Line line;
    REQUIRE(file.lines.next(line));
    REQUIRE(file.lines.next(line));
    file.lines.seek(line.begin);
    file.folder.write("data", "one\ntwo\nthree\n");
    CHECK(file.rest() == Texts{"two\n", "three\n"});
}

TEST_CASE("of a line that is too long the beginning is given and the rest passed over",
          "[plugins]") {
    constexpr std::size_t kMax = LineSource::kLineMax;
    for (const std::size_t size : {kMax + 1, kMax + 300000, 3 * kMax}) {
        for (const char* behind : {"", "\nshort\n"}) {
            LinesOfFile file("first\n" + std::string(size, 'x') + behind);
            Line line;
            REQUIRE(file.lines.next(line));
            REQUIRE(file.lines.next(line));
            CHECK(line.too_long);
            CHECK(line.bytes.size() >= kMax);
            CHECK(line.bytes.size() <= kMax + 2);
            CHECK(line.begin == 6);
            const bool ends = *behind != '\0';
            CHECK(line.complete == ends);
            CHECK(line.end == static_cast<std::int64_t>(6 + size + (ends ? 1 : 0)));
            CHECK(file.rest() == (ends ? Texts{"short\n"} : Texts{}));
        }
    }
    LinesOfFile longest(std::string(kMax - 1, 'x') + "\n");
    Line line;
    REQUIRE(longest.lines.next(line));
    CHECK_FALSE(line.too_long);
}

TEST_CASE("what is no regular file is not opened", "[plugins]") {
    const TempFolder folder;
    LineSource lines;
    CHECK(lines.open(folder / "missing") ==
          "cannot open " + (folder / "missing").string() + ": No such file or directory");
    CHECK(lines.open(folder.path()) == folder.path().string() + " is no regular file");
    CHECK(lines.open("/dev/null") == "/dev/null is no regular file");
    CHECK(lines.size() == 0);
}

TEST_CASE("a part of a file can be looked at without moving on", "[plugins]") {
    LinesOfFile file("one\ntwo\n");
    Line line;
    REQUIRE(file.lines.next(line));
    CHECK(file.lines.read(4, 3) == "two");
    CHECK(file.lines.read(4, 100) == "two\n");
    CHECK(file.lines.read(100, 3).empty());
    CHECK(file.lines.size() == 8);
    CHECK(file.rest() == Texts{"two\n"});
}
