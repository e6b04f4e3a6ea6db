#pragma once

#include <chrono>

#include "run/run_context.hpp"

namespace cleave::run {

/// When nobody says otherwise: long enough for any sane test, short enough that a night's CI run ends with a report.
inline constexpr std::chrono::minutes kDefaultTestLimit{10};

/// The limit for one test: the flag or variable, else TEST_TIMEOUT, else the default; zero for none.
inline std::chrono::nanoseconds test_limit(const Caller& caller) {
  if (caller.options.test_timeout.count() >= 0) return caller.options.test_timeout;
  if (caller.settings.test_timeout.count() >= 0) return caller.settings.test_timeout;
  return kDefaultTestLimit;
}

}  // namespace cleave::run
