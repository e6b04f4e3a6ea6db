#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/planner.hpp"
#include "report/model.hpp"
#include "report/record.hpp"

namespace cleave::report {

/// What one lane does at a moment.
struct LaneState {
  std::string name;        ///< "shard-3", "serial".
  std::int64_t item = -1;  ///< Of the plan, that it runs; negative: none.
  Nanoseconds since{};     ///< Monotonic; since when it runs `item`.
  int pid = 0;             ///< Of its worker process; 0: it has none.
  std::string doing{};     ///< What it does instead of a test, since `since`: "sets up 'postgres'".
};

/// How far a run is, from what its shards tell of it. Knows no clock.
class Progress {
 public:
  /// @param plan outlives it. @param lanes of the part that runs side by side; at least 1.
  Progress(const plan::Plan& plan, std::uint32_t lanes);

  /// An attempt has its outcome; nothing is counted twice.
  void on_attempt(const AttemptRecord& record, bool borne);

  std::uint32_t total() const noexcept { return static_cast<std::uint32_t>(ended_.size()); }
  std::uint32_t done() const noexcept { return done_; }
  std::uint32_t failed() const noexcept { return failed_; }  ///< Ran, and are red for good.
  std::uint32_t borne() const noexcept { return borne_; }    ///< The same, in quarantine.
  std::uint32_t not_run() const noexcept { return not_run_; }
  std::uint32_t flaky() const noexcept { return flaky_; }
  std::uint32_t passed() const noexcept { return passed_; }  ///< Flaky ones included.
  std::uint32_t skipped() const noexcept { return skipped_; }
  /// "12 tests: 9 passed (1 flaky), 1 skipped, 2 failed".
  std::string counts() const;

  /// When the run will be over, counted from `now`: what is left, each test as long as it is expected to take (one of
  /// which nothing is known as long as those that have ended took on average), dealt to the lanes; what runs alone
  /// comes behind. At least the rest of what runs now. Nothing as long as nobody can tell.
  std::optional<Nanoseconds> remaining(std::span<const LaneState> lanes, Nanoseconds now) const;

 private:
  Nanoseconds expected(std::uint32_t item) const;

  const plan::Plan& plan_;
  std::uint32_t lanes_;
  std::vector<bool> ended_;       ///< By item.
  std::vector<bool> has_failed_;  ///< By item: an attempt of it was red.
  std::vector<bool> alone_;       ///< By item: it belongs to a part of one lane.
  std::uint32_t done_ = 0;
  std::uint32_t failed_ = 0;
  std::uint32_t flaky_ = 0;
  std::uint32_t passed_ = 0;
  std::uint32_t skipped_ = 0;
  std::uint32_t borne_ = 0;
  std::uint32_t not_run_ = 0;
  Nanoseconds took_{};         ///< All attempts that ended for good.
  Nanoseconds left_beside_{};  ///< Expected of what did not end: of the first part.
  Nanoseconds left_alone_{};   ///< Of the others.
  std::uint32_t unknown_beside_ = 0;
  std::uint32_t unknown_alone_ = 0;
};

}  // namespace cleave::report
