/// What sanitizers find, each in its own way: built with AddressSanitizer and the one for undefined behaviour.

#include <cstdlib>

#include "catch_any.hpp"

namespace depot {

inline volatile int g_past_the_end = 4;
[[gnu::noinline]] int read_past_the_end() {
  int* const shelf = static_cast<int*>(std::malloc(4 * sizeof(int)));
  const int found = static_cast<volatile int*>(shelf)[g_past_the_end];
  std::free(shelf);
  return found;
}

void* volatile g_kept = nullptr;
[[gnu::noinline]] void forget_a_box() {
  g_kept = std::malloc(77);
  g_kept = nullptr;
}

volatile int g_far = 40;
[[gnu::noinline]] int shift_out_of_range() { return 1 << g_far; }

}  // namespace depot

TEST_CASE("passes") { CHECK(true); }
TEST_CASE("reads past the end") { static_cast<void>(depot::read_past_the_end()); }
TEST_CASE("leaks") { depot::forget_a_box(); }
TEST_CASE("shifts") { static_cast<void>(depot::shift_out_of_range()); }
