#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave report`. The code is that of the run.
Result<Done> run_report(const CommandWords& words);

/// `cleave merge`. The code is that of all runs together.
Result<Done> run_merge(const CommandWords& words);

}  // namespace cleave::cli
