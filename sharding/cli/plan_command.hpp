#pragma once

#include <string>

#include "cli/command_line.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// What `cleave plan` prints. Reads the file, and starts a program to list its tests; runs no test.
Result<std::string> run_plan(const PlanRequest& request);

}  // namespace cleave::cli
