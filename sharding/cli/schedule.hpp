#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "plan/task_graph.hpp"

namespace cleave::cli {

/// When and where one task would run.
struct SimulatedItem {
  std::uint32_t lane = 0;
  std::chrono::nanoseconds start{};
  std::chrono::nanoseconds end{};
};

/// A whole run in virtual time.
struct Simulation {
  std::vector<SimulatedItem> items;  ///< By task.
  std::chrono::nanoseconds makespan{};
};

/// Runs the graph over so many lanes without running anything: whenever a task ends, every waiting one is looked at,
/// the one with the longest way to the end first. A serial task starts when nothing else runs or could start. A task of
/// weight K takes K lanes, of which `lane` is the lowest.
/// @pre lanes >= 1
Simulation simulate(const plan::TaskGraph& graph, std::uint32_t lanes);

}  // namespace cleave::cli
