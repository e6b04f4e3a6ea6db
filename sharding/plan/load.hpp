#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "plan/result.hpp"

namespace cleave::plan {

/// How busy the whole machine is, at one moment.
struct LoadReading {
  double one_minute = 0;  ///< The load average: tasks that run or wait, for a CPU or a disk; lags by a minute.
  /// Tasks that run or wait for a CPU right now, the reader included; nullopt where the kernel does not say.
  std::optional<std::uint32_t> runnable;
  /// The share of the last 10 s, in percent, in which some task waited for a CPU; nullopt where the kernel has no PSI.
  std::optional<double> cpu_pressure;
};

/// Reads /proc/loadavg and /proc/pressure/cpu (empty where it is not there). An error when the first is none.
Result<LoadReading> parse_load(std::string_view loadavg, std::string_view cpu_pressure);

/// The load up to which tests are started beside others: a number from 0.1 to 100000, or "auto" for one per CPU.
/// `what` in the error names the value and what is legal.
Result<double> parse_max_load(std::string_view text, unsigned cpus);

/// The load now, from readings and starts. The one-minute average is of little use for deciding about tests of
/// milliseconds: it still says "idle" when N of them were started, and still "busy" a minute after they ended. So this
/// is the mean of the tasks runnable, the reader excepted, over some two seconds (older readings fade by half in 700
/// ms). A start counts as one task more until it is kUnseen old, because no reading shows it yet. Where the kernel does
/// not count the runnable tasks, it is the one-minute average. One process's own; knows no clock: times are monotonic.
class LoadMeter {
 public:
  /// How long the mean takes to show a test that was started.
  static constexpr std::chrono::milliseconds kUnseen{1000};

  /// A reading was taken at `now`.
  void observe(const LoadReading& reading, std::chrono::nanoseconds now);
  /// A test was started at `now`.
  void started(std::chrono::nanoseconds now);
  /// 0 before the first reading.
  double load(std::chrono::nanoseconds now) const;

 private:
  double mean_ = 0;
  bool seen_ = false;
  std::chrono::nanoseconds last_{};
  std::vector<std::chrono::nanoseconds> starts_;  ///< In order; those older than kUnseen are dropped.
};

/// Decides, as `make -l` does, whether one more test may start: not while the load has reached the limit. With
/// hysteresis: once closed, it opens when the load is below kReopen of the limit, so that a load that trembles around
/// the limit does not start a test on every dip. Always open while nothing of ours runs: on a machine that others keep
/// busy a run goes on with one test at a time, and never waits for ever.
class LoadGate {
 public:
  static constexpr double kReopen = 0.9;

  bool may_start(double load, double limit, std::uint32_t running) noexcept;
  /// What it answered last, but for the rule about nothing running. For a message that says why the run waits.
  bool closed() const noexcept { return closed_; }

 private:
  bool closed_ = false;
};

}  // namespace cleave::plan
