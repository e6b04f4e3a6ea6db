#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "os/file.hpp"
#include "os/process.hpp"
#include "run/fixture_files.hpp"
#include "run/fixture_leader.hpp"
#include "run/journal.hpp"
#include "run/leftovers.hpp"
#include "run/run_context.hpp"

namespace cleave::run {

/// The life of the keeper (see keeper.hpp), as one loop over what happens: lines in the inbox, answers and deaths of
/// hosts, the deaths of shards' supervisors and of the owner, deadlines.
///
/// A lane goes working → leaving (its host tears down) → cleaning (hooks run for its prefix) → gone. The end of the run
/// takes every lane there, then tears the run's own fixtures down.
class KeeperProcess {
 public:
  KeeperProcess(const Caller& caller, const RunContext& context, os::ProcessKey owner, os::FileLock lock, os::Fd inbox);
  /// Processes and prefixes of dead runs.
  void sweep();
  /// Until the run has ended and everything is torn down. True when something went wrong.
  bool run();

 private:
  struct Lane {
    enum class State : std::uint8_t { working, leaving, cleaning, gone };
    State state = State::working;
    std::string prefix;
    os::Fd watch;  ///< Readable once the shard's supervisor is dead.
    int next = 0;  ///< The supervisor of a shard that came before the lane was free again.
  };
  /// The host of a scope, or a process that runs hooks, whose scope is "clean-<prefix>".
  struct Hosted {
    FixtureLeader leader;
    std::deque<std::string> wanted;  ///< In set-up order.
    std::string in_hand;             ///< The fixture or prefix that it works on.
    std::vector<std::string> up;     ///< Oldest first.
    bool tearing_down = false;
    bool swept = false;  ///< It cleans what a dead run left.
  };

  void read_inbox();
  void obey(const std::string& line);
  void watch_lane(const std::string& scope, int pid);
  void want(const std::string& scope, const std::string& name);
  void advance(const std::string& scope, Hosted& hosted);
  void pump(const std::string& scope);
  void heed(const std::string& scope, Hosted& hosted, const HostReply& reply);
  void bury(const std::string& scope, Hosted& hosted, const FixtureLeader::News& news);
  void tear_down(const std::string& scope, Hosted& hosted);
  void leave_lane(const std::string& scope, Lane& lane);
  void clean(const std::string& prefix, bool swept);
  void lane_is_clean(const std::string& prefix);
  bool end_step();
  void finish();
  bool shards_are_out();

  void tell_up(const std::string& scope, const std::string& name, const std::string& payload);
  void tell_failed(const std::string& scope, const std::string& name, const std::string& why);
  void tell_doing(const std::string& scope, const std::string& what, const FixtureLeader& leader);
  void tell_idle(const std::string& scope, const FixtureLeader& leader);
  void forget_scope(const std::string& scope);
  void record_processes();
  void problem(std::string title, std::string detail, bool warning, std::string output);
  void journal(report::Problem problem);
  std::chrono::milliseconds time_to_wait() const;

  const Caller& caller_;
  const RunContext& context_;
  os::ProcessKey owner_;
  os::FileLock lock_;
  os::Fd inbox_;
  os::Fd owner_watch_;
  FixtureFiles files_;
  StackReader reader_;
  std::optional<JournalWriter> journal_;  ///< Made with the first problem.
  Leftovers left_;
  std::string inbox_rest_;
  std::map<std::string, Hosted> hosts_;
  std::map<std::string, Lane> lanes_;
  std::vector<std::string> swept_ends_;  ///< Prefixes of dead runs that are clean now.
  bool ending_ = false;
  bool owner_died_ = false;
  bool lanes_asked_ = false;
  bool troubled_ = false;
  std::chrono::nanoseconds give_up_waiting_{};
};

}  // namespace cleave::run
