#include <gtest/gtest.h>

TEST(Store, KeepsWhatIsPut) { EXPECT_EQ(2 + 2, 4); }
TEST(Store, ForgetsWhatIsTaken) { EXPECT_NE(2 + 2, 5); }
TEST(Schema, HasAVersion) { EXPECT_GT(3, 0); }
TEST(Shutdown, IsClean) { EXPECT_TRUE(true); }
