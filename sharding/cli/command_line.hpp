#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_words.hpp"
#include "cli/plan_view.hpp"
#include "cli/run_request.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// `cleave plan`.
struct PlanRequest {
  enum class Format : std::uint8_t { text, dot, json };
  std::string source;                ///< A task file or a test program.
  std::vector<std::uint32_t> lanes;  ///< Each once, in the order asked for; empty: as many as CPUs may be used.
  Format format = Format::text;
  TextParts parts;
};

/// `cleave history merge`.
struct HistoryMergeRequest {
  std::string out;
  std::vector<std::string> in;  ///< At least one.
};

/// Something to say and nothing to do: help, version.
struct Message {
  std::string text;
};

using Command = std::variant<Message, PlanRequest, HistoryMergeRequest, RunRequest, CommandWords>;

/// Reads the arguments behind the program's name. An Error of kind `usage` names the argument, what is legal, and the
/// nearest command or option where one is near.
Result<Command> read_command_line(std::vector<std::string> arguments);

}  // namespace cleave::cli
