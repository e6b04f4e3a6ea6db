#include <cleave/fixtures.hpp>
#include <gtest/gtest.h>

// Fixtures come with the plugin: nothing more is linked.
const cleave::RunFixture kDatabase("database", [] { return cleave::temp_dir() + "/database"; });

TEST(Store, KeepsWhatIsPut) { EXPECT_EQ(2 + 2, 4); }
TEST(Store, ForgetsWhatIsTaken) { EXPECT_NE(2 + 2, 5); }
TEST(Schema, HasAVersion) { EXPECT_GT(3, 0); }
TEST(Schema, IsSharedAndHasNamesOfItsOwn) {
  EXPECT_EQ(kDatabase.payload().rfind("/database"), kDatabase.payload().size() - 9);
  EXPECT_NE(cleave::unique_name("table"), cleave::unique_name("table"));
  EXPECT_GT(cleave::port("http"), 0);
}
TEST(Shutdown, IsClean) { EXPECT_TRUE(true); }
