#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cli/columns.hpp"
#include "cli/gantt.hpp"
#include "cli/graph_tree.hpp"
#include "cli/plan_view.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

using report::duration_text;

constexpr std::size_t kFigure = 12;        ///< Columns of one figure.
constexpr std::size_t kFigureName = 18;    ///< Columns of its name.
constexpr std::size_t kFiguresBeside = 5;  ///< As many -j stand side by side.

std::string count_text(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent_text(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", share * 100);
  return text.data();
}

std::string factor_text(double factor) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", factor);
  return text.data();
}

std::string headline(const PlanView& view) {
  std::string text = label(view.source) + ": " + count_text(view.graph.tasks.size(), "task");
  if (!view.graph.phases.empty()) text += " in " + count_text(view.graph.phases.size(), "phase");
  text += ", " + duration_text(view.metrics.sequential_time) + " one after another\n";
  const std::uint32_t guessed = view.graph.guessed;
  if (guessed == view.graph.tasks.size()) return text + "No duration is known: every task counts as a second.\n";
  if (guessed > 0) text += count_text(guessed, "task") + " of unknown duration: counted as the median of the others.\n";
  return text;
}

/// A heading and the tasks of each phase; those bound to none come last.
std::string phases_text(const plan::TaskGraph& graph) {
  std::vector<std::vector<std::uint32_t>> members(graph.phases.size() + 1);
  for (std::uint32_t i = 0; i < graph.tasks.size(); ++i)
    members[std::min<std::size_t>(graph.phase_of[i], graph.phases.size())].push_back(i);
  std::string text;
  for (std::size_t phase = 0; phase < members.size(); ++phase) {
    const bool bound = phase < graph.phases.size();
    if (!bound && members[phase].empty()) continue;
    std::chrono::nanoseconds sum{};
    for (const std::uint32_t task : members[phase]) sum += graph.durations[task];
    text += "\n";
    if (bound) {
      text += "Phase " + label(graph.phases[phase].name) + ": ";
    } else {
      text += graph.phases.empty() ? "Graph: " : "In no phase: ";
    }
    text += count_text(members[phase].size(), "task") + ", " + duration_text(sum);
    if (bound && graph.phases[phase].timeout > std::chrono::nanoseconds{})
      text += ", checkpoint within " + duration_text(graph.phases[phase].timeout);
    text += "\n" + graph_tree(graph, members[phase]);
  }
  return text;
}

/// Groups of one task that follow each other share a line.
std::string groups_text(const plan::TaskGraph& graph) {
  constexpr std::size_t kMostLines = 40;
  const std::vector<plan::TaskGroup> groups = plan::groups_of(graph);
  std::string text = "\nGroups: " + std::to_string(groups.size()) + ", one behind the other\n";
  std::size_t lines = 0;
  for (std::size_t i = 0; i < groups.size();) {
    if (++lines > kMostLines) return text + "  … (" + count_text(groups.size() - i, "more group") + ")\n";
    std::vector<std::string> words = name_list(graph, groups[i].tasks);
    std::size_t end = i + 1;
    for (; groups[i].tasks.size() == 1 && end < groups.size() && groups[end].tasks.size() == 1; ++end) {
      words.emplace_back("→");
      words.push_back(label(graph.tasks[groups[end].tasks[0]].name));
    }
    const std::string numbers = std::to_string(i + 1) + (end > i + 1 ? "-" + std::to_string(end) : "");
    text += wrapped(words, "  " + left(numbers, 9) + " ", std::string(12, ' '));
    i = end;
  }
  return text;
}

std::string metrics_text(const PlanView& view) {
  const plan::GraphMetrics& metrics = view.metrics;
  const auto row = [](const std::string& name, std::uint32_t count, const std::string& more) {
    return left(name, kFigureName) + right(std::to_string(count), kFigure) + (more.empty() ? "" : "  " + more) + "\n";
  };
  const auto share = [&](std::uint32_t count) {
    return metrics.tasks == 0 ? "" : percent_text(static_cast<double>(count) / metrics.tasks);
  };
  std::string text = "\n" + row("Tasks", metrics.tasks, "");
  text += row("  side by side", metrics.parallelisable, share(metrics.parallelisable));
  text += row("  alone", metrics.alone, share(metrics.alone));
  text += row("Groups", metrics.groups, "");
  text += row("  of several", metrics.parallel_groups, "the largest has " + count_text(metrics.largest_group, "task"));
  const auto steps = static_cast<std::uint32_t>(metrics.critical_path.tasks.size());
  text += row("Critical path", steps, (steps == 1 ? "step, " : "steps, ") + duration_text(metrics.critical_path.time));
  std::vector<std::string> words;
  constexpr std::size_t kMostSteps = 60;
  for (std::size_t i = 0; i < steps && i < kMostSteps; ++i) {
    if (i > 0) words.emplace_back("→");
    words.push_back(label(view.graph.tasks[metrics.critical_path.tasks[i]].name));
  }
  if (steps > kMostSteps) words.push_back("→ … (" + std::to_string(steps - kMostSteps) + " more)");
  return words.empty() ? text : text + wrapped(words, "  ", "  ");
}

/// A column for each -j, at most kFiguresBeside side by side.
std::string courses_text(const std::vector<Course>& courses) {
  std::string text;
  for (std::size_t begin = 0; begin < courses.size(); begin += kFiguresBeside) {
    const std::size_t end = std::min(begin + kFiguresBeside, courses.size());
    const auto row = [&](const std::string& name, const auto& figure) {
      std::string line = left(name, kFigureName);
      for (std::size_t i = begin; i < end; ++i) line += right(figure(courses[i].metrics), kFigure);
      text += line + "\n";
    };
    text += "\n";
    row("Lanes", [](const plan::LaneMetrics& metrics) { return std::to_string(metrics.lanes); });
    row("Sequential time", [](const plan::LaneMetrics& metrics) { return duration_text(metrics.sequential_time); });
    row("Parallel time", [](const plan::LaneMetrics& metrics) { return duration_text(metrics.parallel_time); });
    row("Speed-up", [](const plan::LaneMetrics& metrics) { return factor_text(metrics.speed_up); });
    row("Efficiency", [](const plan::LaneMetrics& metrics) { return percent_text(metrics.efficiency); });
    row("Lower bound", [](const plan::LaneMetrics& metrics) { return duration_text(metrics.bound.time); });
    row("  time above it", [](const plan::LaneMetrics& metrics) { return percent_text(metrics.above_bound); });
    for (std::size_t i = begin; i < end; ++i)
      text += left("  of " + count_text(courses[i].lanes, "lane"), kFigureName) + "  set by " +
              cause_text(courses[i].metrics.bound) + "\n";
  }
  return text;
}

std::string schedule_text(const plan::TaskGraph& graph, const Course& course) {
  const auto& items = course.simulation.items;
  std::vector<std::uint32_t> order(items.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {},
                           [&](std::uint32_t task) { return std::pair(items[task].start, items[task].lane); });
  std::string text = "\nSchedule over " + count_text(course.lanes, "lane") + "\n";
  text += right("start", kFigure) + right("end", kFigure) + right("lane", 6) + "  task\n";
  for (const std::uint32_t task : order) {
    text += right(duration_text(items[task].start), kFigure) + right(duration_text(items[task].end), kFigure) +
            right(std::to_string(items[task].lane), 6) + "  " + label(graph.tasks[task].name);
    for (const std::string& tag : tags_of(graph.tasks[task])) text += " [" + tag + "]";
    text += "\n";
  }
  return text;
}

}  // namespace

std::string cause_text(const plan::LowerBound& bound) {
  using Cause = plan::LowerBound::Cause;
  switch (bound.cause) {
    case Cause::work: return "the work, dealt evenly";
    case Cause::longest: return "the longest task";
    case Cause::critical_path: return "the critical path";
    case Cause::lock: return "the holders of lock '" + bound.lock + "'";
    case Cause::serial: break;
  }
  return "the serial tasks";
}

std::vector<std::string> tags_of(const plan::Task& task) {
  std::vector<std::string> tags;
  if (task.serial) tags.emplace_back("serial");
  for (const plan::LockUse& lock : task.locks) tags.push_back("lock:" + lock.name + (lock.shared ? ":read" : ""));
  if (task.weight != 1) tags.push_back("weight:" + std::to_string(task.weight));
  return tags;
}

std::string plan_text(const PlanView& view, const TextParts& parts) {
  std::string text = headline(view) + phases_text(view.graph) + groups_text(view.graph);
  for (const Course& course : view.courses) {
    if (parts.lanes) text += "\nLanes: " + std::to_string(course.lanes) + "\n" + gantt(view.graph, course);
    if (parts.schedule) text += schedule_text(view.graph, course);
  }
  return text + metrics_text(view) + courses_text(view.courses);
}

}  // namespace cleave::cli
