#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cleave/detail/fixture_api.hpp"
#include "os/file.hpp"
#include "plan/result.hpp"

namespace cleave::run {

/// What a process that holds fixtures does.
struct FixtureWork {
  std::string what;                  ///< "sets up 'postgres'".
  int pid = 0;                       ///< Of that process.
  std::chrono::nanoseconds since{};  ///< Monotonic; zero: it works on nothing, and holds what it has.
};

/// Where the keeper of a run's fixtures and those who need them meet: the folder `fixtures` of the run directory.
///
///     keeper.lock      held by the keeper for as long as it lives; only one keeper ever starts
///     hosts.lock       held, shared, by each fixture host for as long as it lives
///     inbox            a FIFO of lines, each written at once: "need <scope> <name>", "shard <scope> <pid>",
///                      "gone <scope>", "end"
///     <scope>/<name>.up, .failed    the payload, or why there is none; written as a whole
///     <scope>/doing    what is going on, for those who wait: "<pid> <since> sets up 'postgres'"; since 0: nothing is
///     ended            a keeper came to its end, and everything is torn down
///     lost             a process that held fixtures died: some that were up have failed since
///     <scope>/watched  the pid of the shard's supervisor, once the keeper works for it
///     <scope>/gone     the shard's fixtures are down and its prefix is clean
///
/// A scope is "run" or "s<lane>".
class FixtureFiles {
 public:
  explicit FixtureFiles(const std::string& run_directory) : folder_(run_directory + "/fixtures") {}

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  const std::string& folder() const noexcept { return folder_; }
  /// True as long as a keeper holds its lock.
  bool keeper_alive() const;
  /// For a fixture host: what it returns says that the host lives.
  Result<os::FileLock> mark_host() const;
  /// Waits until no fixture host lives, but for no longer than `limit`.
  void await_hosts(std::chrono::nanoseconds limit) const;
  /// Puts a line in the inbox. An error when no keeper listens.
  Result<void> tell(const std::string& line) const;
  /// What is known of a fixture now; nothing when it is neither up nor failed.
  std::optional<detail::FixtureReply> look(const std::string& scope, const std::string& name) const;
  /// Tells what the process of a scope does from now on.
  Result<void> tell_doing(const std::string& scope, const FixtureWork& work) const;
  /// What was told last; nothing when that process is gone.
  std::optional<FixtureWork> doing(const std::string& scope) const;
  /// Of every scope whose process works on something now, "run" first.
  std::vector<std::pair<std::string, FixtureWork>> all_work() const;
  /// Asks for a fixture and waits until it is up or has failed, but for no longer than `limit`. The text of a failure
  /// names who is missing. `give_up` is asked now and then; its text, when not empty, ends the wait.
  detail::FixtureReply need(const std::string& scope, const std::string& name, std::chrono::nanoseconds limit,
                            const std::function<std::string()>& give_up = nullptr) const;

 private:
  std::string folder_;
};

inline constexpr const char* kKeeperEnded = "ended";
inline constexpr const char* kHostLost = "lost";
inline constexpr const char* kRunScope = "run";
/// What problems with fixtures and hooks have in the report in place of a shard.
inline constexpr const char* kFixturesShard = "fixtures";
std::string scope_of_lane(std::uint32_t lane);
std::uint32_t lane_of_scope(const std::string& scope);

/// How long a fixture may take to come up, with all that it needs.
std::chrono::nanoseconds longest_set_up(const std::string& fixture);

}  // namespace cleave::run
