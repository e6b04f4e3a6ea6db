// Tests of which some must run alone because their names say so, with a log of starts and ends as serial.cpp has it;
// nothing of Cleave is included, so that the program can be built without it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

void log_line(const char* what) {
  const char* path = std::getenv("CLEAVE_TEST_LOG");
  const char* prefix = std::getenv("CLEAVE_PREFIX");
  if (path == nullptr) return;
  const auto& test = *testing::UnitTest::GetInstance()->current_test_info();
  const std::string line = std::string(what) + " " + test.test_suite_name() + "." + test.name() +
                           " prefix=" + (prefix == nullptr ? "-" : prefix) + "\n";
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  ASSERT_GE(file, 0) << path;
  EXPECT_EQ(write(file, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  close(file);
}

class Logged : public testing::Test {
 protected:
  void SetUp() override { log_line("start"); }
  void TearDown() override { log_line("end"); }
  static void take_a_while() { usleep(5000); }
};

class Many : public Logged, public testing::WithParamInterface<int> {};
TEST_P(Many, MayOverlap) { take_a_while(); }
INSTANTIATE_TEST_SUITE_P(All, Many, testing::Range(0, 20));

class SERIAL_Suite : public Logged {};
TEST_F(SERIAL_Suite, One) { take_a_while(); }
TEST_F(SERIAL_Suite, Two) { take_a_while(); }

class ByTestName : public Logged {};
TEST_F(ByTestName, SERIAL_One) { take_a_while(); }
TEST_F(ByTestName, MayOverlap) { take_a_while(); }

}  // namespace
