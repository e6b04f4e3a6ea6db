/// 512 tests that do nothing to speak of; the sixteenth of each row of sixteen is slower.

#include "catch_any.hpp"

#include <unistd.h>

namespace {
void body(int number) {
  if (number % 16 == 15) {
    ::usleep(2000);
  }
  CHECK(number >= 0);
}
}  // namespace

// clang-format off
#define CLEAVE_TEST(row, column) \
  TEST_CASE("row " #row " column " #column, "[row" #row "]") { body(0x##column); }
#define CLEAVE_ROW(row) \
  CLEAVE_TEST(row, 0) CLEAVE_TEST(row, 1) CLEAVE_TEST(row, 2) CLEAVE_TEST(row, 3) \
  CLEAVE_TEST(row, 4) CLEAVE_TEST(row, 5) CLEAVE_TEST(row, 6) CLEAVE_TEST(row, 7) \
  CLEAVE_TEST(row, 8) CLEAVE_TEST(row, 9) CLEAVE_TEST(row, a) CLEAVE_TEST(row, b) \
  CLEAVE_TEST(row, c) CLEAVE_TEST(row, d) CLEAVE_TEST(row, e) CLEAVE_TEST(row, f)
// clang-format on

CLEAVE_ROW(0)
CLEAVE_ROW(1)
CLEAVE_ROW(2)
CLEAVE_ROW(3)
CLEAVE_ROW(4)
CLEAVE_ROW(5)
CLEAVE_ROW(6)
CLEAVE_ROW(7)
CLEAVE_ROW(8)
CLEAVE_ROW(9)
CLEAVE_ROW(10)
CLEAVE_ROW(11)
CLEAVE_ROW(12)
CLEAVE_ROW(13)
CLEAVE_ROW(14)
CLEAVE_ROW(15)
CLEAVE_ROW(16)
CLEAVE_ROW(17)
CLEAVE_ROW(18)
CLEAVE_ROW(19)
CLEAVE_ROW(20)
CLEAVE_ROW(21)
CLEAVE_ROW(22)
CLEAVE_ROW(23)
CLEAVE_ROW(24)
CLEAVE_ROW(25)
CLEAVE_ROW(26)
CLEAVE_ROW(27)
CLEAVE_ROW(28)
CLEAVE_ROW(29)
CLEAVE_ROW(30)
CLEAVE_ROW(31)
