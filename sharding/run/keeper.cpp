#include "run/keeper.hpp"

#include <algorithm>

#include "os/machine.hpp"
#include "run/fixture_registry.hpp"
#include "run/keeper_process.hpp"
#include "run/shard_fixtures.hpp"

namespace cleave::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A start takes as long as the sweep of what dead runs left.
constexpr std::chrono::minutes kStartLimit{5};
constexpr milliseconds kPause{5};
/// Over the limits of the fixtures themselves, which the keeper enforces.
constexpr std::chrono::seconds kEndSlack{90};

std::string lock_path(const RunContext& context) { return FixtureFiles(context.directory).file("keeper.lock"); }

[[noreturn]] void keep(const Caller& caller, const RunContext& context, const os::ProcessKey& owner, os::FileLock lock,
                       os::Fd inbox, os::Fd ready) {
  bool troubled = false;
  {
    // Who sends a signal to every process of a run does not mean that nothing shall be torn down: the run comes to its
    // end by that, and with it the keeper.
    const os::SignalWatch deaf;
    KeeperProcess keeper(caller, context, owner, std::move(lock), std::move(inbox));
    keeper.sweep();
    ready.reset();
    troubled = keeper.run();
  }
  os::leave(troubled ? 1 : 0);
}

}  // namespace

bool needs_keeper(const Caller& caller, const RunContext& context) {
  if (!prefix_hooks().empty() || !Leftovers::of_dead_runs(caller.home).empty()) return true;
  const auto per_shard = [](const plan::FixtureSpec& fixture) { return fixture.per_shard; };
  if (std::any_of(context.fixtures.begin(), context.fixtures.end(), per_shard)) return true;
  return std::any_of(context.plan.parts.begin(), context.plan.parts.end(),
                     [&](const plan::Part& part) { return !fixtures_of_part(context, part).empty(); });
}

Result<void> start_keeper(const Caller& caller, const RunContext& context, const os::ProcessKey& owner) {
  const FixtureFiles files(context.directory);
  // One for each run: what a killed one has told stays told, and whoever relied on it must not find another.
  if (os::exists(lock_path(context)) || !needs_keeper(caller, context)) return {};
  if (auto made = os::make_directories(files.folder()); !made) return made;
  auto lock = os::FileLock::try_acquire(lock_path(context), false);
  if (!lock) return lock.error();
  if (!lock->held()) return {};  // Another shard was quicker.
  auto inbox = os::make_fifo(files.file("inbox"));
  if (!inbox) return inbox.error();
  auto ready = os::Pipe::create();
  if (!ready) return ready.error();
  auto null = os::open_null();
  if (!null) return null.error();
  auto output = os::open_nameless(context.directory);
  if (!output) return output.error();
  const bool threads = os::thread_count() > 1;
  auto pid = os::fork_flushed();
  if (!pid) return pid.error();
  if (*pid == 0) {
    os::become_daemon();
    os::name_process("cleave-keeper");
    os::redirect(null->get(), 0);
    os::redirect(output->get(), 1);
    os::redirect(output->get(), 2);
    const int kept[] = {lock->descriptor(), inbox->get(), ready->write_end.get()};
    os::close_owned_except(kept);
    const Caller mine = [&] {
      Caller copy = caller;
      copy.program.always_exec = copy.program.always_exec || threads;
      return copy;
    }();
    keep(mine, context, owner, std::move(*lock), std::move(*inbox), std::move(ready->write_end));
  }
  ready->write_end.reset();
  lock->release();
  inbox->reset();
  if (!os::wait_readable({ready->read_end.get()}, kStartLimit).front()) {
    return Error{Errc::broken, "start the keeper of the fixtures: what dead runs left could not be swept in 5 minutes",
                 0};
  }
  if (!files.keeper_alive()) return Error{Errc::broken, "start the keeper of the fixtures: it ended at once", 0};
  return {};
}

Result<void> end_keeper(const RunContext& context, const std::function<void()>& each_look) {
  const FixtureFiles files(context.directory);
  if (!os::exists(files.file("keeper.lock"))) return {};
  nanoseconds limit = kEndSlack;
  for (const detail::FixtureDefinition& fixture : fixture_registry()) limit += fixture.tear_down_limit;
  const nanoseconds give_up = os::monotonic_now() + limit;
  if (auto told = files.tell("end"); !told && !os::exists(files.file(kKeeperEnded))) {
    files.await_hosts(kOrphanGrace);  // They tear down also without it.
    return Error{Errc::broken, "the keeper of the fixtures was killed before the run ended", 0};
  }
  while (files.keeper_alive()) {
    if (os::monotonic_now() > give_up) {
      return Error{Errc::broken,
                   "the fixtures were not torn down within " +
                       std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()) + " s",
                   0};
    }
    each_look();
    os::wait_readable({}, kPause);
  }
  // It was a child of this process, unless an entry of CTest before this one had started it. It goes with its lock.
  for (int round = 0; round < 20 && !os::child_pids().empty(); ++round) {
    os::reap_ended();
    if (!os::child_pids().empty()) os::wait_readable({}, milliseconds(1));
  }
  if (!os::exists(files.file(kKeeperEnded))) {
    files.await_hosts(kOrphanGrace);
    return Error{Errc::broken, "the keeper of the fixtures was killed before all were torn down", 0};
  }
  return {};
}

}  // namespace cleave::run
