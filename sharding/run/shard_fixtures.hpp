#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "os/process.hpp"
#include "report/progress.hpp"
#include "run/fixture_files.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The names of the fixtures that are up before the part's first test.
std::set<std::string> fixtures_of_part(const RunContext& context, const plan::Part& part);

class Listener;

/// "interrupted by SIGINT" after a signal, else an empty string.
std::string interruption(os::SignalWatch& signals);
/// What the processes of the run's fixtures work on, as lanes of a display: "fixtures" for those of the run, a shard's
/// name for its own.
std::vector<report::LaneState> fixtures_at_work(const RunContext& context);
/// Shows that by the listener, as often as that wants it; to be called again and again while fixtures are waited for.
void show_fixtures(const RunContext& context, Listener& listener);
/// Tells of each fixture that failed as of a problem; the keeper's journal has it for the report.
void tell_failed_fixtures(const std::map<std::string, std::string>& failed, Listener& listener);

/// Tells of all that went wrong with fixtures and hooks, whole, as the report has it: much of it happens when the last
/// shard is through.
void tell_fixture_problems(const report::RunReport& report, Listener& listener);

/// What the supervisor of a shard has to do with the run's fixtures. Does nothing in a run without a keeper.
class ShardFixtures {
 public:
  ShardFixtures(const RunContext& context, std::uint32_t lane);
  /// From here on the keeper watches this process on behalf of the shard; when it still tears down what a shard before
  /// this one had, as soon as that is done, for which await() waits.
  void enter();
  /// Asks for all fixtures that the tests of `part` are known to need, so that those of all shards come up side by
  /// side.
  void ask(const plan::Part& part);
  /// Waits until they are up or have failed; `interrupted` ends the wait with its text. Returns name and reason of
  /// those that failed.
  std::map<std::string, std::string> await(const plan::Part& part, const std::function<std::string()>& interrupted);
  /// Looks whether fixtures that were up have been lost since.
  void refresh();
  /// Why the item cannot run: "fixture 'db': …". Empty when it can.
  std::string why_not(std::uint32_t item) const;
  /// After the keeper was killed: waits until its hosts, which may be children of this process now, have torn down.
  void await_orphans() const;
  /// Tells the keeper that the shard has ended, if it entered.
  void leave();
  /// After leave(): waits until the shard's own fixtures are down and its prefix is clean. `each_look` is called while
  /// it waits.
  void await_gone(const std::function<void()>& each_look) const;

 private:
  std::string scope_of(const plan::FixtureSpec& fixture) const;
  void await_entry(const std::function<std::string()>& interrupted) const;

  const RunContext& context_;
  std::string scope_;
  FixtureFiles files_;
  bool active_;
  bool entered_ = false;
  std::map<std::string, std::string> failed_;
};

}  // namespace cleave::run
