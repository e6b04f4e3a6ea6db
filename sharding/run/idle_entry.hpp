#pragma once

#include <string>

#include "run/run_context.hpp"

namespace cleave::run {

/// CTest starts every entry, also those for which nothing is left: with -j2 two of eight shards run all tests, and the
/// other six come later. What such an entry has to do is known before it starts, so that it does it before anything of
/// the program has run: the constructors of a large one can take longer than its tests.

/// Leaves word for the entries of `part` that come later: they end at once, as if they had looked at the queue. To be
/// called by the run's begin, and by an entry whose first execution is through.
/// Only where an idle entry does nothing else: not for a run without a begin, with fixtures or hooks, where parts wait
/// for one another, or where somebody follows the events. Whether it worked out is nobody's business: an entry that
/// finds no word starts as any other.
/// @param reports an entry that is at work now writes the report; if not, entries are idle only once there is one,
/// because the last one out has to write it.
/// @pre nothing of the part is free in the run's first queue, and the run was not stopped
void tell_idle(const Caller& caller, const RunContext& context, const std::string& part, bool reports);

/// Ends this process with status 0 when it is an entry for which there is such a word, and which has not been executed
/// in this run: it has its journal then, and says that it ran no test. Returns in every other process; in those without
/// --cleave-entry before it does anything. May be called before the program's constructors and those of its libraries
/// have run: it uses nothing that they make, and no variable of the environment but those in `envp`.
void end_if_idle(int argc, char** argv, char** envp);

}  // namespace cleave::run
