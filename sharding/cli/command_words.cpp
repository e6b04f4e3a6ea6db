#include "cli/command_words.hpp"

#include <algorithm>

#include "plan/nearest.hpp"

namespace cleave::cli {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

std::string called(const CommandSpec& command) { return "cleave " + std::string(command.name); }

Error unknown(const CommandSpec& command, const std::string& word) {
  std::vector<std::string_view> known;
  for (const OptionSpec& option : command.options) known.push_back(option.name);
  known.emplace_back("--help");
  const std::string near = plan::nearest(word.substr(0, word.find('=')), known);
  return usage("option '" + word + "' is unknown" +
               (near.empty() ? "; see " + called(command) + " --help" : "; did you mean '" + near + "'?"));
}

Result<void> check_value(const OptionSpec& option, const std::string& value) {
  const std::string name(option.name);
  if (value.empty()) return usage(name + ": the value is missing: " + name + " " + std::string(option.value));
  const auto choices = option.choices();
  if (choices.empty() || std::ranges::find(choices, value) != choices.end()) return {};
  std::string legal;
  for (const std::string_view choice : choices) {
    if (!legal.empty()) legal += choice == choices.back() ? " or " : ", ";
    legal += choice;
  }
  return usage(name + "='" + value + "' is not " + legal);
}

}  // namespace

Result<CommandWords> read_command_words(const CommandSpec& command, const std::vector<std::string>& arguments) {
  CommandWords read;
  read.command = &command;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    if (word == "--") {
      read.words.insert(read.words.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
      break;
    }
    if (word == "-h" || word == "--help") {
      read.help = true;
      return read;
    }
    if (word.size() < 2 || word[0] != '-') {
      read.words.push_back(word);
      continue;
    }
    const bool is_long = word.starts_with("--");
    const std::size_t equals = is_long ? word.find('=') : std::string::npos;
    const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
    const auto option = std::ranges::find_if(
        command.options, [&](const OptionSpec& one) { return is_long ? one.name == name : one.letter == name; });
    if (option == command.options.end()) return unknown(command, word);
    const std::string key(option->name);
    if (read.has(key)) return usage("option '" + word + "': " + key + " is given twice");
    bool has_value = is_long ? equals != std::string::npos : word.size() > 2;
    std::string value = is_long ? (has_value ? word.substr(equals + 1) : "") : word.substr(2);
    if (option->value.empty()) {
      if (has_value) return usage("option '" + word + "': " + key + " has no value");
    } else {
      if (!has_value && at + 1 < arguments.size()) value = arguments[++at];
      if (auto legal = check_value(*option, value); !legal) return legal.error();
    }
    read.options.emplace(key, std::move(value));
  }
  const std::string see = "; see " + called(command) + " --help";
  if (read.words.size() < command.at_least)
    return usage(called(command) + " needs " + std::string(command.synopsis) + see);
  if (read.words.size() > command.at_most)
    return usage("argument '" + read.words[command.at_most] + "' is one too many" + see);
  return read;
}

}  // namespace cleave::cli
