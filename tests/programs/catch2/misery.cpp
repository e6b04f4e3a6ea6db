// Tests that do what no test should. misery.hpp says what, and when.

#include "../misery.hpp"

#include "catch_any.hpp"

#define MISERY_TEST(name)              \
  TEST_CASE("Misery." #name) {         \
    misery::test(#name, misery::name); \
    CHECK(true);                       \
  }

TEST_CASE("Neighbours.Before") { misery::test("Before", nullptr); }
MISERIES(MISERY_TEST)
TEST_CASE("Neighbours.After") { misery::test("After", nullptr); }

TEST_CASE(misery::long_name()) {
  misery::test("LongName", nullptr);
  if (misery::is_chosen("LongName")) FAIL("so that it is shown");
}
