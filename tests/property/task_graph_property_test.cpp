// Any acyclic graph: the critical path is what trying every way finds, and no schedule beats the lower bound.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "../support/property.hpp"
#include "../support/random_graph.hpp"
#include "plan/graph_metrics.hpp"
#include "plan/task_graph.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;
using test::Choices;
using test::in_order;
using test::random_tasks;
using test::waits_for;

/// Tries every way.
nanoseconds longest_way_to(const std::vector<Task>& tasks, std::size_t task) {
  nanoseconds longest{};
  for (std::size_t first = 0; first < tasks.size(); ++first) {
    if (waits_for(tasks[task], tasks[first])) longest = std::max(longest, longest_way_to(tasks, first));
  }
  return longest + *tasks[task].duration;
}

TEST(TaskGraphProperty, TheCriticalPathIsTheLongestOfAllWays) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    Choices choices(seed);
    const std::vector<Task> tasks = random_tasks(choices, 11);
    const auto graph = make_task_graph(tasks, in_order(tasks));
    ASSERT_TRUE(graph) << "seed " << seed << ": " << graph.error().what;
    nanoseconds longest{};
    for (std::size_t i = 0; i < tasks.size(); ++i) longest = std::max(longest, longest_way_to(tasks, i));
    const CriticalPath path = critical_path(*graph);
    EXPECT_EQ(path.time, longest) << "seed " << seed;
    EXPECT_EQ(std::ranges::max(time_to_the_end(*graph)), longest) << "seed " << seed;
    nanoseconds walked{};
    for (const std::uint32_t task : path.tasks) walked += *tasks[task].duration;
    EXPECT_EQ(walked, longest) << "seed " << seed;
    for (std::size_t i = 1; i < path.tasks.size(); ++i)
      EXPECT_TRUE(waits_for(tasks[path.tasks[i]], tasks[path.tasks[i - 1]])) << "seed " << seed;
  }
}

TEST(TaskGraphProperty, GroupsHoldEachTaskOnceAndBehindWhatItWaitsFor) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    Choices choices(seed);
    const std::vector<Task> tasks = random_tasks(choices, 60);
    const auto graph = make_task_graph(tasks, in_order(tasks));
    ASSERT_TRUE(graph) << "seed " << seed << ": " << graph.error().what;
    std::map<std::uint32_t, std::size_t> group_of;
    std::size_t number = 0;
    for (const TaskGroup& group : groups_of(*graph)) {
      EXPECT_TRUE(!group.serial || group.tasks.size() == 1) << "seed " << seed;
      for (const std::uint32_t task : group.tasks) EXPECT_TRUE(group_of.emplace(task, number).second);
      ++number;
    }
    ASSERT_EQ(group_of.size(), tasks.size()) << "seed " << seed;
    for (std::uint32_t later = 0; later < tasks.size(); ++later) {
      for (std::uint32_t first = 0; first < tasks.size(); ++first) {
        if (waits_for(tasks[later], tasks[first])) {
          EXPECT_LT(group_of[first], group_of[later]) << "seed " << seed;
        }
      }
    }
  }
}

/// One closing arrow anywhere makes a cycle, and the error names tasks that really wait for each other in a ring.
TEST(TaskGraphProperty, EveryCycleIsFoundAndIsOne) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    Choices choices(seed);
    std::vector<Task> tasks = random_tasks(choices, 30);
    const std::vector<PhaseSpec> phases = in_order(tasks);
    const auto graph = make_task_graph(tasks, phases);
    ASSERT_TRUE(graph) << "seed " << seed;
    const std::vector<std::uint32_t> way = critical_path(*graph).tasks;
    tasks[way.front()].after.push_back(tasks[way.back()].name);
    const auto closed = make_task_graph(tasks, phases);
    ASSERT_FALSE(closed) << "seed " << seed;
    std::string text = closed.error().what;
    ASSERT_NE(text.find("cycle: "), std::string::npos) << text;
    text.erase(0, text.find("cycle: ") + 7);
    std::vector<std::string> names;
    const std::string arrow = " → ";
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t next = text.find(arrow, at);
      names.push_back(text.substr(at, next - at));
      at = next == std::string::npos ? next : next + arrow.size();
    }
    EXPECT_EQ(names.front(), names.back()) << text;
    const Task* first = nullptr;
    for (const std::string& name : names) {
      const auto place = std::ranges::find(tasks, name, &Task::name);
      if (place == tasks.end()) continue;  // A checkpoint, or a suite.
      EXPECT_TRUE(first == nullptr || waits_for(*place, *first)) << "seed " << seed << ": " << text;
      first = &*place;
    }
  }
}

/// Starts tasks in random order as early as everything that constrains them allows: a schedule, if not a good one.
nanoseconds random_schedule(Choices& choices, const std::vector<Task>& tasks, std::uint32_t lanes) {
  struct Placed {
    nanoseconds start, end;
  };
  std::map<std::size_t, Placed> placed;
  const auto fits = [&](std::size_t task, nanoseconds at) {
    const Task& next = tasks[task];
    const nanoseconds end = at + *next.duration;
    for (nanoseconds now = at; now < end; ++now) {
      std::uint32_t used = std::min(next.weight, lanes);
      for (const auto& [other, slot] : placed) {
        if (slot.start > now || slot.end <= now) continue;
        used += std::min(tasks[other].weight, lanes);
        if (next.serial || tasks[other].serial) return false;
        for (const LockUse& mine : next.locks) {
          for (const LockUse& theirs : tasks[other].locks) {
            if (mine.name == theirs.name && !(mine.shared && theirs.shared)) return false;
          }
        }
      }
      if (used > lanes) return false;
    }
    return true;
  };
  nanoseconds makespan{};
  while (placed.size() < tasks.size()) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      bool waits = placed.count(i) != 0;
      for (std::size_t first = 0; first < tasks.size() && !waits; ++first)
        waits = waits_for(tasks[i], tasks[first]) && placed.count(first) == 0;
      if (!waits) ready.push_back(i);
    }
    const std::size_t task = choices.one_of(ready);
    nanoseconds at{};
    for (const auto& [first, slot] : placed) {
      if (waits_for(tasks[task], tasks[first])) at = std::max(at, slot.end);
    }
    while (!fits(task, at)) ++at;
    placed[task] = {at, at + *tasks[task].duration};
    makespan = std::max(makespan, placed[task].end);
  }
  return makespan;
}

TEST(LowerBoundProperty, NoScheduleBeatsIt) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    Choices choices(seed);
    const std::vector<Task> tasks = random_tasks(choices, 12);
    const std::uint32_t lanes = choices.number(1, 5);
    const auto graph = make_task_graph(tasks, in_order(tasks));
    ASSERT_TRUE(graph) << "seed " << seed;
    for (int i = 0; i < 5; ++i)
      EXPECT_LE(lower_bound(*graph, lanes).time, random_schedule(choices, tasks, lanes)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace cleave::plan
