#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::cli {

/// An option of a command as help, the manual page and completion tell it.
struct OptionSpec {
  std::string_view name;    ///< "--output".
  std::string_view letter;  ///< "-o", or empty.
  std::string_view value;   ///< "FILE", "text|json"; empty for one without a value.
  std::string_view help;    ///< One sentence without its end.

  /// The words that the value may be; none when it is free.
  std::vector<std::string_view> choices() const;
};

/// What may stand where a command has no option.
enum class Takes : unsigned char { nothing, words, files, folders };

/// A command of the tool: one table from which its words are read, its help and manual page are written, and a shell
/// learns to complete it.
struct CommandSpec {
  std::string_view name;            ///< "history merge" for a command of two words.
  std::string_view synopsis;        ///< What stands behind the name: "[-o FILE] RUN".
  std::string_view summary;         ///< One sentence.
  std::string_view text;            ///< What a newcomer has to know: paragraphs with an empty line between them.
  std::vector<OptionSpec> options;  ///< But for --help.
  std::vector<std::string_view> examples;
  Takes takes = Takes::files;
  std::size_t at_least = 1;      ///< How many words besides options.
  std::size_t at_most = 100000;  ///< The same.
};

/// All of them, in the order in which people are told of them.
const std::vector<CommandSpec>& all_commands();
/// Null when there is none of that name.
const CommandSpec* command_named(std::string_view name);

/// What `cleave COMMAND --help` prints for it.
std::string command_help(const CommandSpec& command);
/// The manual page cleave(1), in the macros of man(7).
std::string manual_page(std::string_view version);
/// What a shell sources to complete the tool's words; empty for a shell that is neither "bash" nor "zsh".
std::string completion_script(std::string_view shell);

}  // namespace cleave::cli
