#include "run/shard_fixtures.hpp"

#include "os/file.hpp"
#include "os/machine.hpp"
#include "run/fixture_registry.hpp"
#include "run/shard.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{2};
/// Over the limits of the fixtures, which the keeper enforces.
constexpr std::chrono::seconds kLeaveSlack{75};

std::chrono::nanoseconds longest_leave() {
  std::chrono::nanoseconds limit = kLeaveSlack;
  for (const detail::FixtureDefinition& fixture : fixture_registry()) limit += fixture.tear_down_limit;
  return limit;
}

}  // namespace

std::set<std::string> fixtures_of_part(const RunContext& context, const plan::Part& part) {
  std::set<std::string> names;
  if (context.fixtures.empty()) return names;
  const plan::Plan& plan = context.plan;
  for (std::uint32_t group = part.begin; group < part.end; ++group) {
    for (std::uint32_t item = plan.groups[group].begin; item < plan.groups[group].end; ++item) {
      const plan::Constraints& constraints = context.constraints[plan.items[item].index];
      for (const std::uint32_t fixture : plan::fixtures_of(context.fixtures, constraints)) {
        names.insert(context.fixtures[fixture].name);
      }
    }
  }
  return names;
}

std::string interruption(os::SignalWatch& signals) {
  return signals.count() > 0 ? "interrupted by " + os::signal_name(signals.last()) : std::string();
}

std::vector<report::LaneState> fixtures_at_work(const RunContext& context) {
  std::vector<report::LaneState> lanes;
  for (auto& [scope, work] : FixtureFiles(context.directory).all_work()) {
    const std::uint32_t lane = lane_of_scope(scope);
    std::string name = "fixtures";
    if (scope != kRunScope) name = lane < context.frame.shard_count ? "shard-" + std::to_string(lane) : scope;
    lanes.push_back({std::move(name), -1, work.since, work.pid, std::move(work.what)});
  }
  return lanes;
}

void show_fixtures(const RunContext& context, Listener& listener) {
  listener.on_round([&] { return fixtures_at_work(context); }, os::monotonic_now());
}

void tell_failed_fixtures(const std::map<std::string, std::string>& failed, Listener& listener) {
  for (const auto& [name, why] : failed) {
    report::Problem problem;
    problem.title = "fixture '" + name + "' is not up";
    problem.detail = why;
    problem.when = os::wall_now();
    listener.on_problem(problem);
  }
}

void tell_fixture_problems(const report::RunReport& report, Listener& listener) {
  for (const report::Problem& problem : report.problems) {
    if (problem.shard == kFixturesShard) listener.on_problem(problem);
  }
}

ShardFixtures::ShardFixtures(const RunContext& context, std::uint32_t lane)
    : context_(context),
      scope_(scope_of_lane(lane)),
      files_(context.directory),
      active_(os::exists(files_.file("keeper.lock"))) {}

std::string ShardFixtures::scope_of(const plan::FixtureSpec& fixture) const {
  return fixture.per_shard ? scope_ : kRunScope;
}

void ShardFixtures::enter() {
  if (!active_) return;
  entered_ = true;
  // When nobody listens, whoever needs a fixture learns why there is none.
  if (auto told = files_.tell("shard " + scope_ + " " + std::to_string(os::current_pid())); !told) return;
}

void ShardFixtures::ask(const plan::Part& part) {
  if (!active_) return;
  const std::set<std::string> needed = fixtures_of_part(context_, part);
  for (const plan::FixtureSpec& fixture : context_.fixtures) {
    if (needed.count(fixture.name) == 0 || files_.look(scope_of(fixture), fixture.name)) continue;
    if (auto told = files_.tell("need " + scope_of(fixture) + " " + fixture.name); !told) break;
  }
}

std::map<std::string, std::string> ShardFixtures::await(const plan::Part& part,
                                                        const std::function<std::string()>& interrupted) {
  if (!active_) return {};
  if (entered_) await_entry(interrupted);
  const std::set<std::string> needed = fixtures_of_part(context_, part);
  for (const plan::FixtureSpec& fixture : context_.fixtures) {
    if (needed.count(fixture.name) == 0) continue;
    detail::FixtureReply reply =
        files_.need(scope_of(fixture), fixture.name, longest_set_up(fixture.name), interrupted);
    if (!reply.up) failed_[fixture.name] = std::move(reply.why);
  }
  return failed_;
}

/// What the shard before this one on its lane left is down and clean afterwards: none of it is taken for this one's.
void ShardFixtures::await_entry(const std::function<std::string()>& interrupted) const {
  const std::string self = std::to_string(os::current_pid());
  const auto give_up = os::monotonic_now() + longest_leave();
  while (os::monotonic_now() < give_up && files_.keeper_alive() && interrupted().empty()) {
    const auto watched = os::read_file(files_.file(scope_ + "/watched"));
    if (watched && *watched == self) return;
    os::wait_readable({}, kPause);
  }
}

void ShardFixtures::refresh() {
  if (!active_) return;
  if (!files_.keeper_alive()) {
    // Then their processes tear down by themselves, and what they told before is not true any more.
    for (const plan::FixtureSpec& fixture : context_.fixtures) failed_.emplace(fixture.name, "its keeper was killed");
    return;
  }
  if (!os::exists(files_.file(kHostLost))) return;
  for (const plan::FixtureSpec& fixture : context_.fixtures) {
    auto known = files_.look(scope_of(fixture), fixture.name);
    if (known && !known->up) failed_[fixture.name] = std::move(known->why);
  }
}

std::string ShardFixtures::why_not(std::uint32_t item) const {
  if (failed_.empty()) return {};
  const plan::Constraints& constraints = context_.constraints[context_.plan.items[item].index];
  for (const std::uint32_t fixture : plan::fixtures_of(context_.fixtures, constraints)) {
    const auto failed = failed_.find(context_.fixtures[fixture].name);
    if (failed != failed_.end()) return "fixture '" + failed->first + "': " + failed->second;
  }
  return {};
}

void ShardFixtures::await_orphans() const {
  if (active_ && !files_.keeper_alive()) files_.await_hosts(kOrphanGrace);
}

void ShardFixtures::leave() {
  if (!active_ || !entered_) return;
  os::remove_tree(files_.file(scope_ + "/gone"));
  if (auto told = files_.tell("gone " + scope_); !told) active_ = false;
}

void ShardFixtures::await_gone(const std::function<void()>& each_look) const {
  if (!active_ || !entered_) return;
  const auto give_up = os::monotonic_now() + longest_leave();
  while (!os::exists(files_.file(scope_ + "/gone")) && os::monotonic_now() < give_up && files_.keeper_alive()) {
    each_look();
    os::wait_readable({}, kPause);
  }
}

}  // namespace cleave::run
