// Tests, set-ups and an environment that take a known time. COSTS_FAIL names a test that then fails at once.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

class Slow : public testing::Environment {
  void SetUp() override { std::this_thread::sleep_for(40ms); }
};
[[maybe_unused]] const testing::Environment* const slow = testing::AddGlobalTestEnvironment(new Slow);

/// Takes that long, or fails at once.
void take(std::chrono::nanoseconds time) {
  const char* const failing = std::getenv("COSTS_FAIL");
  ASSERT_STRNE(failing == nullptr ? "" : failing, testing::UnitTest::GetInstance()->current_test_info()->name());
  std::this_thread::sleep_for(time);
}

class Server : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::this_thread::sleep_for(60ms); }
  static void TearDownTestSuite() { std::this_thread::sleep_for(30ms); }
};
TEST_F(Server, Answers) { take(20ms); }
TEST_F(Server, Streams) { take(120ms); }

TEST(Quick, TakesLessThanAMillisecond) { take(300us); }
TEST(Quick, Skips) { GTEST_SKIP(); }
TEST(Quick, DISABLED_Never) { FAIL(); }

}  // namespace
