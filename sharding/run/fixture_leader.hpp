#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/host_protocol.hpp"
#include "run/last_look.hpp"
#include "run/launcher.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// One fixture host, seen from its keeper: the process, what it is asked to do, and what it has said. Passive: the
/// keeper calls pump() when a descriptor is readable or a deadline has come, and asks what came of it.
class FixtureLeader {
 public:
  /// What happened in a host since the keeper looked last.
  struct News {
    std::vector<HostReply> replies;
    /// Set when the process ended: how, for example "was killed by SIGSEGV". Afterwards running() is false.
    std::optional<std::string> ended;
    /// Set when it ended because its keeper killed it: the limit that it had.
    std::optional<std::chrono::nanoseconds> too_late;
    bool leaving = false;  ///< It had said that it would end.
    std::string stacks;    ///< Where it was when it crashed or came to its limit; empty when unknown.
  };

  static Result<FixtureLeader> start(const Program& program, const Variables& environment,
                                     const std::string& capture_directory, std::chrono::nanoseconds until_ready,
                                     const StackReader& reader);

  /// Sends one command; its answer, or the process's end, must come within `limit`. @pre idle()
  void command(const HostCommand& command, std::chrono::nanoseconds limit);
  /// What it is working on may take no longer than that from now on.
  void hurry(std::chrono::nanoseconds limit);
  News pump();
  /// It has come to where commands are read, and none is being worked on.
  bool idle() const noexcept { return ready_ && !busy_; }
  bool running() const noexcept { return process_.child.running(); }
  int pid() const noexcept { return process_.child.pid(); }
  /// When pump() is to be called at the latest.
  std::chrono::nanoseconds deadline() const;
  /// The last one is readable once the process ended; -1 where the kernel has no pidfd_open.
  std::vector<int> poll_fds() const;
  /// What it printed, its last bytes.
  std::string tail_of_output(std::size_t most) const;

 private:
  WorkerProcess process_;
  LastLook look_{StackReader{true, "", ""}, ""};
  std::string buffer_;
  std::chrono::nanoseconds limit_{};
  std::chrono::nanoseconds deadline_{};
  bool ready_ = false;
  bool busy_ = false;
  bool leaving_ = false;
  bool too_late_ = false;
};

}  // namespace cleave::run
