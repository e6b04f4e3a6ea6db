#include <algorithm>

#include "cli/plan_view.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

/// In double quotes; the label escapes of DOT have no meaning left.
std::string quoted(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : report::utf8(bytes)) {
    if (c == '\0') continue;  // Graphviz reads strings of C.
    if (c == '"' || c == '\\') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else if (c != '\r') {
      text += c;
    }
  }
  return text + '"';
}

std::string id_of(const plan::TaskGraph& graph, std::uint32_t node) {
  return graph.is_task(node) ? "t" + std::to_string(node)
                             : "g" + std::to_string(node - static_cast<std::uint32_t>(graph.tasks.size()));
}

class Dot {
 public:
  explicit Dot(const PlanView& view) : graph_(view.graph), critical_(view.graph.nodes(), false) {
    for (const std::uint32_t task : view.metrics.critical_path.tasks) critical_[task] = true;
    text_ = "digraph " + quoted(view.source) + " {\n  rankdir=LR;\n  node [shape=box];\n";
  }

  std::string text() && {
    for (std::uint32_t phase = 0; phase < graph_.phases.size(); ++phase) {
      text_ += "  subgraph cluster_" + std::to_string(phase) + " {\n";
      text_ += "    label=" + quoted("phase " + graph_.phases[phase].name) + ";\n";
      for (std::uint32_t task = 0; task < graph_.tasks.size(); ++task) {
        if (graph_.phase_of[task] == phase) add_task(task, "    ");
      }
      text_ += "  }\n";
    }
    for (std::uint32_t task = 0; task < graph_.tasks.size(); ++task) {
      if (graph_.phase_of[task] == plan::kNoPhase) add_task(task, "  ");
    }
    for (std::size_t junction = 0; junction < graph_.junctions.size(); ++junction) add_junction(junction);
    for (std::uint32_t node = 0; node < graph_.nodes(); ++node) {
      for (const std::uint32_t first : graph_.before[node]) add_arrow(first, node);
    }
    return std::move(text_) + "}\n";
  }

 private:
  void add_task(std::uint32_t index, const std::string& indent) {
    const plan::Task& task = graph_.tasks[index];
    std::string label = task.name + "\n" + report::duration_text(graph_.durations[index]);
    for (const std::string& tag : tags_of(task)) label += "\n" + tag;
    text_ +=
        indent + id_of(graph_, index) + " [label=" + quoted(label) + (critical_[index] ? ", penwidth=2" : "") + "];\n";
  }

  void add_junction(std::size_t number) {
    const plan::Junction& junction = graph_.junctions[number];
    const bool checkpoint = junction.kind == plan::Junction::Kind::checkpoint;
    text_ += "  g" + std::to_string(number) + " [shape=" + (checkpoint ? "octagon" : "ellipse") +
             ", label=" + quoted((checkpoint ? "checkpoint " : "all of ") + junction.name) + "];\n";
  }

  void add_arrow(std::uint32_t first, std::uint32_t later) {
    const bool bold = critical_[first] && critical_[later];
    text_ += "  " + id_of(graph_, first) + " -> " + id_of(graph_, later) + (bold ? " [penwidth=2]" : "") + ";\n";
  }

  const plan::TaskGraph& graph_;
  std::vector<bool> critical_;
  std::string text_;
};

}  // namespace

std::string plan_dot(const PlanView& view) { return Dot(view).text(); }

}  // namespace cleave::cli
