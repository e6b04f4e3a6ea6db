// Tests that fail for the reasons that the ladder of retries tells apart, and a crowd that runs beside them; what each
// does stands in retries.hpp.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include "../retries.hpp"

namespace {

TEST(Chance, FailsOnce) { EXPECT_TRUE(retries::passes_from("Chance.FailsOnce", 2)); }
TEST(Never, Passes) { EXPECT_TRUE(retries::never_passes("Never.Passes")); }
TEST(Crash, ComesOnce) { EXPECT_TRUE(retries::crashes_once("Crash.ComesOnce")); }
TEST(Hang, ComesOnce) { EXPECT_TRUE(retries::hangs_once("Hang.ComesOnce")); }

class Order : public testing::TestWithParam<int> {};
TEST_P(Order, Matters) { EXPECT_TRUE(retries::one_of_a_sequence(GetParam())); }
INSTANTIATE_TEST_SUITE_P(All, Order, testing::Range(0, 16));

// Suites of their own, so that each may have a shard; they come first, so that the crowd is still there afterwards.
CLEAVE_TAG(Disturbs, "priority:high");
CLEAVE_TAG(Disturbed, "priority:high");
TEST(Disturbs, Others) { EXPECT_TRUE(retries::disturbs()); }
TEST(Disturbed, ByOthers) { EXPECT_TRUE(retries::is_disturbed("Disturbed.ByOthers")); }

CLEAVE_TAG(LockA, "lock:db");
CLEAVE_TAG(LockB, "lock:db");
CLEAVE_TAG(LockC, "lock:db");
TEST(LockA, FailsTwice) { EXPECT_TRUE(retries::locked("LockA.FailsTwice")); }
TEST(LockB, FailsTwice) { EXPECT_TRUE(retries::locked("LockB.FailsTwice")); }
TEST(LockC, FailsTwice) { EXPECT_TRUE(retries::locked("LockC.FailsTwice")); }

// Two suites by one fixture, of which each writes down what is called; the test in the middle fails at first.
class Second : public testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() { retries::append("second", "suite set up\n"); }
  static void TearDownTestSuite() { retries::append("second", "suite torn down\n"); }
  void SetUp() override { retries::append("second", "set up\n"); }
  void TearDown() override { retries::append("second", "tear down\n"); }
};
TEST_P(Second, Before) { retries::append("second", "Before\n"); }
TEST_P(Second, FailsOnce) {
  const char* const attempt = std::getenv("CLEAVE_ATTEMPT");
  retries::append("second", std::string("FailsOnce ") + (attempt == nullptr ? "" : attempt) + "\n");
  EXPECT_TRUE(retries::passes_from("Second.FailsOnce." + std::to_string(GetParam()), 2));
}
TEST_P(Second, After) {
  const char* const attempt = std::getenv("CLEAVE_ATTEMPT");
  retries::append("second", std::string("After ") + (attempt == nullptr ? "" : attempt) + "\n");
}
INSTANTIATE_TEST_SUITE_P(One, Second, testing::Values(1));
INSTANTIATE_TEST_SUITE_P(Two, Second, testing::Values(2));

class Crowd : public testing::TestWithParam<int> {};
TEST_P(Crowd, Test) { EXPECT_TRUE(retries::crowd("Crowd/Test." + std::to_string(GetParam()))); }
INSTANTIATE_TEST_SUITE_P(All, Crowd, testing::Range(0, 60));

}  // namespace
