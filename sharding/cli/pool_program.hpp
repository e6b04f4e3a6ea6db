#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/plain_job.hpp"
#include "cli/plain_run.hpp"
#include "cli/run_request.hpp"
#include "report/model.hpp"
#include "run/run_context.hpp"
#include "run/run_store.hpp"

namespace cleave::cli {

/// One of the programs of a `cleave run`.
struct PoolProgram {
  std::string given;  ///< As the user wrote it.
  std::string name;   ///< The file's name, with as much of its folder as makes it different from the others.
  std::string path;   ///< Absolute.
  bool sharded = false;

  /// @name Of a program without Cleave that has tests to run.
  /// @{
  PlainProgram plain;
  ListedProgram listed;  ///< Until prepare_plain() takes it.
  std::unique_ptr<PlainRun> run;
  run::RunContext context;  ///< Of its own run directory.
  std::optional<run::RunPresence> presence;
  std::string home;
  std::uint32_t selected = 0;
  std::uint32_t jobs = 0;  ///< Processes that run now.
  /// @}

  bool started = false;
  bool ended = false;
  int code = 0;              ///< When it has ended: an ExitCode.
  report::RunReport report;  ///< Then; without tests when there is none.
  std::uint32_t red = 0;     ///< Tests that are known to be red.
};

/// The programs with their kinds, names and absolute paths. An Error of kind `usage` for the first that cannot be run,
/// for one that is named twice, and for flags that need Cleave in a program that has none.
Result<std::vector<PoolProgram>> pool_of(const RunRequest& request);

/// Asks a program without Cleave for its tests. It has ended at once when it cannot be listed; its report then says so.
/// An Error of kind `usage` for tags that are malformed.
Result<void> list_plain(PoolProgram& program, const RunRequest& request, const PlainRules& rules);

/// The rules for programs without Cleave; none when no file is given.
Result<PlainRules> rules_of(const RunRequest& request);
/// An Error of kind `usage` for the first rule that matches no test of any of them.
Result<void> check_rules(const PlainRules& rules, const std::vector<PoolProgram>& programs);

/// Makes the run directory of a program without Cleave that is listed. It has ended at once where it has nothing to
/// run; its report then says so.
/// @param lanes how many tests run at a time.
Result<void> prepare_plain(PoolProgram& program, const RunRequest& request, std::uint32_t lanes);

/// Where and how the next process of a program without Cleave runs.
/// @param slots the path of the job slots' FIFO, or empty.
Result<JobPlace> place_of(const PoolProgram& program, std::uint32_t lane, const Batch& batch, const std::string& slots,
                          const RunRequest& request);

/// Writes what a program without Cleave leaves behind: reports, history, what failed. It has ended then.
Result<void> finish_plain(PoolProgram& program, report::Nanoseconds wall, const std::string& interrupted_by);

/// Takes in how a program with Cleave ended. `directory` is that of its run; empty when it did not tell.
void finish_sharded(PoolProgram& program, const os::ExitStatus& status, const std::string& directory,
                    const RunRequest& request);

/// The program ends with this problem and code.
void end_with(PoolProgram& program, const std::string& problem, int code);

}  // namespace cleave::cli
