/// Crashes and hangs whose stacks a run must show; Catch2 has signal handlers of its own before ours.

#include "catch_any.hpp"

#include "../stuck.hpp"

TEST_CASE("faults", "[crash]") { CHECK(depot::open_shelf(1) == 0); }
TEST_CASE("aborts", "[crash]") { depot::give_up_stock(); }
TEST_CASE("in a second thread", "[crash]") { depot::crash_in_a_second_thread(); }
TEST_CASE("overflows the stack", "[crash]") { CHECK(depot::count_for_ever(nullptr) == 0); }

TEST_CASE("kills itself", "[kill]") {
  CHECK(true);
  ::kill(::getpid(), SIGKILL);
}

TEST_CASE("in a deadlock", "[hang]") { depot::book_from_the_shelf(); }
TEST_CASE("in a signal handler", "[hang]") { depot::hang_in_a_signal_handler(); }
