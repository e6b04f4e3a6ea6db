#pragma once

#include <string>
#include <string_view>

#include "cli/program_kind.hpp"
#include "plan/result.hpp"
#include "plan/task_graph.hpp"

namespace cleave::cli {

/// Asks a test program with the plugin, whose file has these bytes, for its tests (`--cleave-list=json`) and makes a
/// graph of them. A program without the plugin is not started, because it would run its tests. What the program prints
/// to stderr goes to that of this process. An Error of kind `broken` says how a program ended that did not list; of
/// kind `nothing_to_run`, that it has no tests.
Result<plan::TaskGraph> read_program(const std::string& path, std::string_view bytes);

/// What a program with the plugin answers to `--cleave-list=json`, without what it printed before. Errors as those of
/// read_program(). @param settings the file of a call of cleave_add_shards(); empty: what is in the program.
Result<std::string> program_list_text(const std::string& path, const std::string& settings = "");

/// The tests of such a list, without running anything. `program` names it in errors.
Result<plan::TaskGraph> read_program_list(std::string_view text, const std::string& program);

}  // namespace cleave::cli
