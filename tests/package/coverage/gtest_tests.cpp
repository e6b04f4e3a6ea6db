#include <cleave/fixtures.hpp>
#include <gtest/gtest.h>

#include <string>

#include "counted.hpp"

namespace {

const int g_early = before_main();

const cleave::RunFixture g_ledger("ledger", [](cleave::SetUp&) {  // once
  set_up_run();  // once
  return std::string("open");  // once
});  // once

class Sums : public testing::Test {
 protected:
  static void SetUpTestSuite() {  // once
    set_up_suite();  // once
  }  // once
  void SetUp() override {
    EXPECT_EQ(add(2, 2), 4);
  }
};

TEST_F(Sums, OfTen) {
  EXPECT_EQ(sum_below(10), 45);
}
TEST_F(Sums, OfTwenty) {
  EXPECT_EQ(sum_below(20), 190);
}
TEST_F(Sums, OfThirty) {
  EXPECT_EQ(sum_below(30), 435);
}
TEST(Last, DiesWhenAsked) {  // dies
  die_if_asked();  // dies
}  // dies
TEST(Others, OfTwo) {
  EXPECT_EQ(sum_below(2), g_early);
  EXPECT_EQ(g_ledger.payload(), "open");
}
TEST(Others, OfThree) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sum_below(3), 3);
  }
}
TEST(SERIAL_Alone, OfFive) {
  EXPECT_EQ(sum_below(5), 10);
}

}  // namespace
