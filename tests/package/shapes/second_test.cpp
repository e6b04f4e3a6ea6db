#include <gtest/gtest.h>

namespace {
int two() { return 2; }
}  // namespace

TEST(Second, SharesTheUnit) { EXPECT_EQ(two(), 2); }
