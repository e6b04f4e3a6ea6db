#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cleave/detail/adapter_api.hpp"
#include "os/fd.hpp"
#include "os/process.hpp"
#include "plan/result.hpp"
#include "run/worker.hpp"

namespace cleave::run {

/// A fixture host whose keeper was killed has so long to tear down.
inline constexpr std::chrono::seconds kOrphanGrace{60};

using MainFunction = int (*)(int, char**, char**);

/// The user's program as it can be run in a worker.
struct Program {
  const detail::Adapter* adapter = nullptr;
  MainFunction main = nullptr;
  std::vector<std::string> arguments;  ///< Without cleave flags; [0] is the program.
  bool always_exec = false;            ///< A thread that a fork would lack was there when the supervisor began.
};

/// One worker process, seen from its supervisor.
struct WorkerProcess {
  os::Child child;
  os::Fd events;      ///< To read, non-blocking: events, or the bell of the ring.
  os::ByteRing ring;  ///< Of a worker that runs tests: its events.
  os::Fd commands;    ///< To write.
  os::Fd output;      ///< What it printed, with all offsets from 0.
  os::Fd crashes;     ///< Where it tells of a fatal signal before it dies; not valid unless asked for.
};

struct WorkerStart {
  Role role = Role::worker;
  const plan::TestList* list = nullptr;  ///< Whose tests it will be given; outlives the call.
  std::uint32_t seed = 0;
  bool output_is_shown = false;  ///< As it comes, to a person.
  BeginMarks marks;              ///< With the queue's own descriptor.
  bool tells_of_crashes = false;
  std::vector<std::uint32_t> only_tests;  ///< Indices of all that it can be given, if main cannot move them; or empty.
  /// All that it will read from the command pipe, in at most PIPE_BUF bytes; empty when somebody answers.
  std::string answers;
  std::string capture_directory;                                 ///< Where its output may lie.
  std::vector<std::pair<std::string, std::string>> environment;  ///< Set in the worker, on top of what there is.
};

/// Starts a worker: a fork that goes on in the user's main, or, when this process has more than one thread (a library
/// started one before main), a fork that executes this program anew. Its standard input is /dev/null, its output goes
/// to a file; it leads a process group and dies with this process (a fixture host is asked to end instead).
Result<WorkerProcess> start_worker(const Program& program, const WorkerStart& start);

}  // namespace cleave::run
