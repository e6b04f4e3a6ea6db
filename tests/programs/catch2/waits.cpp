/// Twelve tests, each of which says that it has started, in the file named by CLEAVE_TEST_LOG, and then waits until the
/// file named by WAITS_GATE is there, for a minute at most: a process test decides what runs at which moment.

#include "catch_any.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>
#include <string>

namespace {
void log(const std::string& what, const std::string& name) {
  const char* const path = std::getenv("CLEAVE_TEST_LOG");
  if (path == nullptr) {
    return;
  }
  const char* const prefix = std::getenv("CLEAVE_PREFIX");
  const std::string line =
      what + ' ' + name + " pid=" + std::to_string(::getpid()) + " prefix=" + (prefix == nullptr ? "-" : prefix) + '\n';
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const ssize_t written = ::write(file, line.data(), line.size());
  ::close(file);
  REQUIRE(written == static_cast<ssize_t>(line.size()));
}

void body(const std::string& name) {
  log("start", name);
  const char* const gate = std::getenv("WAITS_GATE");
  for (int i = 0; i < 30000 && gate != nullptr && ::access(gate, F_OK) != 0; ++i) {
    ::usleep(2000);
  }
  log("end", name);
  CHECK(gate != nullptr);
}
}  // namespace

#define CLEAVE_TEST(name) \
  TEST_CASE(name) { body(name); }

CLEAVE_TEST("waits_0")
CLEAVE_TEST("waits_1")
CLEAVE_TEST("waits_2")
CLEAVE_TEST("waits_3")
CLEAVE_TEST("waits_4")
CLEAVE_TEST("waits_5")
CLEAVE_TEST("waits_6")
CLEAVE_TEST("waits_7")
CLEAVE_TEST("waits_8")
CLEAVE_TEST("waits_9")
CLEAVE_TEST("waits_10")
CLEAVE_TEST("waits_11")
