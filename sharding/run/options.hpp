#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/result.hpp"
#include "plan/settings.hpp"

namespace cleave::run {

/// The exit codes of every command: see also report::exit_code_of().
enum ExitCode : int { kGreen = 0, kRed = 1, kUsage = 2, kBroken = 3, kNothingToRun = 4 };

/// Which CTest entry this process is, if any.
struct Entry {
  enum class Kind : std::uint8_t { none, begin, shard, serial, lock, locks, end };
  Kind kind = Kind::none;
  std::uint32_t index = 0;  ///< Of a shard.
  std::uint32_t count = 0;  ///< How many shards were registered.
  std::string lock;         ///< For `lock:NAME`.
};

/// automatic: where standard output is a terminal that shows colours, and NO_COLOR is not set.
enum class Colour : std::uint8_t { automatic, always, never };

/// How much is shown of a run while it goes on, and of a green one at its end.
enum class LogLevel : std::uint8_t {
  quiet,    ///< What failed, and the last word.
  normal,   ///< The live status as well, what runs after a long silence, and the reports.
  verbose,  ///< Each test too when it has ended, and the slowest ones.
};

/// What the flags and variables ask for. A flag wins over its variable, both over the settings of CMake, and these over
/// the file that CONFIG names.
struct Options {
  bool help = false;
  bool list = false;
  bool list_json = false;
  std::uint32_t jobs = 0;  ///< 0: not stated.
  bool jobs_auto = false;
  std::chrono::nanoseconds test_timeout{-1};  ///< Negative: not stated.
  bool has_isolation = false;
  plan::Isolation isolation = plan::Isolation::shard;
  std::string output = "fail";  ///< "fail", "capture" or "stream".
  std::string events;           ///< A file, or "fd:N" for an open descriptor; empty: nowhere.
  LogLevel log = LogLevel::normal;
  Colour colour = Colour::automatic;
  std::chrono::nanoseconds heartbeat{std::chrono::seconds(15)};  ///< Zero: silence is not told of.
  std::string dir;                                               ///< Empty: beside the binary.
  std::string stacks = "auto";   ///< "auto", "off", or a program that prints the stacks of a process.
  std::uint32_t seed = 0;        ///< 0: not stated.
  plan::FailureLimit fail_fast;  ///< Both zero with has_fail_fast: never, whatever the settings say.
  bool has_fail_fast = false;
  std::int32_t retries = -1;  ///< Negative: not stated.
  bool has_flaky = false;
  plan::FlakyPolicy flaky = plan::FlakyPolicy::pass;
  bool rerun_failed = false;
  std::string filter;                    ///< A glob over the names of tests; empty: all.
  std::string replay;                    ///< A file with an order; empty: none.
  double max_load = 0;                   ///< 0: not stated.
  std::chrono::nanoseconds stagger{-1};  ///< Negative: not stated.
  std::uint32_t repeat = 0;              ///< 0: not stated.
  bool until_fail = false;               ///< The repetitions end with the first red one.
  std::uint32_t verify = 0;              ///< How often new and changed tests run; 0: as often as the others.
  bool cache = false;
  Entry entry;
  std::string settings_file;
  std::string tree;  ///< The folder that all binaries of one build tree share.
};

/// Flags and variables split from what belongs to the framework.
struct CommandLine {
  Options options;
  std::vector<std::string> framework_arguments;  ///< argv without cleave flags; [0] is the program.
  bool any = false;                              ///< A cleave flag or variable is there.
};

/// True when a flag or a variable of Cleave is there at all; everything else may stay undone when not. Allocates
/// nothing.
bool wants_cleave(int argc, char** argv, char** envp) noexcept;

/// Reads flags (argv) and variables (environment). An error of kind `usage` names the flag or variable, the value and
/// the legal range; for an unknown flag it names the nearest one.
Result<CommandLine> read_command_line(int argc, char** argv);

/// The variables that stand for flags, to be taken out of a worker's environment, so that a sharded binary started by a
/// test is not sharded by accident.
std::vector<std::string> flag_variables();

/// What --cleave-help prints.
std::string help_text(const std::string& program);

}  // namespace cleave::run
