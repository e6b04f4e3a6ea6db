#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave clean`.
Result<Done> run_clean(const CommandWords& words);

}  // namespace cleave::cli
