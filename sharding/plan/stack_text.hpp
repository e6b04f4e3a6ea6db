#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cleave::plan {

/// What to start for the stacks of `pid`; `thread` is the one that crashed, 0 for none. By the program's file name: gdb
/// and eu-stack get their own arguments, all others get the two numbers, as cleave-stacks wants them.
std::vector<std::string> stack_arguments(const std::string& program, int pid, int thread);

/// What such a program printed, without what it says of itself; empty when there is no stack in it.
std::string readable_stacks(const std::string& program, std::string_view printed);

/// One thread, seen from outside without a debugger's rights.
struct ThreadState {
  int tid = 0;
  std::string name;
  char state = '?';          ///< As in /proc/PID/stat.
  std::string call;          ///< The system call that it is in; empty: none, or not known.
  std::string kernel_place;  ///< Where the kernel lets it wait; empty when not known.
};

/// Stands above the stacks of a process that a test started: "process 4712 (sleep 300), started here: waits, in
/// clock_nanosleep". `command` is one line; what is long is cut.
std::string process_title(int pid, std::string_view command, const ThreadState& first);

/// What stands in place of stacks: why there are none, in one line, and a line for each thread with what it does.
std::string stacks_without_frames(std::string_view why, const std::vector<ThreadState>& threads);

}  // namespace cleave::plan
