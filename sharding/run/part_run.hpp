#pragma once

#include <cstdint>
#include <string>

#include "os/process.hpp"
#include "run/pool_member.hpp"
#include "run/queue.hpp"
#include "run/run_context.hpp"
#include "run/shard.hpp"

namespace cleave::run {

/// What the parts of one run have in common.
struct PartRun {
  const Caller& caller;
  const RunContext& context;
  Queue& queue;
  Listener& listener;
  os::SignalWatch& signals;
  Admission& admission;
  /// Goes into the names of the journals: several processes may write of the same shard.
  std::string journal_suffix;
  PoolMember* pool = nullptr;  ///< Of a run that `cleave run` started.
};

/// How it ended.
struct PartEnd {
  std::string interrupted_by;  ///< "SIGINT", or empty.
  int exit_code = 0;           ///< As an ExitCode: what the shards saw.
};

/// Runs a part of the plan over as many lanes of this process as it is for, until it has nothing more to give.
Result<PartEnd> run_part(const PartRun& run, const plan::Part& part);

/// Runs all parts, the serial one last. Where tests of one part wait for those of another, the parts take turns, until
/// everything is done or none goes on.
Result<PartEnd> run_parts(const PartRun& run);

}  // namespace cleave::run
