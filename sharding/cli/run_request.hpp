#pragma once

#include <string>
#include <vector>

#include "plan/result.hpp"
#include "run/options.hpp"

namespace cleave::cli {

/// `cleave run`.
struct RunRequest {
  std::vector<std::string> programs;   ///< As written; at least one.
  std::vector<std::string> arguments;  ///< For each program, from behind `--`.
  run::Options options;                ///< What flags and variables say.
  std::vector<std::string> flags;      ///< All flags as programs with Cleave want them: "--cleave-timeout=2s".
  std::string config;                  ///< A file with rules for programs without Cleave; empty: none.
  bool help = false;
};

/// Reads the words behind `cleave run`. An Error of kind `usage` names the word, what is legal and the nearest flag.
Result<RunRequest> read_run_words(const std::vector<std::string>& words);

/// What `cleave run --help` prints.
std::string run_help();

/// Runs all programs and tells of them on standard output. The value is the exit code. An Error means that nothing was
/// run.
Result<int> run_programs(const RunRequest& request);

}  // namespace cleave::cli
