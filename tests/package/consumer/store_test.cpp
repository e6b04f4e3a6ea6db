#include <gtest/gtest.h>

// A target that names a standard keeps it when the plugin is linked.
#ifdef STANDARD_OF_THE_TARGET
static_assert(__cplusplus == STANDARD_OF_THE_TARGET, "the plugin changed the standard");
#endif

TEST(Store, KeepsWhatIsPut) { EXPECT_EQ(2 + 2, 4); }
TEST(Store, ForgetsWhatIsTaken) { EXPECT_NE(2 + 2, 5); }
TEST(Schema, HasAVersion) { EXPECT_GT(3, 0); }
TEST(Shutdown, IsClean) { EXPECT_TRUE(true); }
