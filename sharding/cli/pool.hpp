#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/plain_job.hpp"
#include "cli/pool_program.hpp"
#include "cli/run_request.hpp"
#include "cli/sharded_job.hpp"
#include "os/file.hpp"
#include "os/jobserver.hpp"
#include "os/memory.hpp"
#include "os/process.hpp"

namespace cleave::cli {

/// Runs programs side by side. All processes of all programs together never run more tests at a time than there are job
/// slots: a program without Cleave has one for each process, and one with Cleave takes its own.
class Pool {
 public:
  /// @param folder is shared with the programs (run/pool_member.hpp).
  static Result<Pool> make(const RunRequest& request, std::vector<PoolProgram>& programs, std::uint32_t lanes,
                           std::string folder, bool colour);

  /// Until every program has ended. Each is told of when it ends, and each failure when it happens, on standard output.
  Result<void> run(os::SignalWatch& signals);

 private:
  /// What a batch has besides its job slot.
  struct Needs {
    std::vector<os::FileLock> locks;
    std::uint32_t weight = 1;
    std::uint32_t slots = 0;
    std::uint64_t memory = 0;
  };
  struct Plain {
    PoolProgram* program;
    Batch batch;
    PlainJob job;
    std::uint32_t lane;
    Needs needs;
  };
  struct Sharded {
    PoolProgram* program;
    ShardedJob job;
  };

  Pool(const RunRequest& request, std::vector<PoolProgram>& programs, std::uint32_t lanes, std::string folder,
       os::JobServer slots, std::string slots_path, bool colour);
  bool any_running() const noexcept { return !plain_.empty() || !sharded_.empty(); }
  bool waits(bool serial) const;
  void start_what_can();
  bool start_one();
  bool start_sharded(PoolProgram& program);
  bool start_plain(PoolProgram& program, bool serial);
  std::vector<PoolProgram*> ready_programs();
  std::uint32_t weight_now() const;
  bool take(const plan::Constraints& wanted, Needs& needs);
  void give_back(Needs& needs);
  bool enter_gate();
  void wait(os::SignalWatch& signals) const;
  void show();
  void look_at_red();
  Result<void> look();
  Result<void> end_of(Plain& ended);
  void end_of(Sharded& ended);
  Result<void> finish_idle();
  void tell(PoolProgram& program, const News& news, const BatchEnd& end);
  void tell_end(const PoolProgram& program) const;
  void heed(os::SignalWatch& signals);
  void check_failures();
  void stop(const std::string& why, int signal);

  const RunRequest& request_;
  std::vector<PoolProgram>& programs_;
  std::uint32_t lanes_;
  std::string folder_;
  os::JobServer slots_;
  std::string slots_path_;
  bool colour_;
  std::chrono::nanoseconds began_;
  std::vector<Plain> plain_;
  std::vector<Sharded> sharded_;
  std::vector<bool> lane_taken_;
  std::map<const PoolProgram*, std::string> shown_;  ///< What others see of a program without Cleave.
  std::chrono::nanoseconds next_show_{};
  os::MemoryGauge memory_;
  bool held_up_ = false;  ///< What waits could have a job slot, but not all that it needs.
  std::size_t turn_ = 0;  ///< Whose processes start next, of programs without Cleave.
  os::FileLock gate_;
  int signals_heeded_ = 0;
  std::string stopped_;
  std::string interrupted_by_;
};

}  // namespace cleave::cli
