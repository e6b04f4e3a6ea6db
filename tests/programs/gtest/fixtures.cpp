// Tests that use the fixtures of fixtures.hpp: shared ones, one of each shard, and none.

#include "../fixtures.hpp"

#include <gtest/gtest.h>

#include <cleave/gtest.hpp>

namespace {

class Shared : public testing::TestWithParam<int> {};

TEST_P(Shared, SeesTheServerInTheLeader) { EXPECT_EQ(fixtures::use_shared("Shared" + std::to_string(GetParam())), ""); }

INSTANTIATE_TEST_SUITE_P(All, Shared, testing::Range(0, 12));

class Own : public testing::TestWithParam<int> {};
CLEAVE_TAG(Own, "needs:base");

TEST_P(Own, SeesTheInstanceOfItsShard) { EXPECT_EQ(fixtures::use_own("Own" + std::to_string(GetParam())), ""); }

INSTANTIATE_TEST_SUITE_P(All, Own, testing::Range(0, 12));

CLEAVE_TAG(Alone, "needs:none");

TEST(Alone, NeedsNothing) { fixtures::do_deed("Alone"); }

TEST(Alone, CleansUpAfterItself) { fixtures::clean_up_twice(); }

TEST(Alone, FailsWhenItsCleanupDoes) { fixtures::clean_up_badly(); }

TEST(Alone, CleansUpAfterTheProcess) { fixtures::clean_up_the_process(); }

TEST(Alone, LeavesAFile) { EXPECT_TRUE(fixtures::fill_temp_dir()); }

}  // namespace
