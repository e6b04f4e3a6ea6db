#pragma once

#include "cli/command_words.hpp"
#include "cli/done.hpp"

namespace cleave::cli {

/// True for a command that run_tool() knows.
bool is_tool_command(std::string_view name);

/// Does what the words say. An Error means that nothing was done.
Result<Done> run_tool(const CommandWords& words);

}  // namespace cleave::cli
