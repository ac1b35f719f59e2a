#include "rotating_file.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <sys/resource.h>

using hearback::file_sink::RotatingFile;
using hearback::testing::TempFolder;

TEST_CASE("what is appended stands behind what was there", "[plugins]") {
    const TempFolder folder;
    const std::string path = folder.write("out.ndjson", "old\n");
    RotatingFile file;
    REQUIRE(file.open(path, 0, 1) == "");
    CHECK(file.size() == 4);
    CHECK(file.append("one\ntwo\n") == "");
    CHECK(file.flush() == "");
    CHECK(file.size() == 12);
    CHECK(folder.read("out.ndjson") == "old\none\ntwo\n");
}

TEST_CASE("a folder that is not there is made", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "a/b/out.ndjson").string(), 0, 1) == "");
    CHECK(file.append("one\n") == "");
    CHECK(folder.read("a/b/out.ndjson") == "one\n");
}

TEST_CASE("a last line that was cut off is taken away", "[plugins]") {
    struct Case {
        std::string before;
        std::string after;
    };
    const auto each =
        GENERATE(Case{"one\ntw", "one\n"}, Case{"one\n", "one\n"}, Case{"on", ""}, Case{"", ""},
                 Case{"one\n\n", "one\n\n"}, Case{"one\n" + std::string(5000, 'x'), "one\n"},
                 Case{std::string(2 << 20, 'x') + "\ntorn", std::string(2 << 20, 'x') + "\n"});
    const TempFolder folder;
    const std::string path = folder.write("out.ndjson", each.before);
    RotatingFile file;
    REQUIRE(file.open(path, 0, 1) == "");
    CHECK(file.size() == static_cast<std::int64_t>(each.after.size()));
    CHECK(folder.read("out.ndjson") == each.after);
    CHECK(file.append("next\n") == "");
    CHECK(folder.read("out.ndjson") == each.after + "next\n");
}

TEST_CASE("a large file is set aside and the oldest one goes", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "out.ndjson").string(), 10, 2) == "");
    CHECK_FALSE(file.rotateIfLarge());
    for (const char* line : {"first line\n", "second line\n", "third line\n", "fourth line\n"}) {
        REQUIRE(file.append(line) == "");
        CHECK(file.rotateIfLarge());
        CHECK(file.size() == 0);
    }
    CHECK(folder.read("out.ndjson").empty());
    CHECK(folder.read("out.1.ndjson") == "fourth line\n");
    CHECK(folder.read("out.2.ndjson") == "third line\n");
    CHECK_FALSE(std::filesystem::exists(folder / "out.3.ndjson"));
    CHECK(file.append("short\n") == "");
    CHECK_FALSE(file.rotateIfLarge());
    CHECK(folder.read("out.ndjson") == "short\n");
}

TEST_CASE("one file that is kept is replaced by the next", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "out").string(), 1, 1) == "");
    for (const char* line : {"one\n", "two\n"}) {
        REQUIRE(file.append(line) == "");
        CHECK(file.rotateIfLarge());
    }
    CHECK(folder.read("out.1") == "two\n");
    CHECK_FALSE(std::filesystem::exists(folder / "out.2"));
}

TEST_CASE("a file without a limit is never set aside", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "out").string(), 0, 1) == "");
    REQUIRE(file.append(std::string(1 << 20, 'x') + "\n") == "");
    CHECK_FALSE(file.rotateIfLarge());
}

TEST_CASE("the last bytes begin with a whole line", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "out").string(), 1, 1) == "");
    CHECK(file.tail(100).empty());
    CHECK(file.previousTail(100).empty());
    REQUIRE(file.append("one\ntwo\nthree\n") == "");
    CHECK(file.tail(100) == "one\ntwo\nthree\n");
    CHECK(file.tail(9) == "three\n");
    CHECK(file.tail(7) == "three\n");
    CHECK(file.rotateIfLarge());
    CHECK(file.tail(100).empty());
    CHECK(file.previousTail(9) == "three\n");
}

TEST_CASE("what is no regular file is refused", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    CHECK(file.open("/dev/null", 0, 1) == "/dev/null is no regular file");
    CHECK_FALSE(file.open(folder.path().string(), 0, 1).empty());
    folder.write("file", "");
    CHECK_FALSE(file.open((folder / "file/below").string(), 0, 1).empty());
}

// A limit of the process stands for a full disk: the write stops in the middle.
TEST_CASE("lines that do not fit on the disk are taken back", "[plugins]") {
    const TempFolder folder;
    RotatingFile file;
    REQUIRE(file.open((folder / "out").string(), 0, 1) == "");
    REQUIRE(file.append("kept\n") == "");
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit small = before;
    small.rlim_cur = 1000;
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string problem = file.append(std::string(5000, 'x') + "\n");
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(problem.find("cannot write") == 0);
    CHECK(folder.read("out") == "kept\n");
    CHECK(file.size() == 5);
    CHECK(file.append("more\n") == "");
    CHECK(folder.read("out") == "kept\nmore\n");
}

TEST_CASE("whether a file can be written is found out without a trace", "[plugins]") {
    const TempFolder folder;
    CHECK(RotatingFile::whyNotWritable((folder / "out.ndjson").string()) == "");
    CHECK(RotatingFile::whyNotWritable((folder / "a/b/out.ndjson").string()) == "");
    CHECK(std::filesystem::is_empty(folder.path()));
    const std::string torn = folder.write("torn", "one\ntw");
    CHECK(RotatingFile::whyNotWritable(torn) == "");
    CHECK(folder.read("torn") == "one\ntw");
    CHECK(RotatingFile::whyNotWritable(folder.path().string()) ==
          folder.path().string() + " is no regular file");
    CHECK(RotatingFile::whyNotWritable(torn + "/below").find("cannot write into " + torn) == 0);
}
