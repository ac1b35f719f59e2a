#include "base/result.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

using namespace hearback;
using base::Code;
using base::Error;
using base::Result;

TEST_CASE("a result holds a value or an error", "[base]") {
    const Result<std::string> good = std::string("value");
    REQUIRE(good);
    CHECK(*good == "value");
    CHECK(good->size() == 5);
    const Result<std::string> bad = Error{Code::Busy, "taken"};
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == Code::Busy);
    CHECK(bad.error().message == "taken");
    CHECK(Result<void>());
    CHECK_FALSE(Result<void>(Error{Code::Full, "no room"}));
}

TEST_CASE("a value can be moved out of a result", "[base]") {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = std::move(*result);
    REQUIRE(taken != nullptr);
    CHECK(*taken == 7);
}

TEST_CASE("only what may be better later is worth another try", "[base]") {
    for (const Code code :
         {Code::Busy, Code::Unavailable, Code::Full, Code::TimedOut, Code::RateLimited})
        CHECK(Error{code, ""}.isTransient());
    for (const Code code :
         {Code::Invalid, Code::NotFound, Code::Conflict, Code::Cancelled, Code::Unsupported,
          Code::Corrupt, Code::Internal, Code::Auth, Code::Unclear})
        CHECK_FALSE(Error{code, ""}.isTransient());
}

TEST_CASE("who takes the value of an error ends the process rather than go on", "[base]") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(STDERR_FILENO);
        ::signal(SIGABRT, SIG_DFL);
        const Result<int> bad = Error{Code::Internal, ""};
        ::_exit(bad.value() == 0 ? 1 : 2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
}
