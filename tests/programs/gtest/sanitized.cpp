/// What sanitizers and valgrind find, each in its own way: built with AddressSanitizer and the one for undefined
/// behaviour, once more with ThreadSanitizer, and with none.

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

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

int g_stock = 0;
[[gnu::noinline]] void count_without_a_lock() {
  for (int i = 0; i < 1000; ++i) ++g_stock;
}

}  // namespace depot

TEST(Before, Passes) { std::puts("nothing to see"); }
TEST(Address, ReadsPastTheEnd) { static_cast<void>(depot::read_past_the_end()); }
TEST(Address, Leaks) { depot::forget_a_box(); }
TEST(Undefined, Shifts) { static_cast<void>(depot::shift_out_of_range()); }
TEST(Thread, Races) {
  std::thread other(depot::count_without_a_lock);
  depot::count_without_a_lock();
  other.join();
}
TEST(ZAfter, Passes) { std::puts("nothing to see either"); }
