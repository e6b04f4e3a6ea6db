#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/plan_view.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::string cause_name(plan::LowerBound::Cause cause) {
  using Cause = plan::LowerBound::Cause;
  switch (cause) {
    case Cause::work: return "work";
    case Cause::longest: return "longest";
    case Cause::critical_path: return "critical_path";
    case Cause::lock: return "lock";
    case Cause::serial: break;
  }
  return "serial";
}

Json task_json(const plan::TaskGraph& graph, std::uint32_t index) {
  const plan::Task& task = graph.tasks[index];
  Json after = Json::array();
  for (const std::string& name : task.after) after.push_back(report::utf8(name));
  return {{"name", report::utf8(task.name)},
          {"suite", report::utf8(task.suite)},
          {"phase", report::utf8(task.phase)},
          {"seconds", seconds(graph.durations[index])},
          {"known", task.duration.has_value()},
          {"after", after},
          {"tags", tags_of(task)}};
}

Json metrics_json(const plan::GraphMetrics& metrics) {
  return {{"tasks", metrics.tasks},
          {"parallelisable", metrics.parallelisable},
          {"alone", metrics.alone},
          {"groups", metrics.groups},
          {"parallel_groups", metrics.parallel_groups},
          {"largest_group", metrics.largest_group},
          {"critical_path_steps", metrics.critical_path.tasks.size()},
          {"critical_path_seconds", seconds(metrics.critical_path.time)},
          {"critical_path", metrics.critical_path.tasks},
          {"sequential_seconds", seconds(metrics.sequential_time)}};
}

Json course_json(const Course& course) {
  const plan::LaneMetrics& metrics = course.metrics;
  Json schedule = Json::array();
  for (std::size_t task = 0; task < course.simulation.items.size(); ++task) {
    const SimulatedItem& item = course.simulation.items[task];
    schedule.push_back(
        {{"task", task}, {"lane", item.lane}, {"start", seconds(item.start)}, {"end", seconds(item.end)}});
  }
  return {{"lanes", course.lanes},
          {"parallel_seconds", seconds(metrics.parallel_time)},
          {"speed_up", metrics.speed_up},
          {"efficiency", metrics.efficiency},
          {"lower_bound_seconds", seconds(metrics.bound.time)},
          {"lower_bound_cause", cause_name(metrics.bound.cause)},
          {"lower_bound_lock", metrics.bound.lock},
          {"schedule", std::move(schedule)}};
}

}  // namespace

std::string plan_json(const PlanView& view) {
  Json tasks = Json::array();
  for (std::uint32_t i = 0; i < view.graph.tasks.size(); ++i) tasks.push_back(task_json(view.graph, i));
  Json phases = Json::array();
  for (const plan::PhaseSpec& phase : view.graph.phases)
    phases.push_back({{"name", report::utf8(phase.name)}, {"timeout_seconds", seconds(phase.timeout)}});
  Json groups = Json::array();
  for (const plan::TaskGroup& group : plan::groups_of(view.graph)) groups.push_back(group.tasks);
  Json courses = Json::array();
  for (const Course& course : view.courses) courses.push_back(course_json(course));
  const Json document = {{"schema", kVersion},           {"source", report::utf8(view.source)},
                         {"phases", std::move(phases)},  {"tasks", std::move(tasks)},
                         {"groups", std::move(groups)},  {"metrics", metrics_json(view.metrics)},
                         {"courses", std::move(courses)}};
  return document.dump(1) + "\n";
}

}  // namespace cleave::cli
