#include "cli/plan_command.hpp"

#include <utility>
#include <vector>

#include "cli/graph_file.hpp"
#include "cli/program_list.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"

namespace cleave::cli {
namespace {

Result<plan::TaskGraph> read_source(const std::string& source) {
  const auto bytes = os::read_users_file(source);
  if (!bytes) return Error{Errc::usage, "read the plan: " + bytes.error().what, bytes.error().sys_errno};
  auto graph = is_program(*bytes) ? read_program(source, *bytes) : read_graph(*bytes, source);
  if (graph && graph->tasks.empty()) return Error{Errc::nothing_to_run, source + ": there is no task in it", 0};
  return graph;
}

}  // namespace

Result<std::string> run_plan(const PlanRequest& request) {
  auto graph = read_source(request.source);
  if (!graph) return graph.error();
  PlanView view;
  view.source = os::file_name_of(request.source);
  view.graph = std::move(*graph);
  view.metrics = plan::metrics_of(view.graph);
  std::vector<std::uint32_t> lanes = request.lanes;
  if (lanes.empty()) lanes.push_back(os::usable_cpus());
  for (const std::uint32_t count : lanes) {
    Course course{count, simulate(view.graph, count), {}};
    course.metrics = plan::lane_metrics(view.graph, count, course.simulation.makespan);
    view.courses.push_back(std::move(course));
  }
  switch (request.format) {
    case PlanRequest::Format::dot: return plan_dot(view);
    case PlanRequest::Format::json: return plan_json(view);
    case PlanRequest::Format::text: break;
  }
  return plan_text(view, request.parts);
}

}  // namespace cleave::cli
