// One of the many shared libraries of the heavy program: its static initialisation takes BENCH_INIT microseconds of the
// processor.

#include <chrono>

namespace {
const bool initialised = [] {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(BENCH_INIT);
  while (std::chrono::steady_clock::now() < end) continue;
  return true;
}();
}  // namespace

bool BENCH_SYMBOL() { return initialised; }
