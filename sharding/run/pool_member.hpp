#pragma once

#include <string>

#include "os/file.hpp"
#include "os/process.hpp"
#include "plan/result.hpp"

namespace cleave::run {

/// The variable that `cleave run` sets for the programs that it starts: the folder that they share. Workers do not see
/// it.
inline constexpr const char* kPoolVariable = "CLEAVE_POOL";
/// In that folder: a lock that whoever runs tests holds shared, and whoever runs serial ones alone.
inline constexpr const char* kPoolGate = "/gate";
/// In that folder: a folder of files by pid, each with the path of the run directory of the program with that pid.
inline constexpr const char* kPoolReports = "/reports/";

/// In that folder: a folder of files, each with the path of the run directory of a program that has begun.
inline constexpr const char* kPoolRuns = "/runs/";

/// This process as one of the programs of a `cleave run`: they share locks, ports and job slots, serial tests of one
/// run while no test of another does, and the tool tells of all of them at the end.
class PoolMember {
 public:
  PoolMember();

  /// False in a run of one program.
  bool any() const noexcept { return !folder_.empty(); }
  const std::string& folder() const noexcept { return folder_; }
  /// Waits until no other program of the pool runs serial tests or, for `alone`, any test. After a signal it waits no
  /// longer.
  void enter(bool alone, os::SignalWatch& signals);
  /// Lets others in.
  void leave() noexcept { gate_.release(); }
  /// Where this process's run is, for those who look on, as soon as it has begun. What cannot be told is no harm.
  void tell_run(const std::string& directory) const;
  /// Where the reports of this process's run are.
  Result<void> tell_report(const std::string& directory) const;

 private:
  std::string folder_;
  os::FileLock gate_;
};

}  // namespace cleave::run
