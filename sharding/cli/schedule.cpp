#include "cli/schedule.hpp"

#include <string>
#include <utility>

#include "plan/simulation.hpp"

namespace cleave::cli {
namespace {

/// The tasks as a list of tests without shared set-ups.
plan::TestList list_of(const plan::TaskGraph& graph) {
  plan::TestList list;
  for (std::uint32_t i = 0; i < graph.tasks.size(); ++i) {
    plan::TestCase test;
    test.suite = graph.tasks[i].suite;
    test.name = graph.tasks[i].name;
    test.position = i;
    test.selected = true;
    list.tests.push_back(std::move(test));
  }
  return list;
}

/// What the graph says of a task, but for what orders it: that is in the barriers.
std::vector<plan::Constraints> constraints_of(const plan::TaskGraph& graph) {
  std::vector<plan::Constraints> all;
  for (const plan::Task& task : graph.tasks) {
    plan::Constraints constraints;
    constraints.serial = task.serial;
    constraints.locks = task.locks;
    constraints.weight = task.weight;
    all.push_back(std::move(constraints));
  }
  return all;
}

/// A barrier for each node that something waits for.
plan::Barriers barriers_of(const plan::TaskGraph& graph) {
  plan::Barriers barriers;
  barriers.waits_for.resize(graph.tasks.size());
  barriers.member_of.resize(graph.tasks.size());
  std::vector<std::vector<std::uint32_t>> behind(graph.nodes());
  for (std::uint32_t task = 0; task < graph.tasks.size(); ++task) {
    for (const std::uint32_t first : graph.before[task]) behind[first].push_back(task);
  }
  for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
    if (behind[node].empty()) continue;
    const auto number = static_cast<std::uint32_t>(barriers.all.size());
    barriers.all.push_back(plan::Barrier{std::to_string(node)});
    const std::vector<std::uint32_t> itself{node};
    for (const std::uint32_t member : graph.is_task(node) ? itself : graph.before[node])
      barriers.member_of[member].push_back(number);
    for (const std::uint32_t task : behind[node]) barriers.waits_for[task].push_back(number);
  }
  return barriers;
}

}  // namespace

Simulation simulate(const plan::TaskGraph& graph, std::uint32_t lanes) {
  plan::PlanInput input;
  input.constraints = constraints_of(graph);
  input.barriers = barriers_of(graph);
  input.costs.test = graph.durations;
  input.costs.known.assign(graph.tasks.size(), true);
  input.lanes = lanes;
  const plan::Plan plan = plan::make_plan(list_of(graph), input);

  plan::SimulationInput run;
  run.constraints = std::move(input.constraints);
  run.truth = graph.durations;
  run.lanes = lanes;
  run.pulls = false;
  run.batch_time = {};
  const plan::Simulation simulated = plan::simulate(plan, run);
  CLEAVE_ASSERT(simulated.stuck.empty());
  Simulation simulation;
  simulation.makespan = simulated.makespan;
  simulation.items.resize(graph.tasks.size());
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const plan::SimulatedItem& item = simulated.items[i];
    simulation.items[plan.items[i].index] = {item.lane, item.start, item.end};
  }
  return simulation;
}

}  // namespace cleave::cli
