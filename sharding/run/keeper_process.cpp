#include "run/keeper_process.hpp"

#include <algorithm>

#include "os/machine.hpp"
#include "report/text.hpp"
#include "run/fixture_registry.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// For the way through the user's main to where the tests would start.
constexpr seconds kUntilReady{120};
/// For all hooks on one prefix.
constexpr seconds kCleanLimit{60};
/// What a host does when its time to tear down has come may still take so long: as long as a test after a signal.
constexpr seconds kHurry{10};
/// After the owner died its shards end what they run: their grace of 10 s, and a little more.
constexpr seconds kShardsGrace{12};
constexpr milliseconds kLongestWait{1000};
/// Without pidfd_open, and while the shards of a dead owner are waited for, things are looked at this often.
constexpr milliseconds kBlindWait{20};
constexpr std::size_t kTailOfOutput = 16 << 10;
constexpr const char* kCleanScope = "clean-";

}  // namespace

KeeperProcess::KeeperProcess(const Caller& caller, const RunContext& context, os::ProcessKey owner, os::FileLock lock,
                             os::Fd inbox)
    : caller_(caller),
      context_(context),
      owner_(owner),
      lock_(std::move(lock)),
      inbox_(std::move(inbox)),
      owner_watch_(os::watch_process(owner.pid)),
      files_(context.directory),
      reader_(stack_reader(caller)),
      left_(caller.home, context.frame.run_id) {
  left_.keeper = os::ProcessKey::of(os::current_pid()).text();
  if (auto stored = left_.store(); !stored) {
    problem("what the run leaves behind cannot be registered", stored.error().what, true, "");
  }
}

bool KeeperProcess::run() {
  while (true) {
    std::vector<int> fds{inbox_.get(), owner_watch_.get()};
    for (const auto& [scope, lane] : lanes_) fds.push_back(lane.watch.get());
    for (const auto& [scope, hosted] : hosts_) {
      for (const int fd : hosted.leader.poll_fds()) fds.push_back(fd);
    }
    const std::vector<bool> ready = os::wait_readable(fds, time_to_wait());
    if (!ending_ && (ready[1] || (!owner_watch_.valid() && !os::is_alive(owner_.text())))) {
      ending_ = owner_died_ = true;
      give_up_waiting_ = os::monotonic_now() + kShardsGrace;
    }
    if (ready[1]) owner_watch_.reset();
    std::size_t at = 2;
    for (auto& [scope, lane] : lanes_) {
      // Only a shard that was killed ends without having left.
      if (ready[at++] && lane.watch.valid()) leave_lane(scope, lane);
    }
    read_inbox();
    std::vector<std::string> scopes;
    for (const auto& [scope, hosted] : hosts_) scopes.push_back(scope);
    for (const std::string& scope : scopes) pump(scope);
    for (auto& [scope, hosted] : hosts_) advance(scope, hosted);
    if (ending_ && end_step()) {
      finish();
      return troubled_;
    }
  }
}

milliseconds KeeperProcess::time_to_wait() const {
  const nanoseconds now = os::monotonic_now();
  nanoseconds next = now + kLongestWait;
  if (owner_died_ && !lanes_asked_) next = now + kBlindWait;
  for (const auto& [scope, hosted] : hosts_) {
    next = std::min(next, hosted.leader.deadline());
    if (hosted.leader.poll_fds().back() < 0) next = std::min<nanoseconds>(next, now + kBlindWait);
  }
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - now));
}

void KeeperProcess::watch_lane(const std::string& scope, int pid) {
  Lane& lane = lanes_.try_emplace(scope, Lane{Lane::State::gone, "", {}, 0}).first->second;
  if (lane.state == Lane::State::leaving || lane.state == Lane::State::cleaning) {
    lane.next = pid;
    return;
  }
  lane.state = Lane::State::working;
  lane.prefix = shard_identity(context_, lane_of_scope(scope)).prefix;
  lane.watch = os::watch_process(pid);
  os::remove_tree(files_.file(scope + "/gone"));
  if (!prefix_hooks().empty()) {
    left_.add_prefix(lane.prefix);
    if (auto stored = left_.store(); !stored) troubled_ = true;
  }
  if (auto told = os::write_private_file(files_.file(scope + "/watched"), std::to_string(pid)); !told) troubled_ = true;
}

void KeeperProcess::want(const std::string& scope, const std::string& name) {
  if (files_.look(scope, name)) return;
  const detail::FixtureDefinition* const fixture = find_fixture(name);
  if (fixture == nullptr) return tell_failed(scope, name, "this binary declares no such fixture");
  const bool for_run = fixture->scope == detail::FixtureScope::run;
  const auto lane = lanes_.find(scope);
  if (ending_) return tell_failed(scope, name, "the run is over");
  if (for_run != (scope == kRunScope) || (!for_run && lane == lanes_.end())) {
    return tell_failed(scope, name, "it belongs to a shard, and this process to none");
  }
  // The shard that asks is waited for by nobody, or asks again once its lane is free.
  if (!for_run && lane->second.state != Lane::State::working) return;
  const auto specs = fixture_specs();
  const std::string wanted[] = {name};
  for (const std::uint32_t each : plan::set_up_order(specs, wanted)) {
    const std::string its_scope = specs[each].per_shard ? scope : kRunScope;
    if (files_.look(its_scope, specs[each].name)) continue;
    auto hosted = hosts_.find(its_scope);
    if (hosted == hosts_.end()) {
      auto environment = leader_environment(caller_, context_, its_scope);
      Result<FixtureLeader> leader = Error{};
      if (environment) {
        leader = FixtureLeader::start(caller_.program, *environment, context_.directory, kUntilReady, reader_);
      } else {
        leader = environment.error();
      }
      if (!leader) {
        tell_failed(its_scope, specs[each].name, "start its leader: " + leader.error().what);
        continue;
      }
      hosted = hosts_.try_emplace(its_scope).first;
      hosted->second.leader = std::move(*leader);
      tell_doing(its_scope, "goes through main for '" + specs[each].name + "'", hosted->second.leader);
    }
    auto& queue = hosted->second.wanted;
    if (hosted->second.in_hand != specs[each].name &&
        std::find(queue.begin(), queue.end(), specs[each].name) == queue.end()) {
      queue.push_back(specs[each].name);
    }
  }
}

/// Gives an idle host its next fixture, once all that this needs is up.
void KeeperProcess::advance(const std::string& scope, Hosted& hosted) {
  while (hosted.leader.idle() && !hosted.tearing_down && !hosted.wanted.empty()) {
    const std::string name = hosted.wanted.front();
    const detail::FixtureDefinition* const fixture = find_fixture(name);
    std::string why;
    for (const std::string& need : fixture->needs) {
      const bool of_run = find_fixture(need)->scope == detail::FixtureScope::run;
      const auto below = files_.look(of_run ? kRunScope : scope, need);
      if (!below) return;  // A host of another scope works on it.
      if (!below->up && why.empty()) why = "it needs '" + need + "', which is not up: " + below->why;
    }
    hosted.wanted.pop_front();
    if (!why.empty()) {
      tell_failed(scope, name, why);
      continue;
    }
    hosted.in_hand = name;
    hosted.leader.command({HostCommand::Kind::set_up, name, false}, fixture->set_up_limit);
    tell_doing(scope, "sets up '" + name + "'", hosted.leader);
  }
}

void KeeperProcess::pump(const std::string& scope) {
  const auto place = hosts_.find(scope);
  if (place == hosts_.end()) return;
  Hosted& hosted = place->second;
  const FixtureLeader::News news = hosted.leader.pump();
  for (const HostReply& reply : news.replies) heed(scope, hosted, reply);
  if (!news.ended) return;
  bury(scope, hosted, news);
  // What has nothing to do with the fixture that ended the process gets another one.
  const std::deque<std::string> others = hosted.in_hand.empty() ? std::deque<std::string>() : std::move(hosted.wanted);
  hosts_.erase(scope);
  os::remove_tree(files_.file(scope + "/doing"));
  for (const std::string& name : others) want(scope, name);
  if (scope.starts_with(kCleanScope)) return lane_is_clean(scope.substr(std::string(kCleanScope).size()));
  const auto lane = lanes_.find(scope);
  if (lane != lanes_.end() && lane->second.state == Lane::State::leaving) leave_lane(scope, lane->second);
}

void KeeperProcess::heed(const std::string& scope, Hosted& hosted, const HostReply& reply) {
  switch (reply.kind) {
    case HostReply::Kind::ready:
      if (scope.starts_with(kCleanScope)) {
        hosted.leader.command({HostCommand::Kind::clean, hosted.in_hand, hosted.swept}, kCleanLimit);
      } else if (hosted.tearing_down) {
        hosted.leader.command({HostCommand::Kind::tear_down, "", false}, kCleanLimit);
      }
      break;
    case HostReply::Kind::up:
      hosted.up.push_back(reply.name);
      hosted.in_hand.clear();
      record_processes();
      tell_up(scope, reply.name, reply.text);
      tell_idle(scope, hosted.leader);
      if (hosted.tearing_down) tear_down(scope, hosted);
      break;
    case HostReply::Kind::failed:
      hosted.in_hand.clear();
      problem("fixture '" + reply.name + "' could not be set up", reply.text, false,
              hosted.leader.tail_of_output(kTailOfOutput));
      tell_failed(scope, reply.name, reply.text);
      tell_idle(scope, hosted.leader);
      if (hosted.tearing_down) tear_down(scope, hosted);
      break;
    case HostReply::Kind::down:
      // One that ends although nobody asked it to has lost what it held; bury() tells of it.
      if (hosted.tearing_down) {
        std::erase(hosted.up, reply.name);
        if (!hosted.up.empty()) tell_doing(scope, "tears down '" + hosted.up.back() + "'", hosted.leader);
      }
      if (reply.text.empty()) break;
      problem("fixture '" + reply.name + "' could not be torn down", reply.text, false,
              hosted.leader.tail_of_output(kTailOfOutput));
      break;
    case HostReply::Kind::cleaned:
      hosted.in_hand.clear();
      if (reply.text.empty()) {
        left_.remove_prefix(reply.name);
        if (hosted.swept) swept_ends_.push_back(reply.name);
      } else {
        problem("what is under the prefix " + reply.name + " could not be cleaned up", reply.text, hosted.swept, "");
      }
      break;
    case HostReply::Kind::leaving: break;
  }
}

/// A host ended. One that was not asked to takes its fixtures with it.
void KeeperProcess::bury(const std::string& scope, Hosted& hosted, const FixtureLeader::News& news) {
  const std::vector<os::Stray> group = os::group_members(hosted.leader.pid());
  os::kill_strays(group);
  const bool clean_end = news.leaving && !news.too_late && (hosted.tearing_down || scope.starts_with(kCleanScope));
  std::string how = *news.ended;
  if (news.too_late) how = "was killed after its limit of " + report::duration_text(*news.too_late);
  const std::string output = hosted.leader.tail_of_output(kTailOfOutput);
  // Told with the first problem that it explains.
  const std::string where = news.stacks.empty() ? "" : "\n" + news.stacks;
  if (!hosted.in_hand.empty() && scope.starts_with(kCleanScope)) {
    problem("what is under the prefix " + hosted.in_hand + " could not be cleaned up",
            "the process that cleaned " + how + where, hosted.swept, output);
    return;
  }
  if (!hosted.in_hand.empty()) {
    problem("fixture '" + hosted.in_hand + "' could not be set up",
            "its process " + how + " while it set the fixture up" + where, false, output);
    tell_failed(scope, hosted.in_hand, "its process " + how + " while it set the fixture up");
    how += " while it set up '" + hosted.in_hand + "'";
  }
  if (hosted.in_hand.empty()) {
    for (const std::string& name : hosted.wanted) {
      tell_failed(scope, name, "its process " + how + " before it was set up");
    }
  }
  if (clean_end || (hosted.up.empty() && !hosted.in_hand.empty())) return;
  std::string names;
  for (const std::string& name : hosted.up) {
    names += (names.empty() ? "'" : ", '") + name + "'";
    if (!hosted.tearing_down) tell_failed(scope, name, "the process that held it " + how);
  }
  report::Problem lost;
  lost.title = (scope == kRunScope ? "the leader" : "the fixtures' process of " + scope) + std::string(" ") + how;
  lost.detail = names.empty() ? "No fixture was up."
                              : "It held " + names + (hosted.tearing_down ? " and was tearing down." : ".");
  if (hosted.in_hand.empty()) lost.detail += where;
  lost.output.head = output;
  lost.run_broken = !hosted.tearing_down;
  journal(std::move(lost));
  if (hosted.tearing_down) return;
  if (auto marked = os::write_private_file(files_.file(kHostLost), ""); !marked) return;
}

void KeeperProcess::tear_down(const std::string& scope, Hosted& hosted) {
  if (!hosted.leader.idle()) {  // Told when it answers what it does now.
    if (!hosted.tearing_down) hosted.leader.hurry(kHurry);
    hosted.tearing_down = true;
    return;
  }
  hosted.tearing_down = true;
  nanoseconds limit{};
  for (const std::string& name : hosted.up) limit += find_fixture(name)->tear_down_limit;
  if (!hosted.up.empty()) tell_doing(scope, "tears down '" + hosted.up.back() + "'", hosted.leader);
  hosted.leader.command({HostCommand::Kind::tear_down, "", false}, std::max<nanoseconds>(limit, seconds(1)));
}

/// Moves a lane as far as it can go now.
void KeeperProcess::leave_lane(const std::string& scope, Lane& lane) {
  lane.watch.reset();
  if (lane.state == Lane::State::working) {
    lane.state = Lane::State::leaving;
    if (const auto host = hosts_.find(scope); host != hosts_.end()) return tear_down(scope, host->second);
  }
  if (lane.state == Lane::State::leaving && hosts_.count(scope) == 0) {
    lane.state = Lane::State::cleaning;
    if (!prefix_hooks().empty()) {
      clean(lane.prefix, false);
      if (const auto host = hosts_.find(kCleanScope + lane.prefix); host != hosts_.end()) {
        tell_doing(scope, "cleans up under " + lane.prefix, host->second.leader);
      }
      return;
    }
    lane_is_clean(lane.prefix);
  }
}

void KeeperProcess::clean(const std::string& prefix, bool swept) {
  const std::string scope = kCleanScope + prefix;
  if (hosts_.count(scope) != 0) return;
  auto environment = leader_environment(caller_, context_, kRunScope);
  Result<FixtureLeader> leader = Error{};
  if (environment) {
    // A process of its own: it asks the leader for payloads, as a test does.
    for (auto& [name, value] : *environment) {
      if (name == "CLEAVE_SCOPE") value = "clean";
    }
    leader = FixtureLeader::start(caller_.program, *environment, context_.directory, kUntilReady, reader_);
  }
  if (!leader) {
    problem("what is under the prefix " + prefix + " could not be cleaned up", leader.error().what, swept, "");
    return lane_is_clean(prefix);
  }
  Hosted& hosted = hosts_[scope];
  hosted.leader = std::move(*leader);
  hosted.in_hand = prefix;
  hosted.swept = swept;
}

void KeeperProcess::lane_is_clean(const std::string& prefix) {
  for (auto& [scope, lane] : lanes_) {
    if (lane.prefix != prefix || lane.state != Lane::State::cleaning) continue;
    lane.state = Lane::State::gone;
    forget_scope(scope);
    if (const int next = std::exchange(lane.next, 0); next != 0 && !ending_) {
      watch_lane(scope, next);
    } else if (auto told = os::write_private_file(files_.file(scope + "/gone"), ""); !told) {
      troubled_ = true;
    }
  }
}

bool KeeperProcess::shards_are_out() {
  if (!owner_died_ || os::monotonic_now() > give_up_waiting_) return true;
  auto out = os::FileLock::try_acquire(context_.file("alive"), false);
  return out && out->held();
}

/// One step towards the end. True when nothing is left to do.
bool KeeperProcess::end_step() {
  if (!lanes_asked_) {
    if (!shards_are_out()) return false;
    lanes_asked_ = true;
    for (auto& [scope, lane] : lanes_) leave_lane(scope, lane);
  }
  for (const auto& [scope, lane] : lanes_) {
    if (lane.state != Lane::State::gone) return false;
  }
  if (const auto leader = hosts_.find(kRunScope); leader != hosts_.end()) {
    if (!leader->second.tearing_down) tear_down(kRunScope, leader->second);
  }
  return hosts_.empty();
}

}  // namespace cleave::run
