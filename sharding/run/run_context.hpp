#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/fixtures.hpp"
#include "plan/identity.hpp"
#include "plan/planner.hpp"
#include "plan/settings.hpp"
#include "plan/tags.hpp"
#include "report/model.hpp"
#include "run/launcher.hpp"
#include "run/options.hpp"

namespace cleave::run {

/// In the run directory: see os::collect_profiles().
inline constexpr const char* kProfiles = "profiles";

/// What one process knows before any run exists.
struct Caller {
  Program program;
  Options options;
  plan::Settings settings;
  std::string binary;  ///< Absolute path.
  std::string name;    ///< Of the folder of runs: the settings' name, else the binary's file name.
  std::string home;    ///< <base>/cleave/<name>.
};

/// One run of one binary as every process of it sees it. Equal in all of them: made once, then read from the run
/// directory; the plan and the constraints follow from what is stored.
struct RunContext {
  std::string directory;    ///< <home>/runs/<run id>
  std::string shared;       ///< What all binaries of the run share: locks and ports.
  report::RunReport frame;  ///< Without rows and problems; `list` is whole.
  std::uint32_t lanes = 1;  ///< Shards and lock entries.
  std::chrono::nanoseconds clock_offset{};  ///< By which all processes of the run tell the time: os::clock_offset().
  /// Locks whose tests have a CTest entry of their own; empty in a run without CTest.
  std::vector<std::string> resource_locks;
  bool by_entries = false;  ///< CTest entries work on it, of which any subset may be selected.
  bool made_by_begin = false;
  bool rerun = false;                   ///< Only what failed last time is selected; all of it must run.
  std::vector<std::uint32_t> times;     ///< By test, how often it runs; empty: as often as list.repeat says.
  std::vector<std::uint32_t> batch_of;  ///< By test, or empty: see plan::PlanInput::batch_of.
  std::vector<std::string> arguments;   ///< The framework's and the user's, behind the program's name.
  std::vector<std::string> variables;   ///< GTEST_... as they were, "GTEST_FILTER=A.*".
  std::string working_directory;        ///< In which it was started.
  std::string settings_file;            ///< Of its CTest entries, absolute; empty: the settings are in the program.
  std::string cache_key;                ///< Of the passes that may be taken over; empty: none are.
  std::vector<bool> cached;             ///< By test, or empty: it passed before and is not run.
  plan::Costs costs;                    ///< As they were when the run was made.
  std::vector<plan::Constraints> constraints;
  /// By test, or empty: why a red outcome of it is borne, as report::TestRow::quarantine.
  std::vector<std::string> quarantine;
  std::vector<plan::FixtureSpec> fixtures;  ///< What the binary declares, in the registry's order.
  plan::Plan plan;

  std::string file(const std::string& name) const { return directory + "/" + name; }
  bool is_quarantined(std::uint32_t item) const {
    const std::uint32_t index = plan.items[item].index;
    return index < quarantine.size() && !quarantine[index].empty();
  }
  std::string queue_file(std::uint32_t number) const { return file("queue-" + std::to_string(number)); }
};

/// Sorts by time, tells a reader when, and no two are equal.
std::string new_run_id(std::chrono::nanoseconds now);

/// Lists the tests, checks tags, patterns and templates, and plans. Makes no run directory but needs a writable folder
/// for the lister's output (`scratch`). Errors: kind usage for what the user wrote, nothing_to_run, broken.
/// @param resource_locks the locks whose tests have an entry of their own.
/// @param lanes how many will work on the run.
Result<RunContext> prepare_run(const Caller& caller, const std::vector<std::string>& resource_locks,
                               std::uint32_t lanes, const std::string& scratch);

/// The part of prepare_run() that follows from the stored list.
Result<void> plan_run(const Caller& caller, RunContext& context);

/// The lane whose prefix, temp dir and ports the shard uses: I for "shard-I", 0 for "serial" (which never runs beside
/// shard-0), the ones behind the shards for lock entries.
std::uint32_t lane_of_shard(const RunContext& context, std::string_view shard);
/// How many lanes the run's queues have: every lane of above, and one more for "serial", so that what it holds is told
/// apart from what shard-0 holds.
std::uint32_t queue_lanes(const RunContext& context);

/// What a shard calls its own, with its temp dir and prefix.
plan::ShardIdentity shard_identity(const RunContext& context, std::uint32_t lane);

using Variables = std::vector<std::pair<std::string, std::string>>;

/// The variables of one shard's workers: CLEAVE_…, TMPDIR, TEST_TMPDIR and the user's templates, expanded. Makes the
/// temp dir and takes the ports. @param cpus how many the worker may fill.
Result<Variables> shard_environment(const Caller& caller, const RunContext& context, std::uint32_t lane,
                                    std::uint32_t attempt, unsigned cpus);

/// The same for the process that holds the fixtures of a scope: of the run, or of a shard, whose prefix and ports it
/// shares. It has a temp dir of its own, leader_folder().
Result<Variables> leader_environment(const Caller& caller, const RunContext& context, const std::string& scope);
std::string leader_folder(const RunContext& context, const std::string& scope);

}  // namespace cleave::run
