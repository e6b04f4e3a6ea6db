#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plan/task_graph.hpp"
#include "property.hpp"

namespace cleave::test {

/// Tasks wait for tasks of lower numbers, never of later phases; the list is then shuffled.
inline std::vector<plan::Task> random_tasks(Choices& choices, std::uint32_t most) {
  const std::uint32_t count = choices.number(1, most);
  const std::uint32_t phases = choices.number(0, 3);
  std::vector<plan::Task> tasks(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    tasks[i].name = "t" + std::to_string(i);
    tasks[i].suite = "s" + std::to_string(i / 4);
    tasks[i].duration = std::chrono::nanoseconds(choices.number(0, 20));
    if (phases > 0) tasks[i].phase = "p" + std::to_string(i * phases / count);
    for (std::uint32_t first = 0; first < i; ++first) {
      if (choices.chance(15)) tasks[i].after.push_back("t" + std::to_string(first));
    }
    if (i >= 4 && choices.chance(10)) tasks[i].after.push_back("s" + std::to_string(choices.number(0, i / 4 - 1)));
    tasks[i].serial = choices.chance(10);
    tasks[i].weight = choices.chance(20) ? choices.number(1, 5) : 1;
    for (const char* lock : {"a", "b"}) {
      if (choices.chance(15)) tasks[i].locks.push_back({lock, choices.chance(50)});
    }
  }
  for (std::uint32_t i = count; i > 1; --i) std::swap(tasks[i - 1], tasks[choices.number(0, i - 1)]);
  return tasks;
}

inline std::vector<plan::PhaseSpec> in_order(const std::vector<plan::Task>& tasks) {
  std::map<std::string, plan::PhaseSpec> phases;
  for (const plan::Task& task : tasks) {
    if (!task.phase.empty()) phases[task.phase] = plan::PhaseSpec{task.phase};
  }
  std::vector<plan::PhaseSpec> sorted;
  for (const auto& [name, phase] : phases) sorted.push_back(phase);
  return sorted;
}

/// What stands in the texts of two tasks, without the graph that was made of them.
inline bool waits_for(const plan::Task& later, const plan::Task& first) {
  if (!later.phase.empty() && !first.phase.empty() && first.phase < later.phase) return true;
  return std::ranges::any_of(later.after,
                             [&](const std::string& name) { return name == first.name || name == first.suite; });
}

}  // namespace cleave::test
