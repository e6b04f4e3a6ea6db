// One test that fails at once; then tests that wait until the file named by TERMINAL_GATE is there, for a minute at
// most, one of them with a name that is wide and long; one that runs alone.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace {

void wait_for_gate() {
  const char* gate = std::getenv("TERMINAL_GATE");
  for (int i = 0; gate != nullptr && i < 30000 && access(gate, F_OK) != 0; ++i) usleep(2000);
}

TEST(Early, Fails) {
  std::printf("half a line");
  EXPECT_EQ(1, 2) << "as it should";
}
TEST(Early, Passes) {}

TEST(Waiting, HasAShortName) { wait_for_gate(); }
TEST(名前の長いテスト, 名前の長いテスト_名前の長いテスト_名前の長いテスト_名前の長いテスト_0123456789) {
  wait_for_gate();
}
TEST(SERIAL_Late, Passes) {}

}  // namespace
