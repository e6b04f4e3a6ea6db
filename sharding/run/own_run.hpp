#pragma once

#include "run/run_context.hpp"

namespace cleave::run {

/// ./tests --cleave-jobs=N: N shards in this process, then the serial tests. Returns the exit code.
int own_run(const Caller& caller);
/// ./tests --cleave-list[=json].
int list_run(const Caller& caller);

}  // namespace cleave::run
