#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "plan/planner.hpp"
#include "plan/simulation.hpp"
#include "property.hpp"

namespace cleave::test {

/// A list of tests with what each really takes.
struct Workload {
  std::string name;
  plan::TestList list;
  std::vector<std::chrono::nanoseconds> truth;
  std::vector<std::chrono::nanoseconds> set_up;  ///< By test: of its suite.
};

enum class Skew { uniform, zipf, bimodal, giant_suite, one_long };
inline const std::vector<Skew>& all_skews() {
  static const std::vector<Skew> all{Skew::uniform, Skew::zipf, Skew::bimodal, Skew::giant_suite, Skew::one_long};
  return all;
}
inline std::string name_of(Skew skew) {
  switch (skew) {
    case Skew::uniform: return "uniform";
    case Skew::zipf: return "zipf";
    case Skew::bimodal: return "bimodal";
    case Skew::giant_suite: return "giant suite";
    case Skew::one_long: return "one long test";
  }
  return "";
}

/// `count` tests in suites of 1 to 40, with durations of the given kind; about 20 ms a test in the mean. Suites have a
/// set-up of up to 20 ms where `pulls` (GoogleTest), and none where not (Catch2).
inline Workload make_workload(Choices& choices, Skew skew, std::uint32_t count, bool pulls) {
  using std::chrono::microseconds;
  Workload made;
  made.name = name_of(skew);
  made.list.framework = pulls ? "gtest" : "catch2";
  made.list.pulls = pulls;
  made.list.groups_matter = pulls;
  std::vector<double> milliseconds(count);
  double sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    switch (skew) {
      case Skew::uniform: milliseconds[i] = choices.number(1, 40'000) / 1000.0; break;
      case Skew::zipf: milliseconds[i] = 9000.0 / (i + 1); break;
      case Skew::bimodal: milliseconds[i] = choices.chance(5) ? choices.number(200, 400) : choices.number(1, 10); break;
      case Skew::giant_suite: milliseconds[i] = choices.number(1, 40'000) / 1000.0; break;
      case Skew::one_long: milliseconds[i] = choices.number(1, 20'000) / 1000.0; break;
    }
    sum += milliseconds[i];
  }
  if (skew == Skew::one_long) milliseconds[choices.number(0, count - 1)] = sum / 20;
  // The longest come anywhere.
  for (std::uint32_t i = count; i > 1; --i) std::swap(milliseconds[i - 1], milliseconds[choices.number(0, i - 1)]);
  std::uint32_t suite = 0;
  std::uint32_t left = 0;
  std::chrono::nanoseconds set_up{};
  for (std::uint32_t i = 0; i < count; ++i) {
    if (left == 0) {
      ++suite;
      left = choices.number(1, 40);
      if (skew == Skew::giant_suite && suite == 3) left = count / 2;
      set_up = microseconds(pulls ? choices.number(0, 20'000) : 0);
    }
    --left;
    plan::TestCase test;
    test.suite = "Suite" + std::to_string(suite);
    test.name = "Test" + std::to_string(i);
    test.position = i;
    test.selected = true;
    made.list.tests.push_back(std::move(test));
    made.truth.emplace_back(
        std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(0.001, milliseconds[i]) * 1e6)));
    made.set_up.push_back(set_up);
  }
  return made;
}

/// What a history says after such runs: every duration within `percent` of the truth.
inline plan::Costs costs_of(Choices& choices, const Workload& workload, std::uint32_t percent) {
  plan::Costs costs;
  for (std::size_t i = 0; i < workload.truth.size(); ++i) {
    const std::int64_t factor = 100 + static_cast<std::int64_t>(choices.number(0, 2 * percent)) - percent;
    costs.test.push_back(workload.truth[i] * factor / 100);
    costs.known.push_back(true);
    costs.failed_last.push_back(false);
    costs.suite_set_up[workload.list.tests[i].suite] = workload.set_up[i];
  }
  costs.process_start = std::chrono::milliseconds(2);
  return costs;
}

/// The time that the plan takes, and the bound, in virtual time.
struct Balance {
  plan::Simulation simulation;
  std::chrono::nanoseconds bound{};
  double ratio() const {
    return std::chrono::duration<double>(simulation.makespan).count() / std::chrono::duration<double>(bound).count();
  }
};
inline Balance balance_of(const Workload& workload, const plan::Costs& costs, std::uint32_t lanes) {
  plan::PlanInput input;
  input.constraints.resize(workload.list.tests.size());
  input.costs = costs;
  input.lanes = lanes;
  const plan::Plan plan = make_plan(workload.list, input);
  plan::SimulationInput facts;
  facts.truth = workload.truth;
  facts.set_up = workload.set_up;
  facts.process_start = std::chrono::milliseconds(2);
  facts.lanes = lanes;
  facts.pulls = workload.list.pulls;
  if (!facts.pulls) facts.batch_time = std::chrono::milliseconds(40);
  return Balance{simulate(plan, facts), lower_bound(plan, facts)};
}

}  // namespace cleave::test
