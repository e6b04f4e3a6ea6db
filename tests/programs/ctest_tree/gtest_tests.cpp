// Tests that may overlap, tests that may not, and tests that do as they are told; see work.hpp.

#include <gtest/gtest.h>
#include <cleave/gtest.hpp>

#include <string>

#include "work.hpp"

namespace {

bool work_of_this_test() {
  const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
  return work::run(std::string(test->test_suite_name()) + "." + test->name());
}

class Inserted : public testing::Test {
  void TestBody() override { EXPECT_TRUE(work_of_this_test()); }
};

// With CLEAVE_TEST_INSERT this is the same binary after somebody wrote a test above all others.
[[maybe_unused]] const bool g_inserted = [] {
  if (std::getenv("CLEAVE_TEST_INSERT") == nullptr) return false;
  testing::RegisterTest("Inserted", "IsNew", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new Inserted; });
  return true;
}();

class Store : public testing::TestWithParam<int> {};
TEST_P(Store, Keeps) { EXPECT_TRUE(work_of_this_test()); }
INSTANTIATE_TEST_SUITE_P(Many, Store, testing::Range(0, 12));

// Serial by SERIAL in the CMakeLists.txt, and by name.
TEST(Shutdown, StopsTheServer) { EXPECT_TRUE(work_of_this_test()); }
TEST(Shutdown, FreesThePort) { EXPECT_TRUE(work_of_this_test()); }
TEST(SERIAL_Clock, IsSet) { EXPECT_TRUE(work_of_this_test()); }

// Locked by LOCK in the CMakeLists.txt.
TEST(Cache, Fills) { EXPECT_TRUE(work_of_this_test()); }
TEST(Cache, Evicts) { EXPECT_TRUE(work_of_this_test()); }
TEST(Cache, Spills) { EXPECT_TRUE(work_of_this_test()); }
TEST(CacheReader, Hits) { EXPECT_TRUE(work_of_this_test()); }
TEST(CacheReader, Misses) { EXPECT_TRUE(work_of_this_test()); }

// Locked by tag; RESOURCE_LOCK moves them to entries of their own.
CLEAVE_TAG(Database, "lock:db");
TEST(Database, Migrates) { EXPECT_TRUE(work_of_this_test()); }
TEST(Database, BacksUp) { EXPECT_TRUE(work_of_this_test()); }
CLEAVE_TAG(Queue, "lock:queue");
TEST(Queue, Drains) { EXPECT_TRUE(work_of_this_test()); }
CLEAVE_TAG(Transfer, "lock:db", "lock:queue");
TEST(Transfer, MovesRows) { EXPECT_TRUE(work_of_this_test()); }

TEST(Few, One) { EXPECT_TRUE(work_of_this_test()); }
TEST(Few, Two) { EXPECT_TRUE(work_of_this_test()); }

}  // namespace
