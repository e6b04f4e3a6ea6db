// No option library here, and no other library in all of sharding/{plan,run,report,os}: this archive is linked into
// other people's programs. The weak symbols of a header-only library would take the place of theirs in another version,
// which crashed a program whose own library used CLI11, even without a flag of ours.
#include "run/options.hpp"

#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include "os/machine.hpp"
#include "plan/nearest.hpp"
#include "run/flags.hpp"

namespace cleave::run {
namespace {

/// Flags that cleave_add_shards() writes into CTest entries.
constexpr std::array<std::string_view, 3> kEntryFlags{"entry", "settings", "tree"};

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

Result<Entry> parse_entry(const std::string& text) {
  Entry entry;
  if (text == "begin") {
    entry.kind = Entry::Kind::begin;
  } else if (text == "end") {
    entry.kind = Entry::Kind::end;
  } else if (text == "serial") {
    entry.kind = Entry::Kind::serial;
  } else if (text == "locks") {
    entry.kind = Entry::Kind::locks;
  } else if (text.starts_with("lock:")) {
    entry.kind = Entry::Kind::lock;
    entry.lock = text.substr(5);
    if (auto valid = plan::check_lock_name(entry.lock); !valid) return valid.error();
  } else {
    entry.kind = Entry::Kind::shard;
    char end = 0;
    if (std::sscanf(text.c_str(), "shard:%u/%u%c", &entry.index, &entry.count, &end) != 2 || entry.count < 1 ||
        entry.count > 1024 || entry.index >= entry.count) {
      return usage("--cleave-entry='" + text +
                   "' is not begin, shard:I/N (0 <= I < N <= 1024), serial, lock:NAME, locks or end");
    }
  }
  return entry;
}

/// A value and where it comes from.
struct Given {
  std::string value;
  std::string source;  ///< "--cleave-jobs" or "CLEAVE_JOBS".
};
using Values = std::map<std::string, Given, std::less<>>;

Result<void> convert(const Values& values, Options& options) {
  for (const Flag& flag : all_flags()) {
    const auto given = values.find(flag.name);
    if (given == values.end()) continue;
    if (auto read = flag.read(given->second.value, options); !read) {
      return usage(given->second.source + "=" + read.error().what);
    }
  }
  for (const auto& [name, given] : values) {
    if (name == "entry") {
      auto entry = parse_entry(given.value);
      if (!entry) return entry.error();
      options.entry = *entry;
    } else if (name == "settings") {
      options.settings_file = given.value;
    } else if (name == "tree") {
      options.tree = given.value;
    }
  }
  return {};
}

/// Every flag as "--cleave-x", for the search of the nearest.
std::vector<std::string> spelled_flags() {
  std::vector<std::string> all;
  for (const Flag& flag : all_flags()) all.push_back(flag.spelled());
  return all;
}

Result<void> check_known(const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  const std::vector<std::string> all = spelled_flags();
  const bool has_value = argument.find('=') != std::string::npos;
  for (const Flag& flag : all_flags()) {
    if (name != flag.spelled()) continue;
    if (!has_value && flag.value == FlagValue::needed) {
      return usage(name + " needs a value: " + name + "=" + std::string(flag.legal));
    }
    if (has_value && flag.value == FlagValue::none) return usage(name + " takes no value");
    return {};
  }
  for (const std::string_view flag : kEntryFlags) {
    if (name == "--cleave-" + std::string(flag) && has_value) return {};
  }
  const std::vector<std::string_view> candidates(all.begin(), all.end());
  const std::string near = plan::nearest(name, candidates);
  return usage("unknown flag '" + name + "'" + (near.empty() ? "; see --cleave-help" : "; did you mean " + near + "?"));
}

/// An empty variable is as good as none: CI systems pass those on. 0 is none where a flag needs no value, but for
/// fail-fast, for which it is one.
Result<void> read_variable(const Flag& flag, const std::string& value, Values& values) {
  const std::string variable(flag.variable);
  const bool is_switch = flag.value == FlagValue::none || flag.name == "list";
  if (value.empty() || (is_switch && value == "0")) return {};
  if (flag.value == FlagValue::none && value != "1") return usage(variable + "='" + value + "' is not 0 or 1");
  values[std::string(flag.name)] = {value, variable};
  return {};
}

/// The flag with its value, and what it does in a second column.
std::string help_of(const Flag& flag) {
  constexpr std::size_t kColumn = 34;
  std::string left = "  " + flag.spelled();
  if (flag.value == FlagValue::optional) left += "[=" + std::string(flag.legal) + "]";
  if (flag.value == FlagValue::needed) left += "=" + std::string(flag.legal);
  left += left.size() < kColumn ? std::string(kColumn - left.size(), ' ') : "\n" + std::string(kColumn, ' ');
  return left + std::string(flag.help) + "\n";
}

}  // namespace

bool wants_cleave(int argc, char** argv, char** envp) noexcept {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--cleave-")) return true;
  }
  for (char** entry = envp; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!text.starts_with("CLEAVE_")) continue;
    for (const Flag& flag : all_flags()) {
      if (text.starts_with(flag.variable) && text.size() > flag.variable.size() && text[flag.variable.size()] == '=') {
        return true;
      }
    }
    if (text.starts_with("CLEAVE_WORKER=")) return true;
  }
  return false;
}

Result<CommandLine> read_command_line(int argc, char** argv) {
  CommandLine line;
  Values values;
  for (const Flag& flag : all_flags()) {
    const auto value = os::environment(std::string(flag.variable).c_str());
    if (!value) continue;
    line.any = true;
    if (auto read = read_variable(flag, *value, values); !read) return read.error();
  }
  for (int i = 0; i < argc; ++i) {
    const std::string argument = argv[i];
    if (i == 0 || !argument.starts_with("--cleave-")) {
      line.framework_arguments.push_back(argument);
      continue;
    }
    if (auto known = check_known(argument); !known) return known.error();
    line.any = true;
    const std::string name = argument.substr(std::string_view("--cleave-").size());
    const auto equals = name.find('=');
    values[name.substr(0, equals)] = {equals == std::string::npos ? "" : name.substr(equals + 1),
                                      argument.substr(0, argument.find('='))};
  }

  if (auto converted = convert(values, line.options); !converted) return converted.error();
  return line;
}

std::vector<std::string> flag_variables() {
  std::vector<std::string> all{"CLEAVE_WORKER", "CLEAVE_POOL"};
  for (const Flag& flag : all_flags()) all.emplace_back(flag.variable);
  return all;
}

std::string help_text(const std::string& program) {
  std::string text = "Usage: " + program +
                     " [--cleave-FLAG…] [the framework's own arguments]\n\n"
                     "Runs the tests of this binary in several processes at once. Tests tagged serial run alone,\n"
                     "every shard has its own CLEAVE_PREFIX, CLEAVE_TMPDIR and ports, and one report comes out, in\n"
                     "cleave/<target>/latest beside the binary. Without a flag or variable of Cleave the binary is\n"
                     "what it was. The framework's arguments (filters, --gtest_repeat, -r junit -o FILE …) keep their\n"
                     "meaning for the run as a whole.\n";
  for (const Flag& flag : all_flags()) {
    if (!flag.group.empty()) text += "\n" + std::string(flag.group) + ":\n";
    text += help_of(flag);
  }
  text +=
      "\nEvery flag has a variable: --cleave-jobs=8 is CLEAVE_JOBS=8. A flag wins over its variable.\n"
      "Exit status: 0 all passed; 1 tests failed; 2 usage or configuration; 3 the run itself broke; 4 nothing to "
      "run.\n";
  return text;
}

}  // namespace cleave::run
