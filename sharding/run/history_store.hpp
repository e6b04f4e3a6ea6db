#pragma once

#include <chrono>
#include <string>

#include "os/file.hpp"
#include "plan/history.hpp"
#include "report/model.hpp"

namespace cleave::run {

/// What was found, and what to tell the user about it.
struct LoadedHistory {
  plan::History history;
  std::string warning;  ///< One line; empty when all is well.
};

/// The same for what the tests of a program are expected to cost.
struct LoadedCosts {
  plan::Costs costs;
  std::string warning;
};

/// The file <home>/history: what former runs of one test program showed (plan/history.hpp). It is only ever replaced as
/// a whole, under <home>/history.lock, so that any number of processes may read and record at once. Deleting it is
/// safe: the next run begins a new one. A file that cannot be understood is kept as `history.bad`, one at a time.
class HistoryStore {
 public:
  /// @param patience how long to wait for the lock. A holder needs milliseconds; one that was stopped in that moment
  /// must not hold up every run behind it.
  explicit HistoryStore(const std::string& home, std::chrono::milliseconds patience = std::chrono::seconds(10))
      : path_(home + "/history"), patience_(patience) {}

  /// Never fails: without a file, or with one that is corrupt, foreign or of another version, the history is empty.
  LoadedHistory load() const;
  /// plan::costs_of() the same history.
  LoadedCosts load_costs(const plan::TestList& list) const;

  /// Takes in a finished run, and forgets tests that are long gone. Safe to call again for a run that has gone on: what
  /// `run_directory` remembers as taken does not count twice. Returns a warning as load() does. An error says why
  /// nothing was kept; the file is as it was.
  Result<std::string> record(const report::RunReport& report, const std::string& run_directory, plan::Day today) const;

 private:
  Result<os::FileLock> lock() const;
  /// Under the lock: puts a file that is no history aside. An error when it cannot be read or not be put aside.
  Result<LoadedHistory> load_locked() const;
  /// As record(), for any file that is there.
  Result<std::string> record_anew(const report::RunReport& report, const plan::Observations& seen,
                                  plan::Day today) const;
  std::string path_;
  std::chrono::milliseconds patience_;
};

/// Forgets what a run remembers for record(): once nobody works on it any more.
void forget_taken(const std::string& run_directory);

}  // namespace cleave::run
