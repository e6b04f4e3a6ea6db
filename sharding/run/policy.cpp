#include "run/policy.hpp"

#include <algorithm>
#include <cmath>

#include "os/memory.hpp"

namespace cleave::run {
namespace {

/// A run allows so many retries, or a fifth of its tests when that is more: when everything fails, trying everything
/// again only takes time.
constexpr std::uint32_t kRetriesOfARun = 50;
constexpr std::uint32_t kTestsForARetry = 5;

std::uint32_t red_limit(const plan::FailureLimit& limit, std::uint32_t selected) {
  if (limit.count > 0) return limit.count;
  if (limit.percent <= 0) return 0;
  return std::max(1U, static_cast<std::uint32_t>(std::ceil(limit.percent * selected / 100.0)));
}

}  // namespace

Policy policy_of(const Caller& caller) {
  const Options& options = caller.options;
  const plan::Settings& settings = caller.settings;
  Policy policy;
  policy.fail_fast = options.has_fail_fast ? options.fail_fast : settings.fail_fast;
  if (options.until_fail) policy.fail_fast = plan::FailureLimit{1, 0};
  policy.retries = static_cast<std::uint32_t>(std::max(0, options.retries >= 0 ? options.retries : settings.retries));
  // What is repeated to be seen failing must not be hidden by a retry.
  if (options.until_fail || options.verify > 1) policy.retries = 0;
  policy.flaky = options.has_flaky ? options.flaky : settings.flaky;
  policy.stagger =
      std::max(options.stagger.count() >= 0 ? options.stagger : settings.stagger, std::chrono::nanoseconds(0));
  return policy;
}

plan::BoardOptions board_options(const Caller& caller, const RunContext& context) {
  const auto selected = static_cast<std::uint32_t>(context.plan.items.size());
  plan::BoardOptions options;
  options.lanes = queue_lanes(context);
  options.red_limit = red_limit(policy_of(caller).fail_fast, selected);
  options.retries = std::max(kRetriesOfARun, selected / kTestsForARetry);
  options.capacity = context.lanes;
  options.memory = os::MemoryGauge::of_this_process().read().total;
  return options;
}

plan::RetryPolicy retry_policy(const Caller& caller, const RunContext&) {
  plan::RetryPolicy policy;
  policy.retries = policy_of(caller).retries;
  return policy;
}

}  // namespace cleave::run
