#pragma once

#include <string>
#include <vector>

#include "plan/planner.hpp"
#include "plan/tags.hpp"
#include "report/model.hpp"

namespace cleave::report {

/// What would run, a test a line in running order, with its tags in brackets.
std::string list_text(const RunReport& frame, const plan::Plan& plan,
                      const std::vector<plan::Constraints>& constraints);

/// The same as JSON: {"framework", "target", "tests": [{"name", "suite", "test", "file", "line", "tags"}]}.
std::string list_json(const RunReport& frame, const plan::Plan& plan,
                      const std::vector<plan::Constraints>& constraints);

}  // namespace cleave::report
