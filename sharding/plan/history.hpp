#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/costs.hpp"
#include "plan/outcome.hpp"
#include "plan/result.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// Whole days since 1970-01-01 00:00 UTC.
using Day = std::int32_t;
/// The day of a moment in wall-clock time since 1970; negative moments count as day 0.
Day day_of(std::chrono::nanoseconds since_1970) noexcept;

/// What is expected of a duration that was measured again and again: an exponentially weighted mean and the deviation
/// from it, so that what a test costs today counts more than what it cost last month.
struct Estimate {
  std::uint32_t samples = 0;
  std::chrono::nanoseconds mean{};
  std::chrono::nanoseconds deviation{};  ///< The standard deviation; zero after one sample.

  /// Takes in one sample, cut to 0 … kLongestDuration. The first is taken as it is.
  void add(std::chrono::nanoseconds sample) noexcept;
  // clang-tidy 14 takes the 0 that a result of <=> is compared with for a null pointer, here and below.
  friend auto operator<=>(const Estimate&, const Estimate&) = default;  // NOLINT(modernize-use-nullptr)
};

/// The weight of a new sample once there are enough of them: the last six samples make up 88 % of the mean. Until then
/// it is 1/n, the plain average.
inline constexpr double kWeightOfNewSample = 0.3;
/// The longest duration that a history holds: 365 days.
inline constexpr std::chrono::nanoseconds kLongestDuration = std::chrono::hours(24 * 365);
/// How many outcomes of a test are remembered.
inline constexpr std::size_t kOutcomesKept = 16;
/// A test that is not in the program any more is forgotten after so many days.
inline constexpr Day kDaysKept = 90;

/// Who a test is, whatever its place: suite and name. The file is empty unless two tests of the program share both;
/// those that share the file as well share one entry.
struct TestKey {
  std::string suite;
  std::string name;
  std::string file;
  friend auto operator<=>(const TestKey&, const TestKey&) = default;  // NOLINT(modernize-use-nullptr)
};
/// The keys of all tests, by index.
std::vector<TestKey> keys_of(const TestList& list);

/// What is known of one test. The order of two of them is the order in which merge() prefers them: by the first member
/// that differs.
struct TestHistory {
  Day last_seen = 0;       ///< The day of the last attempt.
  std::uint32_t runs = 0;  ///< Attempts that were started, skipped ones among them.
  Estimate passed;         ///< What it takes to pass.
  /// The longest attempt that failed, crashed or timed out since it last passed. Such an attempt was cut short: it says
  /// that the test takes at least that long, and nothing once the test passes again.
  std::chrono::nanoseconds longest_red{};
  std::uint32_t flaky = 0;  ///< Runs in which it failed and then passed.
  bool red = false;         ///< It was red when it last ran.
  /// The last attempts, newest last: `p` passed, `f` failed, `s` skipped, `c` crashed, `t` timed out.
  std::string outcomes;

  /// True when any attempt told how long the test takes.
  bool has_duration() const noexcept { return passed.samples > 0 || longest_red.count() > 0; }
  std::chrono::nanoseconds expected() const noexcept { return std::max(passed.mean, longest_red); }
  friend auto operator<=>(const TestHistory&, const TestHistory&) = default;  // NOLINT(modernize-use-nullptr)
};

/// What something else than a test costs; ordered as TestHistory is.
struct CostHistory {
  Day last_seen = 0;
  Estimate cost;
  friend auto operator<=>(const CostHistory&, const CostHistory&) = default;  // NOLINT(modernize-use-nullptr)
};

/// What former runs of one test program showed. A value: what is kept in the file `history` beside the runs.
struct History {
  std::map<TestKey, TestHistory> tests;
  std::map<std::string, CostHistory> suites;  ///< SetUpTestSuite and TearDownTestSuite together.
  CostHistory process_start;                  ///< From the start of a worker to its first test.
  friend bool operator==(const History&, const History&) = default;
};

/// What one run showed of one test.
struct TestObservation {
  struct Attempt {
    Outcome outcome = Outcome::not_run;
    std::chrono::nanoseconds duration{};
  };
  std::uint32_t index = 0;  ///< Into the list.
  std::vector<Attempt> attempts;
  bool red = false;    ///< The verdict over all of them.
  bool flaky = false;  ///< It failed and then passed.
};
struct CostObservation {
  std::string suite;  ///< Empty: the start of a worker.
  std::chrono::nanoseconds duration{};
};
struct Observations {
  std::vector<TestObservation> tests;
  std::vector<CostObservation> costs;
};

/// Takes in what one run showed of the test. False when none of its attempts was started: then nothing changes.
bool take_in(TestHistory& test, const TestObservation& seen, Day today);
void take_in(CostHistory& cost, const CostObservation& seen, Day today);
/// True when it was last seen more than kDaysKept days ago.
bool is_long_gone(Day last_seen, Day today) noexcept;

/// Takes in a run. Durations count as TestHistory says; attempts that were not run or are disabled leave no trace.
/// @pre every index is one of the list.
void update(History& history, const TestList& list, const Observations& seen, Day today);

/// Forgets tests and suites that were not seen for more than kDaysKept days and are not in `present`.
void prune(History& history, const TestList& present, Day today);

/// All that either knows. Of a test that both know, the entry that was seen later stays whole, then the one with more
/// runs, then one that does not depend on the order: samples are never added up, so that merging is commutative,
/// associative and idempotent, and histories with a common past can be merged as often as one likes.
History merge(History a, const History& b);

/// What the tests of the list are expected to cost. An unknown duration is the median of the known ones (of two in the
/// middle, the longer one); nothing known is zero.
Costs costs_of(const TestList& list, const History& history);

/// The history as text, the same bytes for the same history. Lines of fields that a tab separates; in names `\\`, `\t`,
/// `\n`, `\r` and `\0` stand for those characters. Durations are in nanoseconds, days since 1970:
///
///     cleave-history 1
///     start <day> <samples> <mean> <deviation>
///     suite <day> <samples> <mean> <deviation> <suite>
///     test <day> <runs> <samples> <mean> <deviation> <longest red> <flaky> green|red <outcomes> <suite> <name> <file>
///     sum <FNV-1a of all before this line, 16 hexadecimal digits>
std::string encode_history(const History& history);

/// Reads it back. Any other bytes are an Error of kind `corrupt` that names `file` and the line.
Result<History> decode_history(std::string_view text, std::string_view file);

}  // namespace cleave::plan
