#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "os/fd.hpp"
#include "os/process.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// What to start, and how.
struct ProgramImage {
  /// The first is the program: a path (relative ones from the caller's folder), or a name that is looked for in the
  /// PATH of `environment`.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< "NAME=value"; nothing else is inherited.
  std::string directory;                 ///< The caller's when empty.
  std::string user;                      ///< The caller's when empty; another one only root may name.
};

/// A program that this process started. It leads a process group of its own, reads /dev/null, has no other descriptor
/// than its output, default dispositions, and no blocked signals. It gets SIGKILL when the thread that started it ends,
/// and so when the process does. Passive: nothing happens when this object goes.
class Program {
 public:
  /// Returns once the program runs. `output` becomes its stdout and stderr. Nothing is allocated between fork and exec,
  /// so that other threads may be in malloc. The error is "working directory '/x': No such file or directory" and the
  /// like.
  static Result<Program> start(const ProgramImage& image, const Fd& output);
  /// The same with a stderr of its own.
  static Result<Program> start(const ProgramImage& image, const Fd& output, const Fd& errors);

  int pid() const noexcept { return pid_; }
  /// Readable once the program ended; -1 where the kernel has no pidfd_open.
  int poll_fd() const noexcept { return pidfd_.get(); }
  /// Waits until the program has ended or the time is over; true when it has. Does not reap: the pid and the number of
  /// the group stay its own until finish(). Several threads may wait.
  bool wait_ended(std::chrono::nanoseconds at_most) const noexcept;
  /// Sends a signal to the program alone, unless it has ended. Not after finish().
  void signal(int number) const noexcept;
  /// Kills the program and what is left of its group, and reaps the program. Once only. Nothing when somebody else
  /// reaped it before: then its pid may already be another's, and nothing is killed.
  std::optional<ExitStatus> finish() const noexcept;

 private:
  Program(int pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  int pid_ = -1;
  Fd pidfd_;  ///< Readable when it ended; not there where the kernel is older than 5.3.
};

/// The path of a program: as execvp() would find the name, but in the PATH that stands in `environment`.
Result<std::string> find_program(const std::string& name, const std::vector<std::string>& environment);
/// As find_program() for a name without a slash, but only where nobody else can have put it: passes over folders of
/// PATH that are not absolute, and over programs that everybody may replace or change, or that belong to another user.
Result<std::string> find_trusted_program(const std::string& name, const std::vector<std::string>& environment);
/// A new file for the output of programs, opened for appending and reading; fails with EEXIST when it is there.
Result<Fd> open_new_log(const std::string& path);
/// The last `most` bytes of what was appended behind `from`, whatever happened to the file's name.
std::string tail_of(const Fd& file, std::uint64_t from, std::size_t most);
/// Makes the file the user's, so that a program that runs as that user can open /dev/stderr. Best effort.
void give_to(const Fd& file, const std::string& user) noexcept;

/// True on the thread that main() runs on.
bool on_main_thread() noexcept;
/// SIGTERM, and the largest number that a signal may have.
int termination_signal() noexcept;
int largest_signal() noexcept;
/// No signal handler runs on this thread from now on.
void block_signals() noexcept;

}  // namespace cleave::os
