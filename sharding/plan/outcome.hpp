#pragma once

#include <cstdint>
#include <string_view>

namespace cleave::plan {

/// The one truthful outcome of one attempt of one test. The values are stored in journals: never renumber.
enum class Outcome : std::uint8_t {
  passed = 0,
  failed = 1,     ///< The framework said so.
  skipped = 2,    ///< The test skipped itself (GTEST_SKIP, SKIP()).
  disabled = 3,   ///< DISABLED_: not run, by its author's wish.
  crashed = 4,    ///< The process ended while the test ran (signal, exit(), uncaught exception).
  timed_out = 5,  ///< Killed after the limit for one test.
  not_run = 6,    ///< Selected, but never started; Attempt::reason says why. Never green.
};

/// True for the outcomes that leave a run green.
constexpr bool is_green(Outcome outcome) noexcept {
  return outcome == Outcome::passed || outcome == Outcome::skipped || outcome == Outcome::disabled;
}

/// The lower-case word used in reports: "passed", "timed out", "not run".
constexpr std::string_view name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    case Outcome::skipped: return "skipped";
    case Outcome::disabled: return "disabled";
    case Outcome::crashed: return "crashed";
    case Outcome::timed_out: return "timed out";
    case Outcome::not_run: return "not run";
  }
  return "unknown";
}

}  // namespace cleave::plan
