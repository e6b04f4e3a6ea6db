// Twelve tests, each of which says that it has started, in the file named by CLEAVE_TEST_LOG, and then waits until the
// file named by WAITS_GATE is there, for a minute at most: a process test decides what runs at which moment.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

void log_line(const char* what) {
  const char* path = std::getenv("CLEAVE_TEST_LOG");
  if (path == nullptr) return;
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  const char* prefix = std::getenv("CLEAVE_PREFIX");
  const std::string line = std::string(what) + " " + test.test_suite_name() + "." + test.name() +
                           " pid=" + std::to_string(getpid()) + " prefix=" + (prefix == nullptr ? "-" : prefix) + "\n";
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  ASSERT_GE(file, 0) << path;
  EXPECT_EQ(write(file, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  close(file);
}

class Waits : public testing::TestWithParam<int> {};

TEST_P(Waits, ForTheGate) {
  log_line("start");
  const char* gate = std::getenv("WAITS_GATE");
  ASSERT_NE(gate, nullptr);
  for (int i = 0; i < 30000 && access(gate, F_OK) != 0; ++i) usleep(2000);
  log_line("end");
}

INSTANTIATE_TEST_SUITE_P(All, Waits, testing::Range(0, 12));

}  // namespace
