#include "plan/graph_metrics.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

/// duration * weight / lanes, rounded down, without the overflow of the product.
nanoseconds share(nanoseconds duration, std::uint32_t weight, std::uint32_t lanes) {
  const auto taken = std::min(weight, lanes);
  return duration / lanes * taken + nanoseconds(duration.count() % lanes * taken / lanes);
}

void raise(LowerBound& bound, nanoseconds time, LowerBound::Cause cause, const std::string& lock = {}) {
  if (time > bound.time) bound = {time, cause, lock};
}

/// The lock whose holders take the longest, writers one after another and readers side by side.
void raise_by_locks(LowerBound& bound, const TaskGraph& graph, const std::vector<nanoseconds>& beside,
                    std::uint32_t lanes) {
  std::map<std::string, nanoseconds> held;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    for (const LockUse& lock : graph.tasks[i].locks)
      held[lock.name] += lock.shared ? share(beside[i], graph.tasks[i].weight, lanes) : beside[i];
  }
  for (const auto& [name, time] : held) raise(bound, time, LowerBound::Cause::lock, name);
}

}  // namespace

GraphMetrics metrics_of(const TaskGraph& graph) {
  GraphMetrics metrics;
  metrics.tasks = static_cast<std::uint32_t>(graph.tasks.size());
  for (const TaskGroup& group : groups_of(graph)) {
    const auto size = static_cast<std::uint32_t>(group.tasks.size());
    metrics.groups += 1;
    metrics.largest_group = std::max(metrics.largest_group, size);
    metrics.parallel_groups += size > 1 ? 1 : 0;
    metrics.parallelisable += size > 1 ? size : 0;
  }
  metrics.alone = metrics.tasks - metrics.parallelisable;
  metrics.critical_path = critical_path(graph);
  for (const nanoseconds duration : graph.durations) metrics.sequential_time += duration;
  return metrics;
}

LowerBound lower_bound(const TaskGraph& graph, std::uint32_t lanes) {
  std::vector<nanoseconds> beside = graph.durations;  // Of what may run beside others.
  nanoseconds alone{};
  nanoseconds work{};
  nanoseconds longest{};
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    if (graph.tasks[i].serial) alone += std::exchange(beside[i], nanoseconds{});
    work += share(beside[i], graph.tasks[i].weight, lanes);
    longest = std::max(longest, beside[i]);
  }
  LowerBound bound;
  raise(bound, work, LowerBound::Cause::work);
  raise(bound, longest, LowerBound::Cause::longest);
  raise(bound, critical_path(graph, beside).time, LowerBound::Cause::critical_path);
  raise_by_locks(bound, graph, beside, lanes);
  if (bound.time == nanoseconds{} && alone > nanoseconds{}) bound.cause = LowerBound::Cause::serial;
  bound.time += alone;
  return bound;
}

LaneMetrics lane_metrics(const TaskGraph& graph, std::uint32_t lanes, nanoseconds parallel_time) {
  LaneMetrics metrics;
  metrics.lanes = lanes;
  for (const nanoseconds duration : graph.durations) metrics.sequential_time += duration;
  metrics.parallel_time = parallel_time;
  metrics.bound = lower_bound(graph, lanes);
  if (parallel_time > nanoseconds{}) {
    metrics.speed_up =
        static_cast<double>(metrics.sequential_time.count()) / static_cast<double>(parallel_time.count());
  }
  metrics.efficiency = metrics.speed_up / lanes;
  if (metrics.bound.time > nanoseconds{}) {
    metrics.above_bound = static_cast<double>((parallel_time - metrics.bound.time).count()) /
                          static_cast<double>(metrics.bound.time.count());
  }
  return metrics;
}

}  // namespace cleave::plan
