#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/child_stacks.hpp"
#include "run/launcher.hpp"
#include "run/stacks.hpp"

namespace cleave::run {

/// What can still be learned of a worker before it dies: its stacks, when it tells of a fatal signal and when it has
/// come to a limit; then also those of the processes that it started. While it looks, the worker waits, and other
/// shards go on.
class LastLook {
 public:
  LastLook(StackReader reader, std::string scratch) : reader_(std::move(reader)), scratch_(std::move(scratch)) {}

  /// False with --cleave-stacks=off.
  bool wanted() const noexcept { return !reader_.off; }
  /// Another worker: what was learned of the one before is forgotten.
  void at_another();
  /// Stops the worker, looks, and kills it then. One that is to outlive this process is not stopped: it could not.
  void then_kill(WorkerProcess& worker, bool stop = true);
  /// Looks no longer.
  void give_up() noexcept;
  /// True while a look is not over, and while a worker that was looked at dies: no limit is to end it meanwhile.
  bool pending() const noexcept;
  /// Begins to look at a worker that tells of a crash; ends what is done. While the worker has not been reaped.
  void pump(WorkerProcess& worker);

  std::vector<int> poll_fds(const WorkerProcess& worker) const;
  /// When pump() is to be called at the latest, while pending().
  std::chrono::nanoseconds deadline() const;

  /// What was learned of a worker that ended so; empty when that is not what was looked at.
  std::string stacks_at(const os::ExitStatus& status) const;
  /// When that look began, and with it the end of the test, in monotonic time.
  std::chrono::nanoseconds begun() const noexcept { return begun_; }

 private:
  void begin(int pid, int thread);

  StackReader reader_;
  std::string scratch_;
  std::unique_ptr<StackTaking> taking_;
  ChildStacks children_;  ///< Of a worker that came to a limit.
  std::optional<os::Crash> crash_;
  bool kill_ = false;  ///< The worker came to a limit, and is killed after the look.
  std::chrono::nanoseconds begun_{};
  std::chrono::nanoseconds spent_{};    ///< On all looks so far.
  std::chrono::nanoseconds dead_by_{};  ///< The end of a crash, and the core that it writes, may take so long.
  std::string stacks_;
};

}  // namespace cleave::run
