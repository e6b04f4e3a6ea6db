#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "database.hpp"

TEST_CASE("the database is set up in the leader") { CHECK(is_set_up_where_it_belongs()); }
TEST_CASE("a shard has names of its own") {
  CHECK(cleave::unique_name("table").rfind(cleave::data_prefix() + "table", 0) == 0U);
  CHECK(cleave::unique_name("table") != cleave::unique_name("table"));
}
TEST_CASE("a shard has a folder and a port") {
  CHECK(is_a_folder(cleave::temp_dir()));
  CHECK(cleave::port() > 0);
}
TEST_CASE("what stops it runs alone", "[serial]") { CHECK(cleave::this_shard().index == 0U); }
