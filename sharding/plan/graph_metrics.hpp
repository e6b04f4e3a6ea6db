#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "plan/task_graph.hpp"

namespace cleave::plan {

/// What a graph is, whatever it runs on.
struct GraphMetrics {
  std::uint32_t tasks = 0;
  std::uint32_t parallelisable = 0;   ///< In a group with others.
  std::uint32_t alone = 0;            ///< In a group of their own; with the parallelisable ones it is all tasks.
  std::uint32_t groups = 0;           ///< Steps, one behind the other.
  std::uint32_t parallel_groups = 0;  ///< Groups of two tasks or more.
  std::uint32_t largest_group = 0;    ///< Tasks in it.
  CriticalPath critical_path;         ///< Its steps are its tasks.
  std::chrono::nanoseconds sequential_time{};  ///< All tasks one after another.
};

GraphMetrics metrics_of(const TaskGraph& graph);

/// A time that no schedule over so many lanes can be shorter than, and what sets it.
struct LowerBound {
  enum class Cause : std::uint8_t {
    work,           ///< All that the tasks take, dealt evenly to the lanes.
    longest,        ///< One task that is longer than any way through the graph.
    critical_path,  ///< The longest way through the graph.
    lock,           ///< What the holders of one lock take.
    serial,         ///< All tasks run alone.
  };
  std::chrono::nanoseconds time{};
  Cause cause = Cause::work;
  std::string lock;  ///< Its name, for `lock`.
};

/// The largest of: work / lanes, the longest task, the critical path, and the time of the holders of a lock (of
/// readers: dealt to the lanes). Serial tasks run beside nothing, so their time is taken out of each and added to all
/// of them. Where two are equal the first of the enumeration is the cause.
/// @pre lanes >= 1
LowerBound lower_bound(const TaskGraph& graph, std::uint32_t lanes);

/// How a graph runs, or would run, over some lanes.
struct LaneMetrics {
  std::uint32_t lanes = 0;
  std::chrono::nanoseconds sequential_time{};
  std::chrono::nanoseconds parallel_time{};
  double speed_up = 1;    ///< Sequential time / parallel time.
  double efficiency = 1;  ///< Speed-up / lanes.
  LowerBound bound;
  double above_bound = 0;  ///< By which share of it the parallel time is longer than the bound.
};

/// @pre lanes >= 1; `parallel_time` is what a schedule over them takes.
LaneMetrics lane_metrics(const TaskGraph& graph, std::uint32_t lanes, std::chrono::nanoseconds parallel_time);

}  // namespace cleave::plan
