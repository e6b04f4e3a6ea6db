#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave status`. Only reads. With --watch it prints until the run ends, and then returns the last words.
Result<Done> run_status(const CommandWords& words);

}  // namespace cleave::cli
