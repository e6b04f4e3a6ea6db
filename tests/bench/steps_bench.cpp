// Steps (R34): speed-up of steps that wait, cost of a step, race, memoize. The counters are what the requirement speaks
// of: `of_n` is the speed-up divided by the number of steps, `over_ms` what each step cost beyond the wait.
//   build/bench/tests/bench/steps_bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true

#include <benchmark/benchmark.h>
#include <cleave/memoize.hpp>
#include <cleave/steps.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr double kWait = 50;  ///< Of each step, in ms.

std::vector<int> numbers(std::int64_t count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

double since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// steps × 50 ms against the wall time of the group.
void waiting_steps(benchmark::State& state) {
  const std::vector<int> steps = numbers(state.range(0));
  const auto n = static_cast<double>(state.range(0));
  double wall = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    cleave::parallel(steps, [](int, cleave::Step& step) { step.sleep_for(milliseconds(50)); });
    wall += since(begin);
  }
  wall /= static_cast<double>(state.iterations());
  state.counters["speed_up"] = n * kWait / wall;
  state.counters["of_n"] = kWait / wall;
  state.counters["over_ms"] = (wall - kWait) / n;
}
BENCHMARK(waiting_steps)
    ->Arg(3)
    ->Arg(5)
    ->Arg(10)
    ->Arg(20)
    ->Arg(50)
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// How much later than the fastest, which takes 20 ms, a race returns.
void race_of_ten(benchmark::State& state) {
  const std::vector<int> steps = numbers(10);
  double late = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    cleave::race(steps, [](int i, cleave::Step& step) {
      step.sleep_for(i == 7 ? milliseconds(20) : milliseconds(5000));
      return i;
    });
    late += since(begin) - 20;
  }
  state.counters["late_ms"] = late / static_cast<double>(state.iterations());
}
BENCHMARK(race_of_ten)->Iterations(10)->Unit(benchmark::kMillisecond)->UseRealTime();

/// 10,000 steps that do nothing, 16 at most at a time.
void empty_steps(benchmark::State& state) {
  const std::vector<int> steps = numbers(10'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(cleave::parallel(cleave::Steps().at_most(16), steps, [](int i) { return i; }));
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(empty_steps)->Unit(benchmark::kMillisecond)->UseRealTime();

/// A step of 50 ms whose result was kept by an earlier run.
void memoised_step(benchmark::State& state) {
  std::string folder = std::filesystem::temp_directory_path() / "cleave-bench-XXXXXX";
  folder = ::mkdtemp(folder.data());
  ::setenv("CLEAVE_CACHE_DIR", folder.c_str(), 1);
  const auto step = [] {
    return cleave::memoize("bench", [] {
      cleave::CancelToken().sleep_for(milliseconds(50));
      return std::string(1000, 'x');
    });
  };
  const auto first = Clock::now();
  step();
  const double computed = since(first);
  double kept = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    benchmark::DoNotOptimize(step());
    kept += since(begin);
  }
  state.counters["times_faster"] = computed / (kept / static_cast<double>(state.iterations()));
  std::filesystem::remove_all(folder);
}
BENCHMARK(memoised_step)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
