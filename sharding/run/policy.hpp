#pragma once

#include <chrono>
#include <cstdint>

#include "plan/board.hpp"
#include "plan/retry.hpp"
#include "plan/settings.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// What holds for the run: flags and variables where they say something, else the settings of CMake.
struct Policy {
  plan::FailureLimit fail_fast;
  std::uint32_t retries = 0;
  plan::FlakyPolicy flaky = plan::FlakyPolicy::pass;
  std::chrono::nanoseconds stagger{};
};
Policy policy_of(const Caller& caller);

/// How the shards of the run share its work.
plan::BoardOptions board_options(const Caller& caller, const RunContext& context);

/// How a shard of the run tries tests again.
plan::RetryPolicy retry_policy(const Caller& caller, const RunContext& context);

}  // namespace cleave::run
