#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "os/file.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The folder <home>: `runs/<run id>/`, `latest`, `by-ctest/<key>` (which run a ctest process works on, and in
/// which process group it is), `last-failed` and `lock`. All that changes it happens under the lock.
class RunStore {
 public:
  explicit RunStore(std::string home) : home_(std::move(home)) {}

  /// Makes the folder and takes its lock until the FileLock goes.
  Result<os::FileLock> lock() const;
  /// Stores the run and points `latest` to it.
  Result<void> add(const RunContext& context) const;
  /// Reads what add() stored; the plan and constraints are left to plan_run().
  Result<RunContext> load(const std::string& run_id) const { return read(home_ + "/runs/" + run_id); }
  /// The same of a run directory, wherever it is.
  static Result<RunContext> read(const std::string& directory);

  /// The run of a ctest process, or an empty string.
  std::string run_of(const std::string& ctest_key) const;
  /// Remembers it, and forgets those of processes that are gone.
  Result<void> set_run_of(const std::string& ctest_key, const std::string& run_id) const;
  /// The unfinished run of a ctest process that is gone and was in this process's group, or an empty string. An entry
  /// that ctest started in the moment of its death finds it, and must not take its new parent for another ctest.
  std::string abandoned_run() const;

  /// The full names of the tests that were red when last run, sorted.
  std::vector<std::string> last_failed() const;
  /// Takes in what this run showed: red ones are added, green ones go, others stay.
  Result<void> update_last_failed(const report::RunReport& report) const;

  /// The old runs that are in excess when `newest` ends: the last 5 stay.
  std::vector<std::string> in_excess(const std::string& newest) const;
  /// Removes those that nobody works on. On a disk that takes them back at once that is a millisecond a file.
  void remove_runs(const std::vector<std::string>& run_ids) const;

 private:
  std::string home_;
};

/// The file of a run directory that RunPresence locks.
inline constexpr std::string_view kPresence = "alive";

/// Who a test is for the list of failures: suite and name, never its place.
std::string remembered_name(const plan::TestCase& test);

/// Held by every process that works on a run, for as long as it does.
class RunPresence {
 public:
  static Result<RunPresence> enter(const RunContext& context);
  /// Leaves; true when no other process works on the run. Then none enters until this object goes, so that a report
  /// that the last one writes is never older than another's.
  bool leave_as_last();

 private:
  os::FileLock lock_;
  std::string path_;
};

}  // namespace cleave::run
