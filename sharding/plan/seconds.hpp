#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace cleave::plan {

/// A number of seconds that somebody else wrote, cut to ±292 years, which is what nanoseconds in 64 bits hold; what is
/// no number is zero.
inline std::chrono::nanoseconds nanoseconds_of(double seconds) noexcept {
  constexpr double kMost = 9.2e9;
  if (std::isnan(seconds)) return {};
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::clamp(seconds, -kMost, kMost) * 1e9));
}

}  // namespace cleave::plan
