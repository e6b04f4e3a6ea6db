#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace cleave::plan {

/// A time this far ahead of now is from before the machine's last boot, when the clock stood elsewhere.
inline constexpr std::chrono::minutes kStaleStart{1};

/// The earliest time at which a start keeps the distance `apart` from the one at `last` (none: nothing was started
/// yet). Never before `now`, and never later than `apart` from now. A `last` ahead of now is of another process that
/// read the clock later and was faster: as good as now; one that is ahead by more than kStaleStart is taken for none.
constexpr std::chrono::nanoseconds earliest_start(std::optional<std::chrono::nanoseconds> last,
                                                  std::chrono::nanoseconds apart,
                                                  std::chrono::nanoseconds now) noexcept {
  if (!last || *last - now > kStaleStart) return now;
  return std::max(now, std::min(*last, now) + apart);
}

/// Keeps the starts of workers at least `apart` from each other, over all lanes of one supervisor; what several
/// processes share is os::StartCell. Asking books nothing: a lane that finds no work after all delays nobody. Times are
/// monotonic. A negative distance is none.
class Stagger {
 public:
  explicit Stagger(std::chrono::nanoseconds apart) noexcept : apart_(apart) {}

  /// When the next worker may start: `now` when it may at once.
  std::chrono::nanoseconds next_start(std::chrono::nanoseconds now) const noexcept {
    return earliest_start(last_, apart_, now);
  }
  /// A worker was started at `now`.
  void started(std::chrono::nanoseconds now) noexcept { last_ = now; }

 private:
  std::chrono::nanoseconds apart_;
  std::optional<std::chrono::nanoseconds> last_;
};

}  // namespace cleave::plan
