#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "os/crash.hpp"
#include "os/spawn.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The program that reads stacks, or why there is none.
struct StackReader {
  bool off = false;     ///< --cleave-stacks=off: nothing is looked at.
  std::string program;  ///< A path; empty: none.
  std::string why;      ///< Without a program: "neither cleave-stacks nor …".
};

/// What --cleave-stacks names; else the cleave-stacks that cleave_add_shards() wrote down, if it is there; else the
/// first of cleave-stacks, eu-stack and gdb in PATH.
StackReader stack_reader(const Caller& caller);

/// The stacks of one process on their way: a program reads them while this process goes on. Passive: it is asked. The
/// destructor ends the program.
class StackTaking {
 public:
  /// `thread` is the one that crashed, 0 for none; `scratch` a folder that can be written to.
  StackTaking(const StackReader& reader, int pid, int thread, const std::string& scratch);
  StackTaking(const StackTaking&) = delete;
  StackTaking& operator=(const StackTaking&) = delete;
  ~StackTaking();

  /// Readable once it is done; -1 when it is done already, or where the kernel has no pidfd_open.
  int poll_fd() const noexcept;
  /// When it is to be asked at the latest, in monotonic time.
  std::chrono::nanoseconds deadline() const noexcept;
  /// True when the program has ended or has had its time.
  bool done() const noexcept;
  /// The text, never empty: stacks, or why there are none and what /proc tells of the threads. Once, when done(), and
  /// while the process is still there.
  std::string finish();

 private:
  std::string program_;
  std::string why_;  ///< No program runs: why.
  int pid_;
  std::chrono::nanoseconds until_{};
  os::Fd output_;
  os::Fd errors_;
  std::optional<os::Program> running_;
};

/// The stacks of running processes as text, for displays: waits until they are there, some tenths of a second, at most
/// ten seconds for all. An entry is empty where the pid is 0, and with --cleave-stacks=off.
std::vector<std::string> stacks_of(const StackReader& reader, const std::vector<int>& pids, const std::string& scratch);

}  // namespace cleave::run
