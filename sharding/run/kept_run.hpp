#pragma once

#include <string>

#include "report/merge.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The file by which `t.end` tells that the run is over: its exit status.
inline constexpr const char* kEnded = "ended";

/// @name What a run leaves for those who look at it later, and do not have the program.
/// @{

/// Stores the plan and what else the report depends on (`plan.bin`) beside what RunStore keeps.
Result<void> keep_plan(const RunContext& context);

/// The run in this folder as its own processes saw it, but for the constraints, which only the program knows. An Error
/// of kind `broken` says what is missing.
Result<RunContext> load_kept_run(const std::string& directory);

/// True when a process works on the run at this moment. Takes no lock, makes no file and disturbs nobody.
bool is_going_on(const std::string& directory);
/// True when the ctest process, or shell, whose entries work on the run still lives, and `t.end` has not run: more may
/// come, also when nobody works on it at this moment.
bool may_go_on(const std::string& directory);
/// @}

/// What the journals and queues of the run say, for report::merge().
/// @pre `context` outlives what comes back.
report::MergeInput told_by_journals(const RunContext& context);

}  // namespace cleave::run
