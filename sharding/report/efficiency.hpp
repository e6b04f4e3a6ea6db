#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/planner.hpp"
#include "plan/tags.hpp"

namespace cleave::report {

struct Journal;
struct RunReport;

/// When a run was at work, and over how many lanes.
struct Stage {
  std::uint32_t lanes = 1;
  std::chrono::nanoseconds begin{};  ///< Wall-clock time.
  std::chrono::nanoseconds took{};
  std::uint32_t capacity = 0;  ///< The weight that may run at a time, where that is more than `lanes`.
};

/// Of a run that starts all of its lanes itself: from beginning to end, over all of them.
Stage whole_run(const RunReport& report);

/// Of one whose shards somebody else starts, CTest for one, when there is room for them: the time in which at least one
/// was at work, over as many lanes as were at once. What that started between two of them is not the run's time.
/// `lanes` is 0 when none was at work, or one did not come to its end.
Stage stage_of(const std::vector<Journal>& journals);

/// How a run's time compares with what no schedule over its lanes can beat, and what would shorten it. All times are
/// measured in the run itself, but for `predicted`.
struct Efficiency {
  using Nanoseconds = std::chrono::nanoseconds;
  /// What sets the bound.
  enum class Cause : std::uint8_t {
    work,     ///< All that the tests take, dealt evenly to the lanes.
    longest,  ///< One test.
    order,    ///< Tests that wait for each other: phases, `after:`.
    lock,     ///< The tests that hold one lock.
    serial,   ///< The tests that run alone.
  };
  std::uint32_t lanes = 1;
  Nanoseconds took{};              ///< The run, as far as it was at work: see Stage.
  Nanoseconds predicted{};         ///< What the plan expected of it, from former runs; zero: nothing was known.
  Nanoseconds work{};              ///< All attempts of all tests.
  Nanoseconds serial{};            ///< Those of tests that ran alone.
  Nanoseconds set_ups{};           ///< Set-ups and tear-downs of suites, as often as they happened.
  Nanoseconds repeated_set_ups{};  ///< Of these, what came of suites that several processes set up.
  Nanoseconds starts{};            ///< Of worker processes, from their start to the first test.
  Nanoseconds before_first{};      ///< From the begin of the stage to its first test: listing, fixtures of the run.
  Nanoseconds bound{};             ///< No schedule of these tests over these lanes is shorter.
  Cause cause = Cause::work;
  std::string bound_by;      ///< The test's full name, or the lock's name; else empty.
  Nanoseconds bound_time{};  ///< What that takes by itself.
  /// What would help most, one line: "Shop.Slow took 41 % of the run: split it". Empty when nothing stands out.
  std::string advice;
  Nanoseconds saves{};  ///< By how much the run could be shorter at best without what `advice` names.

  /// By which share of the bound the run was longer.
  double above_bound() const;
};

/// "work", "longest test", …
std::string_view name_of(Efficiency::Cause cause) noexcept;

/// What sets the bound, for a sentence: "lock:db".
std::string bound_text(const Efficiency& efficiency);

/// False when time went by that no schedule could have used: a test crashed, hung, or was tried again. What the run
/// took then says nothing about how it was dealt.
bool took_its_course(const RunReport& report);

/// The bound is the largest of: work (with one set-up of each suite) / lanes, work by weight / capacity, the
/// longest test, the tests of one lock (readers dealt to the lanes), the longest way through what waits for each other;
/// serial tests are added to each. The advice names what would save most if it took no time beyond its share, when that
/// is at least a tenth of the run.
/// @pre constraints.size() == report.list.tests.size(), or empty
Efficiency efficiency_of(const RunReport& report, const plan::Plan& plan,
                         const std::vector<plan::Constraints>& constraints, const Stage& stage,
                         std::chrono::nanoseconds predicted);

}  // namespace cleave::report
