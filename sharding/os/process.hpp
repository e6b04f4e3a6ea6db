#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/fd.hpp"
#include "plan/result.hpp"

namespace cleave::os {

/// How a process ended.
struct ExitStatus {
  bool signalled = false;
  int code = 0;  ///< The exit status, or the number of the signal.
};

/// "SIGSEGV" for 11; "signal 77" for a number without a name.
std::string signal_name(int number);

/// A child process. Passive: it is asked. The destructor kills and reaps it.
class Child {
 public:
  Child() = default;
  explicit Child(int pid);
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&& other) noexcept {
    Child taken(std::move(other));
    std::swap(pid_, taken.pid_);
    std::swap(pidfd_, taken.pidfd_);
    return *this;
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  int pid() const noexcept { return pid_; }
  bool running() const noexcept { return pid_ > 0; }
  /// Readable once the process ended; -1 where the kernel has no pidfd_open.
  int poll_fd() const noexcept { return pidfd_.get(); }
  /// Sends SIGKILL to the process and to the group that it leads.
  void kill_group() noexcept;
  /// Reaps it when it has ended. Afterwards running() is false.
  std::optional<ExitStatus> try_wait() noexcept;

 private:
  int pid_ = -1;
  Fd pidfd_;
};

/// fork() after flushing every stream of stdio, so that nothing is printed twice. 0 in the child, whose coverage counters
/// begin anew, so that nothing is counted twice.
Result<int> fork_flushed();
/// In a new child: dies when the parent dies (at once when it is dead already), leads a process group of its own, has
/// default dispositions and no blocked signals but what the user had. Only SIGTTIN and SIGTTOU, which would stop it, are
/// ignored: it may set the terminal as a plain run may, and who reads from it gets an error instead of waiting for ever.
void become_worker(int parent_pid) noexcept;
/// Behind become_worker(): when the parent dies, this process goes on for at most `grace`, and is then ended by
/// SIGALRM.
void outlive_parent(std::chrono::seconds grace) noexcept;
/// In a new child: a session of its own, out of reach of the terminal's signals and of whoever kills the old group;
/// keeps signals from its parent's death away.
void become_daemon() noexcept;
/// Writing to a pipe that nobody reads is an error from here on, and not the end of this process.
void ignore_broken_pipes() noexcept;
/// Readable once the process ended; not valid when it is gone already, or where the kernel has no pidfd_open.
Fd watch_process(int pid) noexcept;
/// Asks the process to end (SIGTERM), or ends it (SIGKILL).
void signal_process(int pid, bool kill) noexcept;
/// What ps and top show for this process; at most 15 characters are.
void name_process(const char* name) noexcept;
/// Reaps what has ended of this process's children.
void reap_ended() noexcept;
/// All living descendants of a process, as keys; children first.
std::vector<std::string> descendants_of(int pid);
/// The living processes that have the assignment "NAME=value" in the environment that their program was started with,
/// as keys.
std::vector<std::string> processes_with(std::string_view assignment);
/// The process of a key.
int pid_of(std::string_view key) noexcept;
/// Orphaned descendants become children of this process; it gets SIGTERM when its own parent dies.
void become_supervisor(bool die_with_parent) noexcept;
/// Arguments and environment in the form that exec and main want, made before a fork, so that the child need not
/// allocate.
class SelfImage {
 public:
  SelfImage(std::vector<std::string> arguments, std::vector<std::string> environment);
  SelfImage(const SelfImage&) = delete;
  SelfImage& operator=(const SelfImage&) = delete;
  /// As main gets them; valid as long as this object, and main may change them.
  char** arguments() noexcept { return argv_.data(); }
  /// From now on the environment of this process is this one, which has to live as long.
  void use_environment() noexcept;
  /// Starts this very program again (/proc/self/exe) in the calling process; ends it with status 127 when it can't.
  [[noreturn]] void run() noexcept;

 private:
  std::vector<std::string> strings_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};
/// Replaces this process by another program, with the same environment, descriptors and signals; `arguments[0]` is its
/// path. Returns only when that fails, and says why.
Error replace_by(const std::vector<std::string>& arguments);
/// How many threads this process has.
int thread_count() noexcept;
/// The debugger or tracer that is attached to this process, or 0.
int tracer_pid() noexcept;
int current_pid() noexcept;
int parent_pid() noexcept;
/// Ends the process without destructors and without atexit handlers.
[[noreturn]] void exit_now(int status) noexcept;
/// The same for a supervisor, where the user's static destructors have no business: first flushes stdio and, in a build
/// with coverage, writes the counters that exit() would have written.
[[noreturn]] void leave(int status) noexcept;

/// One descendant that outlived its worker.
struct Stray {
  int pid = 0;
  std::string command;
  bool dead = false;  ///< It only waits to be reaped.
};
/// The children of this process that are not in `known`. With the subreaper on, that is every orphaned descendant.
std::vector<Stray> strays(const std::vector<int>& known);
/// The children that this process has now. A supervisor that replaced a shell by exec may have some that are not its
/// own.
std::vector<int> child_pids();
/// The processes of a process group that are not yet dead.
std::vector<Stray> group_members(int group);
/// SIGKILL to each of them and, once they are children of this process, reaps them.
void kill_strays(const std::vector<Stray>& found) noexcept;
/// The same to all strays() and, since a process may fork between being seen and being killed, again to those that there
/// are then, until there is none: for at most five seconds, if they fork faster than that. Those that were alive.
std::vector<Stray> end_strays(const std::vector<int>& known);

/// A process that no other process of this machine is confused with, as long as it is up.
struct ProcessKey {
  int pid = 0;
  std::uint64_t start_ticks = 0;
  std::string text() const { return std::to_string(pid) + "-" + std::to_string(start_ticks); }
  /// Of a living process; the ticks are 0 when there is none.
  static ProcessKey of(int pid);
};
/// The nearest ancestor whose program is called ctest, else the parent.
ProcessKey ctest_or_parent() noexcept;
/// The process group of a process; 0 when there is no such process.
int group_of(int pid) noexcept;
int own_group() noexcept;
/// True when the process with this key (as text) is still there.
bool is_alive(std::string_view key) noexcept;
/// The arguments with which the process was started; empty when they cannot be read.
std::vector<std::string> command_line_of(int pid);

/// SIGINT, SIGTERM and SIGHUP are counted instead of ending the process, while this object lives. One at a time.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  /// Readable after a signal; drained by count().
  int poll_fd() const noexcept;
  /// How many came so far.
  int count() noexcept;
  /// The last one, 0 when none came.
  int last() const noexcept;

 private:
  Pipe pipe_;
};

/// Waits until one of the descriptors is readable or the time is over. True for each that is.
std::vector<bool> wait_readable(const std::vector<int>& fds, std::chrono::milliseconds at_most);

}  // namespace cleave::os
