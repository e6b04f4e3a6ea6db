// All tests pass, and the process ends badly all the same. The variable EXIT_CODES chooses how: "main" returns 23 from
// main, "static" crashes in a static destructor, "leak" calls _exit(24) from an atexit handler, as leak checkers do.
// Without it the end is a good one.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace {

std::string choice() {
  const char* value = std::getenv("EXIT_CODES");
  return value == nullptr ? "" : value;
}

struct CrashesAtTheEnd {
  ~CrashesAtTheEnd() {
    if (choice() == "static") std::abort();
  }
};
const CrashesAtTheEnd crashes_at_the_end;

TEST(ExitCodes, PassesOne) {}
TEST(ExitCodes, PassesTwo) {}
TEST(ExitCodes, PassesThree) {}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (choice() == "leak") {
    std::atexit([] { _exit(24); });
  }
  const int result = RUN_ALL_TESTS();
  return choice() == "main" ? 23 : result;
}
