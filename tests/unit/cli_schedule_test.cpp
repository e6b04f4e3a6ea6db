#include "cli/schedule.hpp"

#include <gtest/gtest.h>

namespace cleave::cli {
namespace {

using namespace std::chrono_literals;

plan::Task task(std::string name, std::chrono::nanoseconds duration) {
  plan::Task made;
  made.name = std::move(name);
  made.duration = duration;
  return made;
}

std::vector<SimulatedItem> run_over(std::uint32_t lanes, std::vector<plan::Task> tasks) {
  const auto graph = plan::make_task_graph(std::move(tasks));
  EXPECT_TRUE(graph) << graph.error().what;
  return graph ? simulate(*graph, lanes).items : std::vector<SimulatedItem>(9);
}

// R08
TEST(Simulation, WhatWaitsForALockHoldsUpNothingElse) {
  std::vector<plan::Task> tasks{task("holds", 3s), task("waits", 3s), task("free", 1s)};
  tasks[0].locks = tasks[1].locks = {{"db", false}};
  const auto items = run_over(2, tasks);
  EXPECT_EQ(items[2].start, 0s);
  EXPECT_EQ(items[1].start, 3s);
}

TEST(Simulation, TheLongestWayToTheEndStartsFirst) {
  std::vector<plan::Task> tasks{task("long", 3s), task("first", 1s), task("behind", 5s)};
  tasks[2].after = {"first"};
  const auto items = run_over(1, tasks);
  EXPECT_EQ(items[1].start, 0s);
  EXPECT_EQ(items[2].start, 1s);
  EXPECT_EQ(items[0].start, 6s);
}

TEST(Simulation, ASerialTaskRunsBesideNothing) {
  std::vector<plan::Task> tasks{task("serial", 3s), task("a", 1s), task("b", 2s)};
  tasks[0].serial = true;
  const auto items = run_over(4, tasks);
  EXPECT_EQ(items[1].start, 0s);
  EXPECT_EQ(items[2].start, 0s);
  EXPECT_EQ(items[0].start, 2s);
}

TEST(Simulation, AWeightLargerThanTheLanesTakesAllOfThem) {
  std::vector<plan::Task> tasks{task("heavy", 3s), task("light", 1s)};
  tasks[0].weight = 9;
  const auto items = run_over(2, tasks);
  EXPECT_EQ(items[0].start, 0s);
  EXPECT_EQ(items[1].start, 3s);
}

}  // namespace
}  // namespace cleave::cli
