#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/result.hpp"
#include "plan/settings.hpp"
#include "plan/tags.hpp"

namespace cleave::plan {

/// One thing that will be run: a test of a binary, or an entry of a task file.
struct Task {
  std::string name;
  std::string suite;                                 ///< `after` may name it, and means all of its tasks; may be empty.
  std::optional<std::chrono::nanoseconds> duration;  ///< None: nobody measured or stated it.
  std::string phase;                                 ///< Empty: bound to none.
  std::vector<std::string> after;                    ///< Tasks or suites that must have passed before it starts.
  bool serial = false;                               ///< Nothing else runs meanwhile.
  std::vector<LockUse> locks;                        ///< Each name once.
  std::uint32_t weight = 1;                          ///< How many lanes it takes; all of them where there are fewer.
  std::string origin;                                ///< Where it is written, for errors: "plan.json:12: /tasks/3".
};

/// Where many wait for many: one node instead of an edge for every pair.
struct Junction {
  enum class Kind : std::uint8_t {
    checkpoint,  ///< Behind all tasks of a phase, before all tasks of the next one.
    all_of,      ///< Behind all tasks of the suite or name that an `after` means.
  };
  Kind kind = Kind::checkpoint;
  std::string name;
};

inline constexpr std::uint32_t kNoPhase = UINT32_MAX;

/// Tasks with all that orders them. A node is a task, by its index, or a junction, by the number of tasks and its
/// index.
struct TaskGraph {
  std::vector<Task> tasks;
  /// By task. Of one that states none: the median of those stated (of two in the middle the longer), or a second.
  std::vector<std::chrono::nanoseconds> durations;
  std::uint32_t guessed = 0;  ///< How many durations were not stated.
  std::vector<PhaseSpec> phases;
  std::vector<std::uint32_t> phase_of;  ///< By task: into `phases`, or kNoPhase.
  std::vector<Junction> junctions;
  std::vector<std::vector<std::uint32_t>> before;  ///< By node: what it waits for; ascending, each once.
  std::vector<std::uint32_t> order;                ///< All nodes; each stands behind what it waits for.

  std::size_t nodes() const noexcept { return tasks.size() + junctions.size(); }
  bool is_task(std::uint32_t node) const noexcept { return node < tasks.size(); }
  std::chrono::nanoseconds duration_of(std::uint32_t node) const noexcept {
    return is_task(node) ? durations[node] : std::chrono::nanoseconds{};
  }
};

/// Resolves names to nodes and finds an order. Without `phases` they are those that the tasks name, which must then be
/// numbers and come in their order. Tasks of the same name are told apart by their index, and an `after` means all of
/// them. An error begins with the origin of the task and names what is unknown together with the nearest name, a phase
/// that is declared twice, durations of more than ten years in all, or a whole cycle: "a → b → a".
Result<TaskGraph> make_task_graph(std::vector<Task> tasks, std::vector<PhaseSpec> phases = {});

/// Tasks that may run side by side: nothing orders them among each other.
struct TaskGroup {
  std::vector<std::uint32_t> tasks;  ///< Ascending.
  bool serial = false;               ///< One serial task, which is a group of its own.
};

/// The graph cut into steps: each task is in the first group where all that it waits for stands in groups before it.
std::vector<TaskGroup> groups_of(const TaskGraph& graph);

/// The longest way through the graph: what no number of lanes makes shorter.
struct CriticalPath {
  std::vector<std::uint32_t> tasks;  ///< In running order.
  std::chrono::nanoseconds time{};
};

/// Of several ways that take equally long, one with the most tasks.
CriticalPath critical_path(const TaskGraph& graph);
/// The same with durations other than those of the graph. @pre durations.size() == graph.tasks.size()
CriticalPath critical_path(const TaskGraph& graph, std::span<const std::chrono::nanoseconds> durations);

/// By task: the time from its start to the end of the longest way behind it, its own duration included.
std::vector<std::chrono::nanoseconds> time_to_the_end(const TaskGraph& graph);

}  // namespace cleave::plan
