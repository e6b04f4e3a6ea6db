#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace cleave::plan {

/// Where and when one item ran.
struct SimulatedItem {
  std::uint32_t lane = 0;
  std::chrono::nanoseconds start{};
  std::chrono::nanoseconds end{};
};

/// A whole run in virtual time.
struct Simulation {
  std::vector<SimulatedItem> items;  ///< By item of the plan.
  std::chrono::nanoseconds makespan{};
  std::uint64_t decisions = 0;  ///< How often a lane asked for work.
  /// Empty, or why some items never ran: a plan that cannot be finished.
  std::string stuck;
};

/// What is simulated besides the plan. Durations may differ from what the plan expects.
struct SimulationInput {
  std::vector<Constraints> constraints;          ///< By test, for locks.
  std::vector<std::chrono::nanoseconds> truth;   ///< By test: what it really takes.
  std::vector<std::chrono::nanoseconds> set_up;  ///< By test: what the set-up of its suite takes; may be empty.
  std::chrono::nanoseconds process_start{};      ///< Paid by a lane for each new worker.
  std::uint32_t lanes = 1;
  bool pulls = true;  ///< A worker takes further batches, forward in the list; else each batch is a new worker.
  std::chrono::nanoseconds batch_time{std::chrono::milliseconds(10)};
};

/// Lets the lanes claim from a board as they do in a run, without any process: the parts one after the other, as long
/// as one of them goes on. Every test passes. Nothing is random.
Simulation simulate(const Plan& plan, const SimulationInput& input);

/// What no schedule can be faster than: max(sum / lanes, longest test, longest way through the barriers), serial tests
/// added to the parallel ones. Set-ups count once for each suite.
std::chrono::nanoseconds lower_bound(const Plan& plan, const SimulationInput& input);

}  // namespace cleave::plan
