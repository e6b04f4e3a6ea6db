#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave replay`: the line that runs the same tests in the same processes. With --run this process becomes that
/// program, and nothing is returned unless it cannot be started.
Result<Done> run_replay(const CommandWords& words);

}  // namespace cleave::cli
