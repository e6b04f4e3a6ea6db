#include "counted.hpp"

#include <cstdlib>

int add(int a, int b) {
  return a + b;
}

int sum_below(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    sum = add(sum, i);
  }
  if (n > 1000) {
    return -1;
  }
  return sum;
}

int before_main() {
  return 1;
}

void set_up_suite() {  // once
  static int times = 0;  // once
  ++times;  // once
}  // once

void set_up_run() {  // once
  static int times = 0;  // once
  ++times;  // once
}  // once

void die_if_asked() {  // dies
  if (std::getenv("COVERAGE_DIES") != nullptr) {  // dies
    std::abort();  // dies
  }
}  // dies
