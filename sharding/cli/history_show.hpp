#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave history show`. Only reads.
Result<Done> run_history_show(const CommandWords& words);

}  // namespace cleave::cli
