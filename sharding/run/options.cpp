// No option library here, and no other library in all of sharding/{plan,run,report,os}: this archive is linked into other
// people's programs. The weak symbols of a header-only library would take the place of theirs in another version, which
// crashed a program whose own library used CLI11, even without a flag of ours.
#include "run/options.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <string_view>

#include "os/machine.hpp"
#include "plan/nearest.hpp"

namespace cleave::run {
namespace {

/// A flag that people use. `value` empty: it takes none.
struct Flag {
  std::string_view name;
  std::string_view variable;
  std::string_view value;
  std::string_view help;
};

constexpr std::array kFlags{
    Flag{"jobs", "CLEAVE_JOBS", "N|auto", "run here over N shards (1 to 1024); auto: as many as CPUs may be used"},
    Flag{"list", "CLEAVE_LIST", "json", "show what would run, with tags; =json for programs"},
    Flag{"timeout", "CLEAVE_TIMEOUT", "D", "limit for one test, for example 250ms, 2s, 1m (default 10m; 0: none)"},
    Flag{"isolation", "CLEAVE_ISOLATION", "shard|suite|test", "how much one worker process runs (default shard)"},
    Flag{"output", "CLEAVE_OUTPUT", "fail|capture|stream",
         "show output of failed tests (default), of none, or of all as it comes"},
    Flag{"seed", "CLEAVE_SEED", "S", "seed for shuffled orders, 1 to 99999, the same in all shards"},
    Flag{"dir", "CLEAVE_DIR", "DIR", "put cleave/<target> with reports there instead of beside the binary"},
    Flag{"help", "CLEAVE_HELP", "", "show this"},
};
/// Flags that cleave_add_shards() writes into CTest entries.
constexpr std::array<std::string_view, 3> kEntryFlags{"entry", "settings", "tree"};

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

/// Decimal digits only, the whole of the text.
bool read_number(std::string_view text, std::uint32_t low, std::uint32_t high, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= low && number <= high;
}

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

Result<void> convert(const std::map<std::string, std::string>& values, Options& options) {
  for (const auto& [name, value] : values) {
    const std::string spelled = "--cleave-" + name + "='" + value + "'";
    if (name == "jobs") {
      if (value == "auto") {
        options.jobs_auto = true;
      } else if (!read_number(value, 1, 1024, options.jobs)) {
        return usage(spelled + " is not auto or a number from 1 to 1024");
      }
    } else if (name == "list") {
      options.list = true;
      options.list_json = value == "json";
      if (!value.empty() && value != "json" && value != "1") return usage(spelled + " is not empty or json");
    } else if (name == "timeout") {
      auto duration = plan::parse_duration(value);
      if (!duration) return usage(spelled + ": " + duration.error().what);
      options.test_timeout = *duration;
    } else if (name == "isolation") {
      auto isolation = plan::parse_isolation(value);
      if (!isolation) return usage(spelled + ": " + isolation.error().what);
      options.has_isolation = true;
      options.isolation = *isolation;
    } else if (name == "output") {
      if (value != "fail" && value != "capture" && value != "stream") {
        return usage(spelled + " is not fail, capture or stream");
      }
      options.output = value;
    } else if (name == "seed") {
      if (!read_number(value, 1, 99999, options.seed)) {
        return usage(spelled + " is not a number from 1 to 99999");
      }
    } else if (name == "dir") {
      if (value.empty()) return usage("--cleave-dir is empty");
      options.dir = value;
    } else if (name == "help") {
      options.help = true;
    } else if (name == "entry") {
      auto entry = parse_entry(value);
      if (!entry) return entry.error();
      options.entry = *entry;
    } else if (name == "settings") {
      options.settings_file = value;
    } else if (name == "tree") {
      options.tree = value;
    }
  }
  return {};
}

/// Every flag as "--cleave-x", for the search of the nearest.
std::vector<std::string> spelled_flags() {
  std::vector<std::string> all;
  for (const Flag& flag : kFlags) all.push_back("--cleave-" + std::string(flag.name));
  return all;
}

Result<void> check_known(const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  const std::vector<std::string> all = spelled_flags();
  const bool has_value = argument.find('=') != std::string::npos;
  for (const Flag& flag : kFlags) {
    if (name != "--cleave-" + std::string(flag.name)) continue;
    const bool optional = flag.name == "list" || flag.value.empty();
    if (!has_value && !optional) return usage(name + " needs a value: " + name + "=" + std::string(flag.value));
    if (has_value && flag.value.empty()) return usage(name + " takes no value");
    return {};
  }
  for (const std::string_view flag : kEntryFlags) {
    if (name == "--cleave-" + std::string(flag) && has_value) return {};
  }
  const std::vector<std::string_view> candidates(all.begin(), all.end());
  const std::string near = plan::nearest(name, candidates);
  return usage("unknown flag '" + name + "'" + (near.empty() ? "; see --cleave-help" : "; did you mean " + near + "?"));
}

}  // namespace

bool wants_cleave(int argc, char** argv, char** envp) noexcept {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--cleave-")) return true;
  }
  for (char** entry = envp; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!text.starts_with("CLEAVE_")) continue;
    for (const Flag& flag : kFlags) {
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
  std::map<std::string, std::string> values;
  for (const Flag& flag : kFlags) {
    const auto value = os::environment(std::string(flag.variable).c_str());
    if (!value) continue;
    line.any = true;
    // An empty variable is as good as none: CI systems pass those on.
    if (value->empty() || (flag.value.empty() && *value == "0")) continue;
    if (flag.name == "list" && *value == "0") continue;
    values[std::string(flag.name)] = *value;
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
    values[name.substr(0, equals)] = equals == std::string::npos ? "" : name.substr(equals + 1);
  }

  if (auto converted = convert(values, line.options); !converted) return converted.error();
  return line;
}

std::vector<std::string> flag_variables() {
  std::vector<std::string> all{"CLEAVE_WORKER"};
  for (const Flag& flag : kFlags) all.emplace_back(flag.variable);
  return all;
}

std::string help_text(const std::string& program) {
  std::string text = "Usage: " + program +
                     " [--cleave-FLAG…] [the framework's own arguments]\n\n"
                     "Runs the tests of this binary in several processes at once. Tests tagged serial run alone,\n"
                     "every shard has its own CLEAVE_PREFIX, CLEAVE_TMPDIR and ports, and one report comes out, in\n"
                     "cleave/<target>/latest beside the binary. Without a flag or variable of Cleave the binary is\n"
                     "what it was. The framework's arguments (filters, --gtest_repeat, -r junit -o FILE …) keep their\n"
                     "meaning for the run as a whole.\n\n";
  for (const Flag& flag : kFlags) {
    std::string left = "  --cleave-" + std::string(flag.name);
    if (flag.name == "list") {
      left += "[=json]";
    } else if (!flag.value.empty()) {
      left += "=" + std::string(flag.value);
    }
    if (left.size() < 30) left.resize(30, ' ');
    text += left + (left.size() > 30 ? "\n" + std::string(30, ' ') : "") + " " + std::string(flag.help) + "\n";
  }
  text +=
      "\nEvery flag has a variable: --cleave-jobs=8 is CLEAVE_JOBS=8. A flag wins over its variable.\n"
      "Exit status: 0 all passed; 1 tests failed; 2 usage or configuration; 3 the run itself broke; 4 nothing to "
      "run.\n";
  return text;
}

}  // namespace cleave::run
