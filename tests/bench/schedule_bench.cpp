// How well lanes are filled, in virtual time, beside what other ways to split would make of the same tests; and what it
// costs to plan and to decide. Prints Markdown.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "../support/property.hpp"
#include "../support/workloads.hpp"
#include "plan/claim.hpp"

namespace cleave {
namespace {

using std::chrono::nanoseconds;
using test::Choices;
using test::Skew;
using test::Workload;

constexpr nanoseconds kStart = std::chrono::milliseconds(2);

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// Every test goes to the lane that `lane_of` names; a lane is one process, which pays each of its suites' set-ups
/// once.
nanoseconds fixed(const Workload& workload, std::uint32_t lanes,
                  const std::function<std::uint32_t(std::size_t)>& lane_of) {
  std::vector<nanoseconds> ends(lanes, kStart);
  std::vector<std::string> suites(lanes);
  for (std::size_t i = 0; i < workload.truth.size(); ++i) {
    const std::uint32_t lane = lane_of(i);
    const std::string& suite = workload.list.tests[i].suite;
    if (suites[lane] != suite) ends[lane] += workload.set_up[i];
    suites[lane] = suite;
    ends[lane] += workload.truth[i];
  }
  return *std::max_element(ends.begin(), ends.end());
}

/// A process a test, each to the first free lane, in order: gtest_discover_tests() and ctest -jN without a cost file.
nanoseconds process_a_test(const Workload& workload, std::uint32_t lanes) {
  std::priority_queue<nanoseconds, std::vector<nanoseconds>, std::greater<>> free;
  for (std::uint32_t i = 0; i < lanes; ++i) free.push(nanoseconds(0));
  nanoseconds last{};
  for (std::size_t i = 0; i < workload.truth.size(); ++i) {
    const nanoseconds end = free.top() + kStart + workload.set_up[i] + workload.truth[i];
    free.pop();
    free.push(end);
    last = std::max(last, end);
  }
  return last;
}

struct Worst {
  double warm = 0, cold = 0, turns = 0, hash = 0, per_test = 0;
};

Worst worst_of(Skew skew, bool pulls, std::uint32_t lanes) {
  Worst worst;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Choices choices(seed);
    const Workload workload = test::make_workload(choices, skew, 400 * std::max(lanes, 8U), pulls);
    const test::Balance warm = test::balance_of(workload, test::costs_of(choices, workload, 10), lanes);
    const double bound = seconds(warm.bound);
    const auto hash_of = [&](std::size_t i) {
      const plan::TestCase& test = workload.list.tests[i];
      return static_cast<std::uint32_t>(plan::identity_of(test.suite, test.name, "", 0) % lanes);
    };
    worst.warm = std::max(worst.warm, warm.ratio());
    worst.cold = std::max(worst.cold, test::balance_of(workload, {}, lanes).ratio());
    worst.turns = std::max(
        worst.turns,
        seconds(fixed(workload, lanes, [&](std::size_t i) { return static_cast<std::uint32_t>(i % lanes); })) / bound);
    worst.hash = std::max(worst.hash, seconds(fixed(workload, lanes, hash_of)) / bound);
    worst.per_test = std::max(worst.per_test, seconds(process_a_test(workload, lanes)) / bound);
  }
  return worst;
}

void print_balance() {
  std::printf(
      "| framework | durations | N | warm | cold | in turns (GTEST_TOTAL_SHARDS) | by hash | a process a test |\n");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  for (const bool pulls : {true, false}) {
    for (const Skew skew : test::all_skews()) {
      for (const std::uint32_t lanes : {2U, 8U, 16U, 64U}) {
        const Worst worst = worst_of(skew, pulls, lanes);
        std::printf("| %s | %s | %u | %.3f | %.3f | %.2f | %.2f | %.2f |\n", pulls ? "GoogleTest" : "Catch2",
                    test::name_of(skew).c_str(), lanes, worst.warm, worst.cold, worst.turns, worst.hash,
                    worst.per_test);
        std::fflush(stdout);
      }
    }
  }
}

void print_cost(const char* what, bool phases) {
  constexpr std::uint32_t kTests = 100'000;
  constexpr std::uint32_t kLanes = 8;
  Choices choices(1);
  const Workload workload = test::make_workload(choices, Skew::uniform, kTests, true);
  plan::PlanInput input;
  input.constraints.resize(kTests);
  input.costs = test::costs_of(choices, workload, 10);
  input.lanes = kLanes;
  for (std::uint32_t i = 0; phases && i < kTests; ++i) input.constraints[i].phase = std::to_string(i / 20'000);
  const auto begin = std::chrono::steady_clock::now();
  auto barriers = plan::make_barriers(workload.list, input.constraints, {});
  input.barriers = std::move(*barriers);
  const plan::Plan plan = make_plan(workload.list, input);
  const auto planned = std::chrono::steady_clock::now();
  std::vector<std::uint64_t> memory(plan::Board::size_for(plan, kLanes) / 8 + 1);
  plan::BoardOptions options;
  options.lanes = options.capacity = kLanes;
  const plan::Board board = plan::Board::make(memory.data(), plan, options);
  std::vector<std::vector<std::uint32_t>> held(kLanes);
  std::uint32_t done = 0;
  for (std::uint32_t turn = 0; done < kTests; ++turn) {
    const std::uint32_t lane = turn % kLanes;
    for (const std::uint32_t item : held[lane]) board.finish(item, plan::ItemEnd::green);
    plan::ClaimRequest request;
    request.lane = lane;
    request.current_group = held[lane].empty() ? 0 : plan.group_of(held[lane].back());
    held[lane] = plan::claim(
                     board, request, [](std::uint32_t) { return false; }, [](std::uint32_t) { return true; })
                     .items;
    done += static_cast<std::uint32_t>(held[lane].size());
  }
  const auto decided = std::chrono::steady_clock::now();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("| %s | %.3f s | %.2f µs | %ld MB |\n", what, seconds(planned - begin),
              seconds(decided - planned) * 1e6 / kTests, usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace cleave

int main() {
  std::printf(
      "| 100,000 tests | planned in | a decision a test, one test at a time | peak memory |\n|---|---|---|---|\n");
  cleave::print_cost("no constraints", false);
  cleave::print_cost("five phases", true);
  std::printf("\n");
  cleave::print_balance();
}
