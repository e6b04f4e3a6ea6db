#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave explain`.
Result<Done> run_explain(const CommandWords& words);

}  // namespace cleave::cli
