#pragma once

#include <string>

#include "cli/command_line.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// Replaces the file `out` by what all of the histories `in` know together (plan::merge()); `out` may be one of them.
/// When runs record there their lock is held, so that none of them is lost. Returns a line that says what was done. An
/// Error of kind `usage` names the file that cannot be read or is no history, and the line; `out` is then as it was.
Result<std::string> run_history_merge(const HistoryMergeRequest& request);

}  // namespace cleave::cli
