#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// `cleave list`: programs with Cleave are asked for `--cleave-list=json`, others by the flags of their framework. An
/// Error of kind `nothing_to_run` when no program has a test.
Result<Done> run_list(const CommandWords& words);

}  // namespace cleave::cli
