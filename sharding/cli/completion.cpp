// What bash and zsh source to complete the tool's words, from the same table as help and the manual page.
#include "cli/command_table.hpp"

namespace cleave::cli {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

/// The options of a command, but for a name that stands for many.
std::vector<std::string_view> options_of(const CommandSpec& command) {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : command.options) {
    if (!option.name.ends_with("...")) names.push_back(option.name);
  }
  names.emplace_back("--help");
  return names;
}

/// A line of a shell's `case` for the words behind the option.
std::string value_case(const CommandSpec& command, const OptionSpec& option) {
  std::string pattern = "    \"" + std::string(command.name) + ":" + std::string(option.name) + "\"";
  if (!option.letter.empty()) pattern += "|\"" + std::string(command.name) + ":" + std::string(option.letter) + "\"";
  const auto choices = option.choices();
  if (!choices.empty()) return pattern + ") words=\"" + joined(choices) + "\" files= ;;\n";
  const bool files = option.value.find("FILE") != std::string_view::npos;
  const bool folders = option.value.find("DIR") != std::string_view::npos;
  return pattern + ") words= files=" + (files ? "f" : folders ? "d" : "") + " ;;\n";
}

/// The part that both shells share: sets `words` and `files` ("f", "d" or nothing) from `command`, `last` and `word`.
std::string cases() {
  std::string text = "  case \"$command\" in\n";
  std::vector<std::string_view> names;
  for (const CommandSpec& command : all_commands()) {
    const std::size_t blank = command.name.find(' ');
    if (blank == std::string_view::npos) names.push_back(command.name);
    std::string files = command.takes == Takes::files ? "f" : command.takes == Takes::folders ? "d" : "";
    std::string words = joined(options_of(command));
    if (command.takes == Takes::words) words += " bash zsh";
    text += "    \"" + std::string(command.name) + "\") words=\"" + words + "\" files=" + files + " ;;\n";
  }
  names.emplace_back("history");
  text += "    history) words=\"merge show --help\" files= ;;\n";
  text += "    *) words=\"" + joined(names) + " --help --version\" files= ;;\n  esac\n  case \"$command:$last\" in\n";
  for (const CommandSpec& command : all_commands()) {
    for (const OptionSpec& option : command.options) {
      if (!option.value.empty() && !option.value.starts_with('[')) text += value_case(command, option);
    }
  }
  return text + "  esac\n";
}

constexpr std::string_view kBash = R"(# Completion of cleave for bash: source <(cleave completion bash)
_cleave() {
  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command= words= files=
  if ((COMP_CWORD > 1)); then command=${COMP_WORDS[1]}; fi
  if [[ $command == history && $COMP_CWORD -gt 2 ]]; then command="history ${COMP_WORDS[2]}"; fi
  if [[ $word == '=' ]]; then word=
  elif [[ $last == '=' ]]; then last=${COMP_WORDS[COMP_CWORD-2]}; fi
)";

constexpr std::string_view kBashEnd = R"(  [[ -n $files && $word != -* ]] && words=
  COMPREPLY=()
  local one
  while IFS= read -r one; do COMPREPLY+=("$one"); done < <(
    compgen -W "$words" -- "$word"
    [[ -n $files && $word != -* ]] && compgen -$files -- "$word"
  )
  [[ -n $files ]] && compopt -o filenames 2>/dev/null
  return 0
}
complete -F _cleave cleave
)";

constexpr std::string_view kZsh = R"(# Completion of cleave for zsh: source <(cleave completion zsh)
_cleave() {
  local word=${words[CURRENT]} last=${words[CURRENT-1]} command= files=
  if ((CURRENT > 2)); then command=${words[2]}; fi
  if [[ $command == history && $CURRENT -gt 3 ]]; then command="history ${words[3]}"; fi
  if [[ $word == --*=* ]]; then last=${word%%=*} word=${word#*=}; compset -P '*='; fi
  () {
  local words=
)";

constexpr std::string_view kZshEnd = R"(  if [[ -n $files && $word != -* ]]; then
    if [[ $files == d ]]; then _files -/; else _files; fi
  else
    compadd -- ${=words}
  fi
  }
}
compdef _cleave cleave
)";

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return std::string(kBash) + cases() + std::string(kBashEnd);
  if (shell == "zsh") return std::string(kZsh) + cases() + std::string(kZshEnd);
  return "";
}

}  // namespace cleave::cli
