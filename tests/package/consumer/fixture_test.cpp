#include <gtest/gtest.h>

#include "database.hpp"

TEST(Database, IsSetUpInTheLeader) { EXPECT_TRUE(is_set_up_where_it_belongs()); }
TEST(Database, IsThereInEveryShard) { EXPECT_TRUE(is_set_up_where_it_belongs()); }
TEST(Shard, HasNamesOfItsOwn) {
  EXPECT_EQ(cleave::unique_name("table").rfind(cleave::data_prefix() + "table", 0), 0U);
  EXPECT_NE(cleave::unique_name("table"), cleave::unique_name("table"));
}
TEST(Shard, HasAFolderAndAPort) {
  EXPECT_TRUE(is_a_folder(cleave::temp_dir())) << cleave::temp_dir();
  EXPECT_GT(cleave::port(), 0);
  EXPECT_NE(cleave::port(), cleave::port("http"));
}
TEST(Shutdown, IsAlone) { EXPECT_EQ(cleave::this_shard().index, 0U); }
