// Short tests of several suites, each of which logs its start and its end: while they run, chaos_test.cpp kills and
// stops processes. Some are serial, and some hold one lock.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include <chrono>
#include <string>

#include "../ctest_tree/work.hpp"

namespace {

bool work_of_this_test(int milliseconds) {
  const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
  return work::run(std::string(test->test_suite_name()) + "." + test->name(), std::chrono::milliseconds(milliseconds));
}

class Short : public testing::TestWithParam<int> {};
TEST_P(Short, Works) { EXPECT_TRUE(work_of_this_test(GetParam() % 4 + 1)); }
INSTANTIATE_TEST_SUITE_P(Some, Short, testing::Range(0, 12));

class Long : public testing::TestWithParam<int> {};
TEST_P(Long, Works) { EXPECT_TRUE(work_of_this_test(5 * GetParam() + 5)); }
INSTANTIATE_TEST_SUITE_P(Some, Long, testing::Range(0, 6));

CLEAVE_TAG(Locked, "lock:table");
TEST(Locked, Writes) { EXPECT_TRUE(work_of_this_test(6)); }
TEST(Locked, Reads) { EXPECT_TRUE(work_of_this_test(6)); }
TEST(Locked, Drops) { EXPECT_TRUE(work_of_this_test(6)); }

CLEAVE_TAG(Alone, "serial");
TEST(Alone, Stops) { EXPECT_TRUE(work_of_this_test(8)); }
TEST(Alone, Starts) { EXPECT_TRUE(work_of_this_test(8)); }

}  // namespace
