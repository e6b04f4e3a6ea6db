#include <algorithm>
#include <array>

#include "cli/run_request.hpp"
#include "plan/nearest.hpp"
#include "run/flags.hpp"

namespace cleave::cli {
namespace {

constexpr const char* kHelp =
    "Run the tests of many programs side by side, and tell of all of them at the end.\n"
    "\n"
    "Usage: cleave run [OPTIONS] PROGRAM... [-- ARGUMENTS]\n"
    "\n"
    "PROGRAMs are test programs of GoogleTest or Catch2 (2.13 or 3), with Cleave or\n"
    "without. Those with Cleave split themselves into shards. Of the others batches\n"
    "of tests run, each in a process of its own; a test that crashes or hangs is\n"
    "named, and the rest runs in another process. At no time run more than N tests.\n"
    "Tests tagged serial (without Cleave: those named SERIAL_..., and [serial] in\n"
    "Catch2) run while nothing else does. Catch2's tags lock:, weight:, memory:\n"
    "and priority: count without Cleave as well, and so do the rules of --config.\n"
    "ARGUMENTS go to every program.\n"
    "\n"
    "Options (each with a variable: CLEAVE_JOBS, CLEAVE_TIMEOUT and so on):\n"
    "  -j, --jobs N|auto           how many tests at a time (auto, the default: as\n"
    "                              many as CPUs may be used)\n"
    "  --filter GLOB               only tests whose names match: Suite.Name, or in\n"
    "                              Catch2 the name; * and ? as in a shell\n"
    "  --timeout D                 limit for one test: 250ms, 2s, 1m (default 10m)\n"
    "  --retries N                 run a test that failed up to N times more\n"
    "  --fail-fast[=k|k%]          stop after the first red test, after k, after k%\n"
    "  --flaky pass|fail           what a test that failed and then passed does\n"
    "  --isolation shard|suite|test   how much one process runs\n"
    "  --output fail|capture|stream   show output of failed tests, of none, of all\n"
    "  --config FILE               tags for tests of programs without Cleave: rules\n"
    "                              of a CONFIG file of cleave_add_shards()\n"
    "  --dir DIR                   put all reports below DIR/cleave\n"
    "  --cleave-...                any flag of programs with Cleave: see\n"
    "                              PROGRAM --cleave-help\n"
    "  -h, --help                  show this\n"
    "\n"
    "Reports: cleave/run/latest/junit.xml and report.json tell of all programs;\n"
    "cleave/<program>/latest beside each program of that one.\n"
    "\n"
    "Examples:\n"
    "  cleave run -j8 build/*_tests\n"
    "  cleave run --filter 'Store*' --retries 2 build/store_tests build/api_tests\n"
    "  cleave run build/*_tests -- --gtest_shuffle\n"
    "\n"
    "Exit status, the worst of all programs: 0 all passed; 1 tests failed; 2 usage or\n"
    "configuration; 3 the run itself broke; 4 nothing to run.\n";

/// Flags that people give to the tool without "cleave-".
constexpr std::array<std::string_view, 9> kOwn{"jobs",  "filter",    "timeout", "retries", "fail-fast",
                                               "flaky", "isolation", "output",  "dir"};
/// Flags of programs that mean nothing for many.
constexpr std::array<std::string_view, 3> kForOne{"list", "replay", "help"};

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

const run::Flag* flag_of(std::string_view name) {
  for (const run::Flag& flag : run::all_flags()) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

Error unknown(const std::string& word) {
  std::vector<std::string> spelled;
  for (const std::string_view name : kOwn) spelled.push_back("--" + std::string(name));
  spelled.emplace_back("--config");
  spelled.emplace_back("--help");
  const std::vector<std::string_view> candidates(spelled.begin(), spelled.end());
  const std::string near = plan::nearest(word.substr(0, word.find('=')), candidates);
  return usage("option '" + word + "' is unknown" +
               (near.empty() ? "; see cleave run --help; what is meant for the programs stands behind --"
                             : "; did you mean '" + near + "'?"));
}

/// A word that begins with '-', as "--cleave-NAME[=VALUE]"; takes a value from the next word where it needs one.
Result<std::string> spelled_out(const std::vector<std::string>& words, std::size_t& at) {
  const std::string& word = words[at];
  std::string name;
  std::string value;
  bool has_value = false;
  if (word.starts_with("-j") && !word.starts_with("--")) {
    name = "jobs";
    value = word.substr(word.starts_with("-j=") ? 3 : 2);
    has_value = word.size() > 2;
  } else if (word.starts_with("--")) {
    const bool ours = word.starts_with("--cleave-");
    const std::size_t begin = ours ? std::string_view("--cleave-").size() : 2;
    const std::size_t equals = word.find('=');
    name = word.substr(begin, equals == std::string::npos ? equals : equals - begin);
    has_value = equals != std::string::npos;
    if (has_value) value = word.substr(equals + 1);
    if (!ours && std::ranges::find(kOwn, name) == kOwn.end()) return unknown(word);
    if (std::ranges::find(kForOne, name) != kForOne.end())
      return usage("'" + word + "' is for one program: call it with that flag itself");
    // An unknown one is named by who reads them all.
    if (flag_of(name) == nullptr) return word;
  } else {
    return unknown(word);
  }
  if (!has_value && flag_of(name)->value == run::FlagValue::needed) {
    if (at + 1 >= words.size())
      return usage("--" + name + " needs a value: --" + name + "=" + std::string(flag_of(name)->legal));
    value = words[++at];
    has_value = true;
  }
  return "--cleave-" + name + (has_value ? "=" + value : "");
}

}  // namespace

std::string run_help() { return kHelp; }

Result<RunRequest> read_run_words(const std::vector<std::string>& words) {
  RunRequest request;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      request.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      break;
    }
    if (word == "-h" || word == "--help") {
      request.help = true;
      return request;
    }
    if (word.size() < 2 || word[0] != '-') {
      request.programs.push_back(word);
      continue;
    }
    if (word == "--config" || word.starts_with("--config=")) {
      const bool joined = word.size() > std::string_view("--config").size();
      if (!joined && at + 1 >= words.size()) return usage("--config needs a value: --config=FILE");
      request.config = joined ? word.substr(word.find('=') + 1) : words[++at];
      if (request.config.empty()) return usage("--config='' names no file");
      continue;
    }
    auto flag = spelled_out(words, at);
    if (!flag) return flag.error();
    request.flags.push_back(std::move(*flag));
  }
  for (const std::string& argument : request.arguments) {
    if (argument.starts_with("--cleave-"))
      return usage("argument '" + argument + "': flags of Cleave stand in front of --");
  }
  std::vector<std::string> strings{"cleave run"};
  strings.insert(strings.end(), request.flags.begin(), request.flags.end());
  std::vector<char*> argv;
  for (std::string& text : strings) argv.push_back(text.data());
  auto line = run::read_command_line(static_cast<int>(argv.size()), argv.data());
  if (!line) return line.error();
  request.options = std::move(line->options);
  if (request.options.entry.kind != run::Entry::Kind::none || !request.options.settings_file.empty())
    return usage("--cleave-entry and --cleave-settings are what CTest entries are called with");
  if (request.options.list || request.options.help || !request.options.replay.empty())
    return usage("CLEAVE_LIST, CLEAVE_HELP and CLEAVE_REPLAY are for one program");
  if (request.programs.empty()) return usage("no test program is given; see cleave run --help");
  return request;
}

}  // namespace cleave::cli
