#pragma once

// What a test of a generated program does, by what its CMakeLists.txt defines: BENCH_TESTS tests in suites of
// BENCH_SUITE_SIZE, of which test i takes bench::time_of(i).

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

using Microseconds = std::chrono::microseconds;

constexpr std::size_t kTests = BENCH_TESTS;
constexpr std::size_t kSuiteSize = BENCH_SUITE_SIZE;

/// Takes the processor for so long.
inline void spin(Microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) continue;
}
inline void sleep(Microseconds time) {
  if (time.count() > 0) usleep(static_cast<useconds_t>(time.count()));
}

/// A set-up was done: one letter into the file that BENCH_LOG names.
inline void log(char what) {
  const char* const path = std::getenv("BENCH_LOG");
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (write(file, &what, 1) != 1) std::abort();
  close(file);
}

/// BENCH_ZIPF microseconds for the longest test, and the k-th part of it for the k-th; which one is which is mixed up by
/// a step that has no divisor in common with the number of tests.
inline Microseconds time_of(std::size_t test) {
#if BENCH_ZIPF > 0
  static_assert(kTests % 7 != 0, "else two tests would have one rank");
  return Microseconds(BENCH_ZIPF / static_cast<long>(test * 7 % kTests + 1));
#else
  return Microseconds(test < kTests ? BENCH_SLEEP : 0);
#endif
}

inline void work(std::size_t test) {
  if (BENCH_SPIN > 0) spin(Microseconds(BENCH_SPIN));
  sleep(time_of(test));
}

/// "Suite12", "Test312".
inline std::string suite_of(std::size_t test) { return "Suite" + std::to_string(test / kSuiteSize); }
inline std::string name_of(std::size_t test) { return "Test" + std::to_string(test); }

}  // namespace bench
