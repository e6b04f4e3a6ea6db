// A main that never runs the tests: a run that ran nothing must not be green.

#include <gtest/gtest.h>

#include <cstdio>

TEST(NoRun, NeverRuns) { FAIL(); }

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::printf("this main does not call RUN_ALL_TESTS()\n");
  return 0;
}
