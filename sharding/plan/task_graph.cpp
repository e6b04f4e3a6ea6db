#include "plan/task_graph.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <queue>
#include <string_view>
#include <utility>

#include "plan/nearest.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kNothingKnown = std::chrono::seconds(1);
constexpr nanoseconds kMostInAll = std::chrono::hours(24 * 3652);

Error usage(const std::string& origin, const std::string& what) {
  return Error{Errc::usage, origin.empty() ? what : origin + what, 0};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

std::string label_of(const TaskGraph& graph, std::uint32_t node) {
  if (graph.is_task(node)) return graph.tasks[node].name;
  const Junction& junction = graph.junctions[node - graph.tasks.size()];
  return (junction.kind == Junction::Kind::checkpoint ? "checkpoint of phase '" : "all of '") + junction.name + "'";
}

std::uint32_t add_junction(TaskGraph& graph, Junction junction, std::vector<std::uint32_t> behind) {
  graph.junctions.push_back(std::move(junction));
  graph.before.push_back(std::move(behind));
  return static_cast<std::uint32_t>(graph.nodes() - 1);
}

Result<void> fill_durations(TaskGraph& graph) {
  std::vector<nanoseconds> stated;
  for (const Task& task : graph.tasks) {
    if (task.duration) stated.push_back(*task.duration);
  }
  graph.guessed = static_cast<std::uint32_t>(graph.tasks.size() - stated.size());
  nanoseconds guess = kNothingKnown;
  if (!stated.empty()) {
    const auto middle = stated.begin() + static_cast<std::ptrdiff_t>(stated.size() / 2);
    std::nth_element(stated.begin(), middle, stated.end());
    guess = *middle;
  }
  nanoseconds left = kMostInAll;
  for (const Task& task : graph.tasks) {
    graph.durations.push_back(task.duration.value_or(guess));
    if (graph.durations.back() > left) return usage(task.origin, ": durations: more than ten years in all");
    left -= graph.durations.back();
  }
  return {};
}

/// The numbers that the tasks have for phases, in their order; the first that is no number is an error.
Result<std::vector<PhaseSpec>> numbered_phases(const std::vector<Task>& tasks) {
  std::map<std::pair<std::uint32_t, std::string>, PhaseSpec> phases;  // "01" is not "1".
  for (const Task& task : tasks) {
    if (task.phase.empty()) continue;
    std::uint32_t number = 0;
    const char* const last = task.phase.data() + task.phase.size();
    const auto [end, error] = std::from_chars(task.phase.data(), last, number);
    if (error != std::errc() || end != last) {
      return usage(task.origin,
                   "/phase: '" + task.phase +
                       "' is no phase: where \"phases\" does not give their order, they are numbers from 0");
    }
    phases[{number, task.phase}] = PhaseSpec{task.phase};
  }
  std::vector<PhaseSpec> in_order;
  for (const auto& [key, phase] : phases) in_order.push_back(phase);
  return in_order;
}

/// Phases as declared, or as numbered; and the phase of each task.
Result<void> place_in_phases(TaskGraph& graph) {
  if (graph.phases.empty()) {
    auto numbered = numbered_phases(graph.tasks);
    if (!numbered) return numbered.error();
    graph.phases = std::move(*numbered);
  }
  std::map<std::string, std::uint32_t> places;
  std::vector<std::string_view> names;
  for (const PhaseSpec& phase : graph.phases) {
    if (!places.emplace(phase.name, static_cast<std::uint32_t>(places.size())).second)
      return usage("", "phases: '" + phase.name + "' is declared twice");
    names.emplace_back(phase.name);
  }
  for (const Task& task : graph.tasks) {
    const auto place = places.find(task.phase);
    if (place == places.end() && !task.phase.empty())
      return usage(task.origin, "/phase: '" + task.phase + "' is no phase" + did_you_mean(task.phase, names));
    graph.phase_of.push_back(place == places.end() ? kNoPhase : place->second);
  }
  return {};
}

/// What an `after` may name, and the node that stands for it.
class Names {
 public:
  explicit Names(const TaskGraph& graph) {
    for (std::uint32_t i = 0; i < graph.tasks.size(); ++i) {
      const Task& task = graph.tasks[i];
      bearers_[task.name].push_back(i);
      if (!task.suite.empty() && task.suite != task.name) bearers_[task.suite].push_back(i);
    }
  }

  /// The task itself when it is alone in its name, else a junction behind all of them, made when first asked for.
  std::optional<std::uint32_t> node_of(const std::string& name, TaskGraph& graph) {
    const auto bearers = bearers_.find(name);
    if (bearers == bearers_.end()) return std::nullopt;
    if (bearers->second.size() == 1) return bearers->second.front();
    const auto junction = junctions_.find(name);
    if (junction != junctions_.end()) return junction->second;
    const std::uint32_t made = add_junction(graph, {Junction::Kind::all_of, name}, bearers->second);
    junctions_.emplace(name, made);
    return made;
  }

  std::vector<std::string_view> all() const {
    std::vector<std::string_view> names;
    for (const auto& [name, bearers] : bearers_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, std::vector<std::uint32_t>> bearers_;
  std::map<std::string, std::uint32_t> junctions_;
};

Result<void> connect_tasks(TaskGraph& graph) {
  Names names(graph);
  for (std::uint32_t i = 0; i < graph.tasks.size(); ++i) {
    const Task& task = graph.tasks[i];
    for (std::size_t k = 0; k < task.after.size(); ++k) {
      const auto node = names.node_of(task.after[k], graph);
      if (!node) {
        return usage(task.origin, "/after/" + std::to_string(k) + ": '" + task.after[k] + "' is no task and no suite" +
                                      did_you_mean(task.after[k], names.all()));
      }
      graph.before[i].push_back(*node);
    }
  }
  return {};
}

/// Phases without tasks are no steps: the next one follows the one before.
void connect_phases(TaskGraph& graph) {
  std::vector<std::vector<std::uint32_t>> members(graph.phases.size());
  for (std::uint32_t i = 0; i < graph.tasks.size(); ++i) {
    if (graph.phase_of[i] != kNoPhase) members[graph.phase_of[i]].push_back(i);
  }
  std::optional<std::uint32_t> checkpoint;
  for (std::size_t phase = 0; phase < members.size(); ++phase) {
    if (members[phase].empty()) continue;
    if (checkpoint) {
      for (const std::uint32_t task : members[phase]) graph.before[task].push_back(*checkpoint);
    }
    checkpoint = add_junction(graph, {Junction::Kind::checkpoint, graph.phases[phase].name}, std::move(members[phase]));
  }
}

std::vector<std::vector<std::uint32_t>> behind_of(const TaskGraph& graph) {
  std::vector<std::vector<std::uint32_t>> behind(graph.nodes());
  for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
    for (const std::uint32_t first : graph.before[node]) behind[first].push_back(node);
  }
  return behind;
}

/// Every node behind all that it waits for; of those that could come next, the one with the lowest number. Nodes of a
/// cycle, and those behind one, are missing.
std::vector<std::uint32_t> running_order(const TaskGraph& graph) {
  const auto behind = behind_of(graph);
  std::vector<std::size_t> waits(graph.nodes());
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
    waits[node] = graph.before[node].size();
    if (waits[node] == 0) ready.push(node);
  }
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const std::uint32_t next : behind[order.back()]) {
      if (--waits[next] == 0) ready.push(next);
    }
  }
  return order;
}

/// Walks against the arrows among the nodes that `order` lacks until one comes again. Each of them waits for another.
std::string cycle_text(const TaskGraph& graph, std::string& origin) {
  std::vector<bool> ordered(graph.nodes(), false);
  for (const std::uint32_t node : graph.order) ordered[node] = true;
  auto node = static_cast<std::uint32_t>(std::find(ordered.begin(), ordered.end(), false) - ordered.begin());
  std::vector<std::uint32_t> walk;
  std::vector<bool> seen(graph.nodes(), false);
  while (!seen[node]) {
    seen[node] = true;
    walk.push_back(node);
    const auto& before = graph.before[node];
    node = *std::find_if(before.begin(), before.end(), [&](std::uint32_t first) { return !ordered[first]; });
  }
  walk.erase(walk.begin(), std::find(walk.begin(), walk.end(), node));
  std::reverse(walk.begin(), walk.end());
  // Every cycle has a task in it, because no junction waits for a junction.
  std::rotate(walk.begin(), std::min_element(walk.begin(), walk.end()), walk.end());
  origin = graph.tasks[walk.front()].origin;
  std::string text;
  for (const std::uint32_t each : walk) text += label_of(graph, each) + " → ";
  return text + label_of(graph, walk.front());
}

void sort_unique(std::vector<std::uint32_t>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

}  // namespace

Result<TaskGraph> make_task_graph(std::vector<Task> tasks, std::vector<PhaseSpec> phases) {
  TaskGraph graph;
  graph.tasks = std::move(tasks);
  graph.phases = std::move(phases);
  graph.before.resize(graph.tasks.size());
  if (auto filled = fill_durations(graph); !filled) return filled.error();
  if (auto placed = place_in_phases(graph); !placed) return placed.error();
  if (auto connected = connect_tasks(graph); !connected) return connected.error();
  connect_phases(graph);
  for (auto& before : graph.before) sort_unique(before);
  graph.order = running_order(graph);
  if (graph.order.size() < graph.nodes()) {
    std::string origin;
    const std::string cycle = cycle_text(graph, origin);
    return usage(origin, ": cycle: " + cycle);
  }
  return graph;
}

std::vector<TaskGroup> groups_of(const TaskGraph& graph) {
  std::vector<std::uint32_t> step(graph.nodes(), 0);  // Of a junction: the first step behind it.
  std::vector<std::vector<std::uint32_t>> steps;
  for (const std::uint32_t node : graph.order) {
    for (const std::uint32_t first : graph.before[node])
      step[node] = std::max(step[node], step[first] + (graph.is_task(first) ? 1 : 0));
    if (!graph.is_task(node)) continue;
    steps.resize(std::max<std::size_t>(steps.size(), step[node] + 1));
    steps[step[node]].push_back(node);
  }
  std::vector<TaskGroup> groups;
  for (auto& members : steps) {
    std::sort(members.begin(), members.end());
    TaskGroup together;
    std::vector<TaskGroup> alone;
    for (const std::uint32_t task : members) {
      if (graph.tasks[task].serial) {
        alone.push_back({{task}, true});
      } else {
        together.tasks.push_back(task);
      }
    }
    if (!together.tasks.empty()) groups.push_back(std::move(together));
    std::move(alone.begin(), alone.end(), std::back_inserter(groups));
  }
  return groups;
}

CriticalPath critical_path(const TaskGraph& graph) { return critical_path(graph, graph.durations); }

CriticalPath critical_path(const TaskGraph& graph, std::span<const nanoseconds> durations) {
  struct Way {
    nanoseconds time{};
    std::uint32_t tasks = 0;
    std::optional<std::uint32_t> from;
    bool shorter_than(const Way& other) const { return std::pair(time, tasks) < std::pair(other.time, other.tasks); }
  };
  std::vector<Way> ways(graph.nodes());  // The longest one that ends with the node.
  std::optional<std::uint32_t> last;
  for (const std::uint32_t node : graph.order) {
    Way& way = ways[node];
    for (const std::uint32_t first : graph.before[node]) {
      const Way through{ways[first].time, ways[first].tasks, first};
      if (!way.from || way.shorter_than(through)) way = through;
    }
    if (!graph.is_task(node)) continue;
    way.time += durations[node];
    way.tasks += 1;
    if (!last || ways[*last].shorter_than(way)) last = node;
  }
  CriticalPath path;
  if (last) path.time = ways[*last].time;
  for (; last; last = ways[*last].from) {
    if (graph.is_task(*last)) path.tasks.push_back(*last);
  }
  std::reverse(path.tasks.begin(), path.tasks.end());
  return path;
}

std::vector<nanoseconds> time_to_the_end(const TaskGraph& graph) {
  std::vector<nanoseconds> rest(graph.nodes());  // Until its turn comes: the longest way behind it.
  for (auto node = graph.order.rbegin(); node != graph.order.rend(); ++node) {
    rest[*node] += graph.duration_of(*node);
    for (const std::uint32_t first : graph.before[*node]) rest[first] = std::max(rest[first], rest[*node]);
  }
  rest.resize(graph.tasks.size());
  return rest;
}

}  // namespace cleave::plan
