#pragma once

#include <string>
#include <string_view>

#include "plan/result.hpp"
#include "plan/task_graph.hpp"

namespace cleave::cli {

/// Reads a task file, which task_graph.schema.json describes. `file` names it in errors, which give line and column
/// where the text is no JSON, and line and JSON pointer where it means nothing: "plan.json:12: /tasks/3/duration: …".
Result<plan::TaskGraph> read_graph(std::string_view text, const std::string& file);

}  // namespace cleave::cli
