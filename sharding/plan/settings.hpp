#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"

namespace cleave::plan {

/// LOCK name pattern: the tests that the pattern covers hold the lock.
struct LockPattern {
  std::string name;
  std::string pattern;
  bool shared = false;
};

/// A tag given by a pattern instead of in the source: PHASE of cleave_add_shards(), or a rule of CONFIG.
struct TagPattern {
  std::string tag;
  std::string pattern;
  std::string origin;  ///< Where it is written: "cleave.json:12: /rules/3", or empty for CMake.
};

/// A phase, which ends in a checkpoint: what has a later phase starts when all of it has passed.
struct PhaseSpec {
  std::string name;
  std::chrono::nanoseconds timeout{std::chrono::minutes(30)};  ///< From its first test to its checkpoint. Zero: none.
};

/// When a run gives up: after `count` red tests, or after `percent` of those selected. Both zero: never.
struct FailureLimit {
  std::uint32_t count = 0;
  double percent = 0;
  friend bool operator==(const FailureLimit&, const FailureLimit&) = default;
};

/// What a test that failed and then passed does to the run.
enum class FlakyPolicy : std::uint8_t { pass, fail };

/// A test whose failures are known and leave the run green until a day.
struct Quarantine {
  std::string pattern;
  std::string until;  ///< The last day that counts, "2026-12-31", UTC.
  std::string reason;
  std::string origin;
};

/// How much one worker process runs.
enum class Isolation : std::uint8_t { shard, suite, test };

/// What cleave_add_shards() was told: embedded in the binary and given to every CTest entry as a file. The text is a
/// line `cleave-settings 1`, then lines of a key and its values, separated by tabs.
struct Settings {
  std::string target;        ///< The CMake target.
  std::string name;          ///< NAME, by default the target: names the folder of the runs.
  std::string from;          ///< The CMakeLists.txt with the call.
  std::uint32_t shards = 0;  ///< 0: not stated.
  std::vector<std::string> serial;
  std::vector<LockPattern> locks;
  std::vector<std::string> resource_locks;
  std::vector<std::string> environment;       ///< "VAR=template".
  std::chrono::nanoseconds test_timeout{-1};  ///< Negative: not stated. Zero: no limit.
  bool has_isolation = false;
  Isolation isolation = Isolation::shard;
  std::vector<PhaseSpec> phases;  ///< In order.
  std::vector<TagPattern> tags;
  std::int32_t retries = -1;  ///< Negative: not stated.
  FailureLimit fail_fast;
  bool has_flaky = false;
  FlakyPolicy flaky = FlakyPolicy::pass;
  std::chrono::nanoseconds stagger{-1};  ///< Negative: not stated.
  std::vector<Quarantine> quarantine;
  /// Files and environment variables that decide what the tests do, besides the binary: for the cache of passes.
  /// A variable is written `env:NAME`; all else is the path of a file or folder, absolute.
  std::vector<std::string> inputs;
  std::string stacks;  ///< Where the build has the program cleave-stacks. Empty: not known.
  std::string config;  ///< CONFIG: the absolute path of a JSON file, see plan/config.hpp. Empty: none.
};

/// Reads the text above, not the file that `config` names. `origin` names it in errors ("store_tests.settings"), which
/// give the line.
Result<Settings> parse_settings(std::string_view text, std::string_view origin);

/// "250ms", "2s", "1.5m", "1h", and "0" for none. An error gives the value and what is legal.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// "shard", "suite" or "test".
Result<Isolation> parse_isolation(std::string_view text);

/// A lock's name: 1 to 64 of letters, digits, `_`, `-`, `.`; not starting with a dot. It becomes a file name.
Result<void> check_lock_name(std::string_view name);

}  // namespace cleave::plan
