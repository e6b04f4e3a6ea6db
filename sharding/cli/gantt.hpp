#pragma once

#include <string>

#include "cli/plan_view.hpp"

namespace cleave::cli {

/// A line for each lane, as wide as the page: "[name===" is a task ("[===" where the name does not fit), "|" one that
/// is shorter than a column, "#" several of those, "." a lane that has nothing to do. Ends with the scale.
std::string gantt(const plan::TaskGraph& graph, const Course& course);

}  // namespace cleave::cli
