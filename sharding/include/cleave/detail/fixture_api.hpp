#pragma once

/// The border between the fixtures library and the sharding library. Both are compiled in one build with one compiler,
/// so that standard types may cross it. What user code includes are the headers of fixtures/, which declare this only
/// inside their sources.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cleave::detail {

enum class FixtureScope : std::uint8_t {
  run,    ///< Set up once per run, in the leader.
  shard,  ///< Set up once per shard that uses it, in a process of that shard.
};

/// What a set-up may ask for while it runs. Lives as long as the call.
class FixtureSite {
 public:
  virtual ~FixtureSite() = default;
  /// Undone in reverse order when the fixture is torn down, or at once when the rest of the set-up fails.
  virtual void on_tear_down(std::function<void()> undo) = 0;
};

/// One fixture as the program declares it, at namespace scope.
struct FixtureDefinition {
  std::string name;
  FixtureScope scope = FixtureScope::run;
  std::vector<std::string> needs;  ///< Names of fixtures that are up while this one is set up, used and torn down.
  std::chrono::nanoseconds set_up_limit{};
  std::chrono::nanoseconds tear_down_limit{};
  std::function<std::string(FixtureSite&)> set_up;  ///< Returns the payload; throws what went wrong.
  std::string file;
  int line = 0;
};

/// Cleans up what was left under a prefix.
struct PrefixHook {
  std::string name;
  /// `swept` is true when a dead run left the prefix. Throws what went wrong.
  std::function<void(const std::string& prefix, bool swept)> clean;
  std::string file;
  int line = 0;
};

/// Called during static initialisation. That names are legal and unique, and that needs exist and form no cycle, is
/// checked when the tests are listed, where an error has somewhere to go.
void register_fixture(FixtureDefinition definition);
void register_prefix_hook(PrefixHook hook);

/// What came of asking for a fixture.
struct FixtureReply {
  bool up = false;
  std::string payload;
  std::string why;  ///< When it is not up.
};
/// From a test process: blocks until the fixture is up, has failed, or its limit is over. In a program that runs without
/// Cleave it is set up in this process, and torn down at its exit.
FixtureReply fixture_payload(const std::string& name);

/// A TCP port of this process's shard; the same name gives the same port. 0 when there is none, and `why` says so.
std::uint16_t port_for(std::string_view name, std::string& why);

/// The folder for files that every process of the run may share; made when it is not there. In a program that runs
/// without Cleave it is private to this process and its children, and removed at its exit.
std::string shared_folder();
/// The folder of this process's shard for temporary files, under the same rules.
std::string temp_folder();

/// True in a process that Cleave made and that runs tests, and in what it forks.
bool is_worker() noexcept;
/// True in a process that sets up fixtures.
bool is_fixture_host() noexcept;
/// "Suite.Name" of the test that runs in this worker, or an empty string.
std::string running_test();

/// Runs `undo` when the test that runs now has ended, newest first; one that throws fails the test. Where no end of a
/// test can be seen (no test runs, or the program runs without Cleave) it runs when the process ends.
void add_test_cleanup(std::function<void()> undo);
/// Runs `undo` when this process has run its last test.
void add_process_cleanup(std::function<void()> undo);

/// Fails the test that runs now. Without Cleave the text goes to stderr.
void fail_test(std::string_view file, int line, const std::string& text);

/// How many CPUs the shard of this process may fill: its share of the machine in a worker, else all.
unsigned cpu_share() noexcept;

}  // namespace cleave::detail
