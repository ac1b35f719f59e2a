#include "base/file_lock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TempFolder;

TEST_CASE("one process holds a lock at a time", "[base]") {
    hearback::testing::TempFolder folder;
    base::FileLock first(folder / "lock");
    CHECK(first.tryTake());
    {
        base::FileLock second(folder / "lock");
        CHECK_FALSE(second.tryTake());
    }
    CHECK(first.tryTake());
}
