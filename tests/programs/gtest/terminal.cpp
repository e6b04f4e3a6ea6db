// One test that fails at once, after as many lines as TERMINAL_LINES says; then tests that wait until the file named by
// TERMINAL_GATE is there, for a minute at most, one of them with a name that is wide and long; one that runs alone.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace {

void wait_for_gate() {
  const char* gate = std::getenv("TERMINAL_GATE");
  for (int i = 0; gate != nullptr && i < 30000 && access(gate, F_OK) != 0; ++i) usleep(2000);
}

TEST(Early, Fails) {
  const char* lines = std::getenv("TERMINAL_LINES");
  for (int i = 0; lines != nullptr && i < std::atoi(lines); ++i) std::printf("##[group]line %d\n", i);
  std::printf("half a line");
  EXPECT_EQ(1, 2) << "as it should";
}
// SIGUSR1 asks the supervisor; to the tests it is what it was.
TEST(Early, Passes) {
  struct sigaction now {};
  sigaction(SIGUSR1, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

TEST(Waiting, HasAShortName) { wait_for_gate(); }
TEST(名前の長いテスト, 名前の長いテスト_名前の長いテスト_名前の長いテスト_名前の長いテスト_0123456789) {
  wait_for_gate();
}
TEST(SERIAL_Late, Passes) {}

}  // namespace
