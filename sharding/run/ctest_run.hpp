#pragma once

#include "run/run_context.hpp"

namespace cleave::run {

/// One CTest entry of cleave_add_shards(): begin, shard, serial, lock, locks or end. Returns the exit code.
int run_entry(const Caller& caller);

}  // namespace cleave::run
