// Tests that do what no test should. misery.hpp says what, and when.

#include "../misery.hpp"

#include "catch_any.hpp"

/// Of main.cpp compiled with CLEAVE_TEST_OWN_MAIN.
int run_session(int argc, char* argv[]);

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

int main(int argc, char* argv[]) {
  if (setjmp(misery::g_main) != 0) return 0;
  return run_session(argc, argv);
}
