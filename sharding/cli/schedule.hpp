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

/// Lets the scheduler itself run the graph over so many lanes in virtual time, without starting anything
/// (plan/simulation). Every task is a worker of its own that starts at once. Serial tasks run on lane 0; a task of
/// weight K takes the share of K lanes, of which only its own is told.
/// @pre lanes >= 1
Simulation simulate(const plan::TaskGraph& graph, std::uint32_t lanes);

}  // namespace cleave::cli
