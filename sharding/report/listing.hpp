#pragma once

#include <string>
#include <vector>

#include "plan/costs.hpp"
#include "plan/planner.hpp"
#include "plan/settings.hpp"
#include "plan/tag_sources.hpp"
#include "plan/tags.hpp"
#include "report/model.hpp"

namespace cleave::report {

/// What would run, a test a line in running order, with its tags in brackets.
std::string list_text(const RunReport& frame, const plan::Plan& plan,
                      const std::vector<plan::Constraints>& constraints);

/// What a list tells besides, of where things come from.
struct ListedSources {
  std::string home;                                ///< The folder of the program's runs.
  std::vector<std::vector<plan::TagSource>> tags;  ///< By test.
};

/// The same as JSON, with the phases that are declared, in order: {"framework", "target", "home", "phases":
/// [{"name", "timeout_seconds"}], "tests": [{"name", "suite", "test", "file", "line", "tags"}]}. Where they say
/// something a test also has "weight", "phase", "after" (as the tags have it), "tag_sources": [{"tag", "place",
/// "rule"}], and "expected_seconds" when that was measured.
std::string list_json(const RunReport& frame, const plan::Plan& plan, const std::vector<plan::Constraints>& constraints,
                      const std::vector<plan::PhaseSpec>& phases, const plan::Costs& costs,
                      const ListedSources& sources);

}  // namespace cleave::report
