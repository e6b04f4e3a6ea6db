#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/schedule.hpp"
#include "plan/graph_metrics.hpp"
#include "plan/task_graph.hpp"

namespace cleave::cli {

/// How the graph would run over some lanes.
struct Course {
  std::uint32_t lanes = 1;
  Simulation simulation;
  plan::LaneMetrics metrics;
};

/// All that `cleave plan` tells, in whichever form.
struct PlanView {
  std::string source;  ///< As the user named it.
  plan::TaskGraph graph;
  plan::GraphMetrics metrics;
  std::vector<Course> courses;  ///< In the order asked for.
};

/// What of it the text shows besides phases, groups and figures.
struct TextParts {
  bool schedule = false;  ///< Each task with its start, end and lane.
  bool lanes = false;     ///< A line for each lane.
};

/// For people; lines of at most 80 columns, unless a name is longer than that.
std::string plan_text(const PlanView& view, const TextParts& parts);
/// The graph for `dot` of Graphviz: phases are clusters, the critical path is bold.
std::string plan_dot(const PlanView& view);
/// The document that plan.schema.json describes.
std::string plan_json(const PlanView& view);

/// "work / lanes", "the critical path", "the holders of lock 'db'" …: what sets a lower bound.
std::string cause_text(const plan::LowerBound& bound);
/// The task's tags as they are written: "serial", "lock:db:read", "weight:2".
std::vector<std::string> tags_of(const plan::Task& task);

}  // namespace cleave::cli
