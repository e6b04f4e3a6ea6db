/// Every way in which a test can take its process away, each between two neighbours that pass.

#include "catch_any.hpp"

#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <stdexcept>

TEST_CASE("neighbour 0") { CHECK(true); }

TEST_CASE("reads from address zero", "[segfault]") {
  INFO("on the way to a segmentation fault");
  CHECK(true);
  volatile int* volatile nowhere = nullptr;
  CHECK(*nowhere == 0);
}

TEST_CASE("neighbour 1") { CHECK(true); }

TEST_CASE("fails, then aborts", "[abort]") {
  SECTION("in a section") {
    CHECK(1 == 2);
    std::abort();
  }
}

TEST_CASE("neighbour 2") { CHECK(true); }

TEST_CASE("calls exit(0)", "[exit]") {
  CHECK(true);
  std::exit(0);
}

TEST_CASE("neighbour 3") { CHECK(true); }

TEST_CASE("calls _exit(0)", "[exit]") {
  CHECK(true);
  ::_exit(0);
}

TEST_CASE("neighbour 4") { CHECK(true); }

namespace {
volatile bool forever = true;

// Not optimised into a loop: each frame is used after the call.
int endless(volatile int* above) {
  volatile int frame[1024] = {};
  if (!forever) {
    return 0;
  }
  frame[0] = above == nullptr ? 1 : above[0] + 1;
  return endless(frame) + frame[0];
}
}  // namespace

TEST_CASE("overflows its stack", "[stack]") { CHECK(endless(nullptr) == 0); }

TEST_CASE("neighbour 5") { CHECK(true); }

namespace {
void throws() { throw std::runtime_error("out of a noexcept function"); }
// NOLINTNEXTLINE(bugprone-exception-escape): that is the crash.
void throws_though_noexcept() noexcept { throws(); }
}  // namespace

TEST_CASE("terminates", "[terminate]") { throws_though_noexcept(); }

TEST_CASE("neighbour 6") { CHECK(true); }

TEST_CASE("is killed", "[kill]") {
  CHECK(true);
  std::raise(SIGKILL);
}

TEST_CASE("neighbour 7") { CHECK(true); }
