/// Tests that fail for the reasons that the ladder of retries tells apart, and a crowd that runs beside them; what each
/// does stands in retries.hpp. They have the names that their like have in GoogleTest.

#include "catch_any.hpp"

#include "../retries.hpp"

TEST_CASE("Chance.FailsOnce") { CHECK(retries::passes_from("Chance.FailsOnce", 2)); }
TEST_CASE("Never.Passes") { CHECK(retries::never_passes("Never.Passes")); }
TEST_CASE("Crash.ComesOnce") { CHECK(retries::crashes_once("Crash.ComesOnce")); }
TEST_CASE("Hang.ComesOnce") { CHECK(retries::hangs_once("Hang.ComesOnce")); }

#define CLEAVE_ORDER(number) \
  TEST_CASE("All/Order.Matters/" #number) { CHECK(retries::one_of_a_sequence(number)); }
#define CLEAVE_ORDER_OF_FOUR(a, b, c, d) CLEAVE_ORDER(a) CLEAVE_ORDER(b) CLEAVE_ORDER(c) CLEAVE_ORDER(d)
CLEAVE_ORDER_OF_FOUR(0, 1, 2, 3)
CLEAVE_ORDER_OF_FOUR(4, 5, 6, 7)
CLEAVE_ORDER_OF_FOUR(8, 9, 10, 11)
CLEAVE_ORDER_OF_FOUR(12, 13, 14, 15)

// They come first, so that the crowd is still there afterwards.
TEST_CASE("Disturbs.Others", "[priority:high]") { CHECK(retries::disturbs()); }
TEST_CASE("Disturbed.ByOthers", "[priority:high]") { CHECK(retries::is_disturbed("Disturbed.ByOthers")); }

TEST_CASE("LockA.FailsTwice", "[lock:db]") { CHECK(retries::locked("LockA.FailsTwice")); }
TEST_CASE("LockB.FailsTwice", "[lock:db]") { CHECK(retries::locked("LockB.FailsTwice")); }
TEST_CASE("LockC.FailsTwice", "[lock:db]") { CHECK(retries::locked("LockC.FailsTwice")); }

#define CLEAVE_CROWD(number) \
  TEST_CASE("All/Crowd.Test/" number) { CHECK(retries::crowd("Crowd/Test." number)); }
#define CLEAVE_CROWD_OF_TEN(ten) \
  CLEAVE_CROWD(ten "0")          \
  CLEAVE_CROWD(ten "1")          \
  CLEAVE_CROWD(ten "2")          \
  CLEAVE_CROWD(ten "3")          \
  CLEAVE_CROWD(ten "4")          \
  CLEAVE_CROWD(ten "5")          \
  CLEAVE_CROWD(ten "6")          \
  CLEAVE_CROWD(ten "7")          \
  CLEAVE_CROWD(ten "8")          \
  CLEAVE_CROWD(ten "9")

CLEAVE_CROWD_OF_TEN("")
CLEAVE_CROWD_OF_TEN("1")
CLEAVE_CROWD_OF_TEN("2")
CLEAVE_CROWD_OF_TEN("3")
CLEAVE_CROWD_OF_TEN("4")
CLEAVE_CROWD_OF_TEN("5")
