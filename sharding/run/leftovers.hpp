#pragma once

#include <string>
#include <vector>

#include "plan/result.hpp"

namespace cleave::run {

/// What a run would leave behind if all of its processes died this moment: a file of the folder `left` beside the runs,
/// which outlives the run directory. A run takes its own away when it has cleaned up; the next run of the binary sweeps
/// those of runs whose keeper is dead.
class Leftovers {
 public:
  /// @param home as Caller::home.
  Leftovers(const std::string& home, const std::string& run_id) : path_(home + "/left/" + run_id) {}

  std::string keeper;                  ///< The key of the process that cleans up.
  std::vector<std::string> prefixes;   ///< Under which data may be.
  std::vector<std::string> processes;  ///< Keys of what fixtures started.

  void add_prefix(const std::string& prefix);
  void remove_prefix(const std::string& prefix);
  Result<void> store() const;
  /// Takes the file away when no prefix is left.
  Result<void> close() const;
  const std::string& path() const noexcept { return path_; }

  /// Of the runs of this binary whose keeper is dead.
  static std::vector<Leftovers> of_dead_runs(const std::string& home);

 private:
  std::string path_;
};

}  // namespace cleave::run
