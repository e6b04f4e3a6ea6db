#pragma once

#include <string>

#include "plan/result.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// Says on standard error what went wrong ("cleave: …"), and returns the exit code for it.
int fail(const Error& error);

/// Says on standard error what the user should know although it leaves the run as it is ("cleave: warning: …").
void warn(const std::string& what);

/// The error for a run in which no test is selected: tells whether there are none or the filter matches none.
Error nothing_selected(const RunContext& context);

}  // namespace cleave::run
