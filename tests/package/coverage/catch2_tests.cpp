#include <catch2/catch.hpp>

#include "counted.hpp"

namespace {

const int g_early = before_main();

TEST_CASE("sums") {
  CHECK(sum_below(10) == 45);
  SECTION("of twenty") {
    CHECK(sum_below(20) == 190);
  }
  SECTION("of thirty") {
    CHECK(sum_below(30) == 435);
  }
}
TEST_CASE("dies when asked") {  // dies
  die_if_asked();  // dies
}  // dies
TEST_CASE("a sum of two") {
  CHECK(sum_below(2) == g_early);
}
TEST_CASE("sums of three") {
  for (int i = 0; i < 3; ++i) {
    CHECK(sum_below(3) == 3);
  }
}
TEST_CASE("alone", "[serial]") {
  CHECK(sum_below(5) == 10);
}

}  // namespace
