#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "os/jobserver.hpp"
#include "os/start_cell.hpp"
#include "plan/load.hpp"
#include "run/policy.hpp"

namespace cleave::run {

/// Decides for one supervisor whether it may start one more worker now: by the load of the machine (--cleave-max-load),
/// by the distance to the newest start in the run (--cleave-stagger), and by job slots: those of a make that started
/// this run, or of the run whose test did. A run without either makes slots of its own, one a lane, for runs that its
/// tests start.
class Admission {
 public:
  /// What is wrong with the surroundings is a warning, and one runs on without that rule.
  Admission(const Caller& caller, const RunContext& context);

  /// True when a worker may start at `now`; it has a slot then, until ended(). Always true for the first one of this
  /// process, except for the distance.
  bool try_start(std::chrono::nanoseconds now);
  /// No worker was started after all.
  void not_started();
  /// A worker has ended.
  void ended();
  /// What workers are told in CLEAVE_JOB_SLOTS: the path of the slots' FIFO, or an empty string.
  const std::string& slots_path() const noexcept { return path_; }

 private:
  void find_slots(const RunContext& context);
  bool load_allows(std::chrono::nanoseconds now);

  double max_load_ = 0;
  std::chrono::nanoseconds apart_{};
  std::uint32_t running_ = 0;
  plan::LoadMeter meter_;
  plan::LoadGate gate_;
  std::chrono::nanoseconds next_look_{};
  std::optional<os::StartCell> cell_;
  std::optional<os::JobServer> slots_;
  std::string path_;
};

}  // namespace cleave::run
