#pragma once

#include <functional>
#include <string>

#include "os/process.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The keeper of a run's fixtures is a process of Cleave that runs no code of the user. It starts the hosts in which
/// fixtures are set up, hands out payloads, and outlives the entries of CTest. When the run ends, is interrupted, or
/// its owner (ctest, or the supervisor of a run without it) is killed, it tears everything down, cleans what shards
/// left under their prefixes, and goes.

/// True when this run has something for a keeper to do: a fixture that a selected test needs or may ask for, a prefix
/// hook, or leftovers of a dead run.
bool needs_keeper(const Caller& caller, const RunContext& context);

/// Starts it; returns once it listens and has swept what dead runs left. Fine when one is there already.
Result<void> start_keeper(const Caller& caller, const RunContext& context, const os::ProcessKey& owner);

/// Asks the keeper to tear everything down, and waits until it is gone; calls `each_look` meanwhile. An error when it
/// was killed, or does not come to an end; a run without a keeper has nothing to wait for.
Result<void> end_keeper(const RunContext& context, const std::function<void()>& each_look);

}  // namespace cleave::run
