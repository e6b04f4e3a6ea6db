#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace cleave::plan {

/// A number of seconds that somebody else wrote, cut to ±31 years, so that a time of day and its sum with it fit into
/// the nanoseconds of 64 bits; what is no number is zero.
inline std::chrono::nanoseconds nanoseconds_of(double seconds) noexcept {
  constexpr double kMost = 1e9;
  if (std::isnan(seconds)) return {};
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::clamp(seconds, -kMost, kMost) * 1e9));
}

}  // namespace cleave::plan
