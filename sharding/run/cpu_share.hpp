#pragma once

#include <string>

#include "run/run_context.hpp"

namespace cleave::run {

/// How many CPUs a worker of the run may fill, so that the shards that run side by side fill the machine once; `alone`
/// for the serial part, which has all of them. In a run that a test of another run started, the machine is the share of
/// that test's shard.
unsigned cpus_of_worker(const RunContext& context, bool alone);

/// Adds what tells programs and libraries of it: CLEAVE_CPUS, and OMP_NUM_THREADS unless the user has set it.
void add_cpu_variables(const Caller& caller, unsigned cpus, Variables& variables);

/// In a worker that is a fork, before the user's main: an OpenMP runtime that the program is linked with takes over the
/// value of OMP_NUM_THREADS. GCC's has read the variable when the supervisor was loaded. It holds for regions that the
/// calling thread enters; threads that a test starts itself keep GCC's default.
void set_openmp_width(const std::string& omp_num_threads) noexcept;

/// From here on std::thread::hardware_concurrency() answers with this process's share (capped_threads()). Called when
/// the tests are known: their list may depend on that number, and must be the same in all processes.
void cap_threads() noexcept;

}  // namespace cleave::run
