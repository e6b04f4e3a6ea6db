/// Tests that do not end by themselves, or end and leave something behind. Each lives for a minute at most.

#include "catch_any.hpp"

#include <unistd.h>
#include <csignal>
#include <cstdio>

namespace {
constexpr unsigned kLongSeconds = 60;

void sleep_through_signals() {
  for (unsigned left = kLongSeconds; left > 0;) {
    left = ::sleep(left);
  }
}
}  // namespace

TEST_CASE("neighbour 0") { CHECK(true); }

TEST_CASE("hangs") {
  std::printf("before the hang\n");
  std::fflush(stdout);
  sleep_through_signals();
}

TEST_CASE("neighbour 1") { CHECK(true); }

TEST_CASE("hangs, ignores SIGTERM and has a child that does the same") {
  std::signal(SIGTERM, SIG_IGN);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  sleep_through_signals();
  if (child == 0) {
    ::_exit(0);
  }
}

TEST_CASE("neighbour 2") { CHECK(true); }

TEST_CASE("passes, but a grandchild in its own session holds stdout") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setsid();
    if (::fork() == 0) {
      sleep_through_signals();
    }
    ::_exit(0);
  }
  CHECK(true);
}

TEST_CASE("neighbour 3") { CHECK(true); }
