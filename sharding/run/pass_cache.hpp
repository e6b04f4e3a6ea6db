#pragma once

#include "report/model.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The file <home>/passes: which tests passed with this very program in these very surroundings (plan/passes.hpp). Used
/// with --cleave-cache only.
///
/// The key is a digest of the program's bytes, of the shared libraries that it has loaded (path, size, time of last
/// change), of its arguments but those that select tests or are about their output, of the environment except for
/// variables that change from shell to shell (PWD, SHLVL, …), and of the declared inputs (`inputs` of CONFIG: files,
/// folders with all in them, `env:NAME`).
///
/// Never taken from it, since a pass says less there: tests tagged `serial` or in quarantine, tests that were flaky
/// when they passed, and any test of a program that was built with a sanitizer.

/// Takes tests that passed before out of the run: context.times is 0 for them, context.cached true.
/// A warning on standard error says why nothing is taken, if so.
void take_cached(const Caller& caller, RunContext& context);

/// Keeps what passed in this run. An error says why it could not be written.
Result<void> keep_passes(const Caller& caller, const RunContext& context, const report::RunReport& report);

}  // namespace cleave::run
