#pragma once

#include "plan/result.hpp"
#include "run/run_context.hpp"
#include "run/run_store.hpp"

namespace cleave::run {

/// Leaves only those selected that were red or not run last time, by name. False when that is none of them.
bool select_last_failed(const RunStore& store, plan::TestList& list);

/// The seed that shuffles this run, 0 for none: --cleave-seed, else that of the order to be replayed.
Result<std::uint32_t> seed_of(const Options& options);

/// What --cleave-replay, --cleave-rerun=failed, --cleave-repeat and --cleave-verify make of the list, before it is
/// planned.
/// @post context.times says how often each test runs, where they differ.
Result<void> apply_selection(const Caller& caller, RunContext& context);

}  // namespace cleave::run
