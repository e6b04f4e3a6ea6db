// How well lanes are filled, in virtual time, against what no schedule can be faster than.
#include <gtest/gtest.h>

#include "../support/property.hpp"
#include "../support/workloads.hpp"

namespace cleave::plan {
namespace {

using test::Choices;
using test::Skew;

std::string text_of(const test::Workload& workload, std::uint32_t lanes) {
  return workload.name + ", " + workload.list.framework + ", " + std::to_string(workload.list.tests.size()) +
         " tests over " + std::to_string(lanes) + " lanes";
}

test::Workload random_workload(Choices& choices, const std::vector<Skew>& skews, std::uint32_t lanes) {
  const Skew skew = choices.one_of(skews);
  return test::make_workload(choices, skew, 400 * std::max(lanes, 8U), choices.chance(50));
}

// R15: with durations known to within 10 %, whatever the skew.
TEST(BalanceProperty, AWarmRunIsWithinThreePercentOfTheBound) {
  double worst = 0;
  for (const std::uint64_t seed : test::seeds({}, 100)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::uint32_t lanes = choices.chance(15) ? choices.number(17, 64) : choices.number(2, 16);
    const test::Workload workload = random_workload(choices, test::all_skews(), lanes);
    const test::Balance balance = test::balance_of(workload, test::costs_of(choices, workload, 10), lanes);
    ASSERT_EQ(balance.simulation.stuck, "");
    ASSERT_LE(balance.ratio(), 1.03) << text_of(workload, lanes);
    ASSERT_GE(balance.ratio(), 1.0) << "the bound is none: " << text_of(workload, lanes);
    worst = std::max(worst, balance.ratio());
  }
  RecordProperty("worst_ratio", std::to_string(worst));
}

// Without a history, where no single test is a large part of the bound: such a one may come last, and nobody knows.
TEST(BalanceProperty, AColdRunIsWithinFifteenPercentOfTheBound) {
  for (const std::uint64_t seed : test::seeds({}, 100)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::uint32_t lanes = choices.chance(15) ? choices.number(17, 64) : choices.number(2, 16);
    const test::Workload workload = random_workload(choices, {Skew::uniform, Skew::bimodal, Skew::giant_suite}, lanes);
    const test::Balance balance = test::balance_of(workload, {}, lanes);
    ASSERT_EQ(balance.simulation.stuck, "");
    ASSERT_LE(balance.ratio(), 1.15) << text_of(workload, lanes);
  }
}

// Every item once, one at a time in a lane, in order of its barriers: what the simulation shows is a schedule.
TEST(BalanceProperty, ASimulationIsASchedule) {
  for (const std::uint64_t seed : test::seeds({}, 100)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::uint32_t lanes = choices.number(1, 12);
    const test::Workload workload = test::make_workload(choices, Skew::uniform, choices.number(1, 300), true);
    PlanInput input;
    input.constraints.resize(workload.list.tests.size());
    for (std::size_t i = 0; i < input.constraints.size(); ++i) {
      input.constraints[i].phase = std::to_string(i * 4 / input.constraints.size());
      input.constraints[i].serial = choices.chance(5);
      input.constraints[i].weight = choices.chance(5) ? choices.number(1, 20) : 1;
    }
    auto barriers = make_barriers(workload.list, input.constraints, {});
    ASSERT_TRUE(barriers);
    input.barriers = *barriers;
    input.lanes = lanes;
    const Plan plan = make_plan(workload.list, input);
    SimulationInput facts;
    facts.constraints = input.constraints;
    facts.truth = workload.truth;
    facts.lanes = lanes;
    const Simulation run = simulate(plan, facts);
    ASSERT_EQ(run.stuck, "");
    ASSERT_GE(run.makespan, lower_bound(plan, facts));
    std::vector<std::pair<std::chrono::nanoseconds, int>> changes;
    for (std::uint32_t item = 0; item < plan.items.size(); ++item) {
      const SimulatedItem& at = run.items[item];
      ASSERT_EQ(at.end - at.start, workload.truth[plan.items[item].index]);
      const auto weight = static_cast<int>(std::min(plan.groups[plan.group_of(item)].weight, lanes));
      changes.emplace_back(at.start, weight);
      changes.emplace_back(at.end, -weight);
      for (std::uint32_t other = 0; other < plan.items.size(); ++other) {
        const std::string& phase = input.constraints[plan.items[item].index].phase;
        if (input.constraints[plan.items[other].index].phase < phase) {
          ASSERT_LE(run.items[other].end, at.start);
        }
      }
    }
    std::sort(changes.begin(), changes.end());
    int running = 0;
    for (const auto& [when, weight] : changes) {
      running += weight;
      ASSERT_LE(running, static_cast<int>(lanes)) << "more at a time than lanes";
    }
  }
}

}  // namespace
}  // namespace cleave::plan
