/// Short tests, each of which logs its start and its end: while they run, chaos_test.cpp kills and stops processes.
/// Some are serial, and some hold one lock.

#include "catch_any.hpp"

#include <chrono>

#include "../ctest_tree/work.hpp"

#define CLEAVE_TEST(name, tags, time) \
  TEST_CASE(name, tags) { CHECK(work::run(name, std::chrono::milliseconds(time))); }

CLEAVE_TEST("short-0", "", 1)
CLEAVE_TEST("short-1", "", 2)
CLEAVE_TEST("short-2", "", 3)
CLEAVE_TEST("short-3", "", 4)
CLEAVE_TEST("short-4", "", 1)
CLEAVE_TEST("short-5", "", 2)
CLEAVE_TEST("short-6", "", 3)
CLEAVE_TEST("short-7", "", 4)
CLEAVE_TEST("short-8", "", 1)
CLEAVE_TEST("short-9", "", 2)
CLEAVE_TEST("long-0", "", 5)
CLEAVE_TEST("long-1", "", 10)
CLEAVE_TEST("long-2", "", 15)
CLEAVE_TEST("long-3", "", 20)
CLEAVE_TEST("long-4", "", 25)
CLEAVE_TEST("long-5", "", 30)
CLEAVE_TEST("locked-0", "[lock:table]", 6)
CLEAVE_TEST("locked-1", "[lock:table]", 6)
CLEAVE_TEST("locked-2", "[lock:table]", 6)
CLEAVE_TEST("alone-0", "[serial]", 8)
CLEAVE_TEST("alone-1", "[serial]", 8)
