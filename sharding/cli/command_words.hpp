#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.hpp"
#include "plan/result.hpp"

namespace cleave::cli {

/// What a user wrote behind the name of a command.
struct CommandWords {
  const CommandSpec* command = nullptr;
  std::map<std::string, std::string, std::less<>> options;  ///< By "--name"; empty for one without a value.
  std::vector<std::string> words;                           ///< What is no option, in order.
  bool help = false;

  bool has(std::string_view option) const { return options.find(option) != options.end(); }
  /// The value, or what stands for it when the option was not given.
  std::string value(std::string_view option, const std::string& otherwise = "") const {
    const auto found = options.find(option);
    return found == options.end() ? otherwise : found->second;
  }
};

/// Reads words by the table: "--name value", "--name=value", "-o value", "-oVALUE"; what stands behind "--" is no
/// option. An Error of kind `usage` names the word, what is legal, and what is near.
Result<CommandWords> read_command_words(const CommandSpec& command, const std::vector<std::string>& arguments);

}  // namespace cleave::cli
