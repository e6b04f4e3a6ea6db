#include "run/run_context.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/policy.hpp"
#include "plan/quarantine.hpp"
#include "run/cpu_share.hpp"
#include "run/failure.hpp"
#include "run/fixture_files.hpp"
#include "run/fixture_registry.hpp"
#include "run/history_store.hpp"
#include "run/lister.hpp"
#include "run/pass_cache.hpp"
#include "run/policy.hpp"
#include "run/ports.hpp"
#include "run/selection.hpp"
#include "run/tag_registry.hpp"
#include "run/test_limit.hpp"

namespace cleave::run {
namespace {

/// Makes the temp dir, and takes the ports that the user's templates name.
Result<Variables> variables_of(const Caller& caller, const RunContext& context, const plan::ShardIdentity& identity,
                               const std::string& scope, std::uint32_t attempt) {
  if (auto made = os::make_directories(identity.temp_dir); !made) return made.error();
  Variables variables{
      {"CLEAVE_RUN_ID", identity.run_id},
      {"CLEAVE_SHARD_INDEX", std::to_string(identity.index)},
      {"CLEAVE_SHARD_COUNT", std::to_string(identity.count)},
      {"CLEAVE_PREFIX", identity.prefix},
      {"CLEAVE_TMPDIR", identity.temp_dir},
      {"TMPDIR", identity.temp_dir},
      {"TEST_TMPDIR", identity.temp_dir},
      {"CLEAVE_ATTEMPT", std::to_string(attempt)},
      {"CLEAVE_RUN_DIR", context.directory},
      {"CLEAVE_SHARED_DIR", context.shared},
      {"CLEAVE_SCOPE", scope},
  };
  const Ports ports = ports_of_run(context.shared, context.frame.run_id);
  const std::string owner = port_owner(context.directory, scope);
  for (const std::string& assignment : caller.settings.environment) {
    const auto equals = assignment.find('=');
    auto value = plan::expand_template(std::string_view(assignment).substr(equals + 1), identity,
                                       [&](std::string_view name) { return ports.port_for(owner, name); });
    if (!value) return value.error();
    variables.emplace_back(assignment.substr(0, equals), std::move(*value));
  }
  return variables;
}

}  // namespace

std::string new_run_id(std::chrono::nanoseconds now) {
  const auto seconds = static_cast<std::time_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02d%02d-%02d%02d%02d.%06lld-%08llx", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<long long>(now.count() / 1000 % 1000000),
                static_cast<unsigned long long>(os::random_bits() & 0xFFFFFFFFU));
  return text.data();
}

std::uint32_t lane_of_shard(const RunContext& context, std::string_view shard) {
  const std::uint32_t shards = context.frame.shard_count;
  if (shard.starts_with("shard-")) {
    std::uint32_t index = 0;
    std::from_chars(shard.data() + 6, shard.data() + shard.size(), index);
    return index;
  }
  for (std::uint32_t i = 0; i < context.resource_locks.size(); ++i) {
    if (shard == "lock-" + context.resource_locks[i]) return shards + i;
  }
  return shard == "locks" ? shards + static_cast<std::uint32_t>(context.resource_locks.size()) : 0;
}

std::uint32_t queue_lanes(const RunContext& context) { return context.lanes + 1; }

Result<void> plan_run(const Caller& caller, RunContext& context) {
  context.fixtures = fixture_specs();
  if (auto good = plan::check_fixtures(context.fixtures); !good) return good;
  std::vector<std::string> names;
  for (const plan::FixtureSpec& fixture : context.fixtures) names.push_back(fixture.name);
  auto constraints = plan::constraints_of(context.frame.list, registered_tags(), caller.settings, names);
  if (!constraints) return constraints.error();
  plan::PlanInput input;
  input.constraints = std::move(*constraints);
  auto barriers = plan::make_barriers(context.frame.list, input.constraints, caller.settings.phases);
  if (!barriers) return barriers.error();
  context.quarantine =
      plan::quarantine_of(context.frame.list, caller.settings.quarantine, plan::date_of(context.frame.start));
  input.resource_locks = context.resource_locks;
  input.barriers = std::move(*barriers);
  input.costs = context.costs;
  input.times = context.times;
  input.batch_of = context.batch_of;
  input.lanes = context.lanes;
  context.plan = plan::make_plan(context.frame.list, input);
  context.constraints = std::move(input.constraints);
  return {};
}

Result<RunContext> prepare_run(const Caller& caller, const std::vector<std::string>& resource_locks,
                               std::uint32_t lanes, const std::string& scratch) {
  for (const std::string& assignment : caller.settings.environment) {
    if (auto valid = plan::check_environment(assignment); !valid) {
      return Error{Errc::usage, (caller.settings.from.empty() ? "" : caller.settings.from + ": ") + valid.error().what,
                   0};
    }
  }
  auto seed = seed_of(caller.options);
  if (!seed) return seed.error();
  auto list = list_tests(caller.program, *seed, scratch, test_limit(caller), stack_reader(caller));
  if (!list) return list.error();
  RunContext context;
  report::RunReport& frame = context.frame;
  frame.list = std::move(*list);
  frame.start = os::wall_now();
  frame.run_id = new_run_id(frame.start);
  frame.target = caller.settings.target.empty() ? os::file_name_of(caller.binary) : caller.settings.target;
  frame.binary = caller.binary;
  frame.host = os::host_name();
  frame.flaky_is_red = policy_of(caller).flaky == plan::FlakyPolicy::fail;
  context.directory = caller.home + "/runs/" + frame.run_id;
  context.resource_locks = resource_locks;
  context.lanes = lanes;
  const std::vector<std::string>& words = caller.program.arguments;
  if (!words.empty()) context.arguments.assign(words.begin() + 1, words.end());
  context.variables = os::all_environment();
  std::erase_if(context.variables, [](const std::string& one) { return !one.starts_with("GTEST_"); });
  if (!caller.options.settings_file.empty()) context.settings_file = os::absolute_path(caller.options.settings_file);
  context.working_directory = os::directory_of(os::absolute_path("."));
  LoadedCosts known = HistoryStore(caller.home).load_costs(frame.list);
  if (!known.warning.empty()) warn(known.warning);
  // A seed that is asked for stands for one order, whatever former runs showed.
  if (caller.options.seed == 0) context.costs = std::move(known.costs);
  if (auto applied = apply_selection(caller, context); !applied) return applied.error();
  take_cached(caller, context);
  if (auto planned = plan_run(caller, context); !planned) return planned.error();
  return context;
}

plan::ShardIdentity shard_identity(const RunContext& context, std::uint32_t lane) {
  plan::ShardIdentity identity;
  identity.run_id = context.frame.run_id;
  identity.index = lane;
  identity.count = context.lanes;
  identity.prefix = plan::data_prefix(context.frame.run_id, context.directory, lane);
  identity.temp_dir = context.directory + "/tmp/s" + std::to_string(lane);
  return identity;
}

Result<Variables> shard_environment(const Caller& caller, const RunContext& context, std::uint32_t lane,
                                    std::uint32_t attempt, unsigned cpus) {
  auto variables = variables_of(caller, context, shard_identity(context, lane), scope_of_lane(lane), attempt);
  if (variables) add_cpu_variables(caller, cpus, *variables);
  return variables;
}

Result<Variables> leader_environment(const Caller& caller, const RunContext& context, const std::string& scope) {
  plan::ShardIdentity identity;
  if (scope == kRunScope) {
    identity.run_id = context.frame.run_id;
    identity.count = context.lanes;
    identity.prefix = plan::run_prefix(context.frame.run_id, context.directory);
  } else {
    identity = shard_identity(context, lane_of_scope(scope));
  }
  identity.temp_dir = leader_folder(context, scope);
  auto variables = variables_of(caller, context, identity, scope, 1);
  if (variables) variables->emplace_back("CLEAVE_LEADER", scope);
  if (variables && scope != kRunScope) add_cpu_variables(caller, cpus_of_worker(context, false), *variables);
  return variables;
}

std::string leader_folder(const RunContext& context, const std::string& scope) {
  return context.directory + "/tmp/" + scope + "-fixtures";
}

}  // namespace cleave::run
