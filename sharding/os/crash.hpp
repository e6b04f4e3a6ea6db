#pragma once

#include <optional>

#include "os/fd.hpp"

namespace cleave::os {

/// A fatal signal as the process that got it tells of it.
struct Crash {
  int thread = 0;  ///< Which thread got it.
  int signal = 0;
};

/// Two connected ends for one worker and its supervisor, CLOEXEC, numbered like those of a Pipe.
struct CrashLine {
  Fd for_worker;
  Fd for_supervisor;
  static Result<CrashLine> create();
};

/// In a worker, before the user's main: from here on SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS and SIGTRAP are
/// told on `fd`, each where its disposition is still the default one (sanitizers have their own by now). The thread
/// then waits for allow_death(), but not for ever, and the process dies of the signal as it would have, in the context
/// that it was in: with the same status and the same core. What the process forks dies of such a signal at once. Where
/// the main thread has no signal stack it gets one, for when its own has overflowed.
void tell_of_crashes(int fd) noexcept;

/// In the supervisor: the crash that was told and not read yet. Closes the line when nobody can tell of any more.
std::optional<Crash> told_crash(Fd& line) noexcept;
/// Lets the process that told of its crash go on to die.
void allow_death(const Fd& line) noexcept;

/// This process may be traced by `pid` and by what that starts, also where the kernel (Yama) only lets ancestors trace.
void allow_tracing_by(int pid) noexcept;

/// SIGSTOP to the process group that the process leads: nothing of it moves until it is killed.
void stop_group(int pid) noexcept;

}  // namespace cleave::os
