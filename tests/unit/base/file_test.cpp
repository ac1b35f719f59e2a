#include "base/file.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace hearback;
using hearback::testing::TempFolder;

TEST_CASE("what is written to a file is read again byte for byte", "[base]") {
    const TempFolder folder;
    std::string content;
    for (int i = 0; i < 200000; ++i) content += static_cast<char>(i * 7 % 256);
    REQUIRE(base::writeFile(folder / "model", content));
    const auto read = base::readFile(folder / "model", content.size());
    REQUIRE(read);
    CHECK(*read == content);
    REQUIRE(base::writeFile(folder / "model", ""));
    CHECK(*base::readFile(folder / "model", 10) == "");
}

TEST_CASE("a file that is larger than allowed is refused", "[base]") {
    const TempFolder folder;
    const std::string file = folder.write("large", std::string(1001, 'x'));
    const auto refused = base::readFile(file, 1000);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Code::Full);
    CHECK(refused.error().message == file + " is larger than the 1000 bytes that are allowed");
    CHECK(base::readFile(file, 1001));
}

TEST_CASE("a file that is not there or is a folder cannot be read", "[base]") {
    const TempFolder folder;
    const auto missing = base::readFile(folder / "missing", 10);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == base::Code::NotFound);
    CHECK(missing.error().message ==
          "cannot open " + (folder / "missing").string() + ": No such file or directory");
    CHECK_FALSE(base::readFile(folder.path(), 10));
}

TEST_CASE("a write that fails leaves what was there and nothing beside it", "[base]") {
    const TempFolder folder;
    folder.write("taken/inside", "kept");
    CHECK_FALSE(base::writeFile(folder / "taken", "new"));
    CHECK(folder.read("taken/inside") == "kept");
    const auto nowhere = base::writeFile(folder / "no/such/folder", "new");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == base::Code::NotFound);
    const auto entries = std::filesystem::directory_iterator(folder.path());
    CHECK(std::distance(begin(entries), end(entries)) == 1);
}

TEST_CASE("a reader sees the old content or the new one and never a part", "[base]") {
    const TempFolder folder;
    const std::string short_one = "short";
    const std::string long_one(300000, 'x');
    REQUIRE(base::writeFile(folder / "state", short_one));
    std::atomic<bool> done = false;
    std::atomic<int> partial = 0;
    std::thread reader([&] {
        while (!done) {
            const auto seen = base::readFile(folder / "state", 1 << 20);
            if (!seen || (*seen != short_one && *seen != long_one)) ++partial;
        }
    });
    bool written = true;
    for (int i = 0; i < 30; ++i)
        written = base::writeFile(folder / "state", i % 2 == 0 ? long_one : short_one) && written;
    done = true;
    reader.join();
    CHECK(written);
    CHECK(partial == 0);
}
