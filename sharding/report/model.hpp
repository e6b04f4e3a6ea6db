#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/message.hpp"
#include "plan/outcome.hpp"
#include "plan/retry.hpp"
#include "plan/test_case.hpp"
#include "report/efficiency.hpp"

namespace cleave::report {

using Nanoseconds = std::chrono::nanoseconds;
/// Wall-clock time: nanoseconds since 1970-01-01 00:00 UTC.
using UnixTime = Nanoseconds;

using plan::Message;
using plan::MessageKind;
using plan::Properties;

/// Captured bytes; when `total` is larger than what is kept, the middle was dropped.
struct Output {
  std::string head;         ///< The first bytes.
  std::string tail;         ///< The last bytes; empty when nothing was dropped.
  std::uint64_t total = 0;  ///< How many bytes there were.
};

/// One time that one test was run, or was meant to run.
struct Attempt {
  plan::Outcome outcome = plan::Outcome::not_run;
  std::uint32_t repetition = 0;  ///< Which of --gtest_repeat's repetitions, from 0.
  std::uint32_t attempt = 1;     ///< 1 for the first try within the repetition.
  std::string shard;             ///< "shard-3", "serial", "lock-db".
  UnixTime start{};
  Nanoseconds duration{};
  std::string reason;  ///< For crashed, timed out and not run: one sentence fragment, for example "killed by SIGSEGV".
  std::vector<Message> messages;
  Properties properties;
  Output output;
  plan::Rung rung = plan::Rung::first;
  bool cached = false;       ///< Not run: it passed before with the same program and inputs.
  std::uint32_t worker = 0;  ///< The process of the shard that ran it, from 1; 0: none did.
  bool tried_again = false;  ///< Another attempt was to follow.
  std::string stacks;  ///< Of all its threads when it crashed or came to its limit, as text; empty when unknown.
  std::string files;  ///< The shard's temp dir, which is kept because of this attempt; empty when nothing is in it.
};

/// One test with everything that happened to it.
struct TestRow {
  std::uint32_t index = 0;        ///< Into RunReport::list.tests.
  std::vector<Attempt> attempts;  ///< By repetition, then by attempt; empty when the test was not selected.
  /// The verdict of the last attempt; the worst of the repetitions.
  plan::Outcome outcome = plan::Outcome::not_run;
  /// A failed attempt was followed by a green one of the same repetition.
  bool flaky = false;
  std::string cause;       ///< Of a flaky one: what the attempt that passed says about those that did not.
  std::string quarantine;  ///< Not empty: a red outcome is borne, "until 2026-12-31: waits for the new driver".
};

/// A failure that belongs to no test: a worker that ended badly after its tests were green, a set-up or tear-down that
/// failed, a list that differed, a lost shard. Each makes the run red unless `warning`.
struct Problem {
  std::string
      title;  ///< Short and unique within the run, for example "shard-2: exit status 23 after all tests passed".
  std::string suite;   ///< The suite concerned; may be empty.
  std::string detail;  ///< Whole, with newlines.
  std::string shard;
  UnixTime when{};
  std::vector<Message> messages;
  Output output;
  bool warning = false;     ///< Reported, but leaves the run green (a leaked process that was ended).
  bool run_broken = false;  ///< The run itself broke: exit code 3.
};

/// What something else than a test took, measured once.
struct SuiteCost {
  std::string suite;  ///< SetUpTestSuite and TearDownTestSuite of it; empty: from a worker's start to its first test.
  std::string shard;
  UnixTime when{};  ///< When it was known.
  Nanoseconds duration{};
};

/// The whole of one run of one binary, merged.
struct RunReport {
  std::string run_id;
  std::string target;  ///< The CMake target, or the binary's file name.
  std::string binary;  ///< Absolute path.
  std::string host;
  UnixTime start{};
  Nanoseconds wall{};
  std::uint32_t shard_count = 1;
  plan::TestList list;
  std::vector<TestRow> rows;  ///< One for every test in list order, also for those not selected.
  std::vector<Problem> problems;
  std::vector<SuiteCost> costs;
  Properties run_properties;  ///< RecordProperty outside of any suite.
  std::vector<std::pair<std::string, Properties>> suite_properties;
  std::vector<std::string> notes;  ///< For the reader: "12 serial tests were not selected".
  bool flaky_is_red = false;       ///< A flaky test makes the run red.
  std::string interrupted_by;      ///< "SIGINT", or empty.
  /// How good its time was; nothing where that says little: in a run that was cut short, or that others ran beside.
  std::optional<Efficiency> efficiency;
};

/// How many rows ended how.
struct Totals {
  std::uint32_t selected = 0;  ///< passed + failed + skipped + disabled + crashed + timed_out + not_run
  std::uint32_t passed = 0;
  std::uint32_t failed = 0;
  std::uint32_t skipped = 0;
  std::uint32_t disabled = 0;
  std::uint32_t crashed = 0;
  std::uint32_t timed_out = 0;
  std::uint32_t not_run = 0;
  std::uint32_t flaky = 0;        ///< Among passed.
  std::uint32_t cached = 0;       ///< Among passed.
  std::uint32_t flaky_borne = 0;  ///< Among flaky: in quarantine, which bears that as it bears a failure.
  std::uint32_t quarantined = 0;  ///< Among those that are red.
  std::uint32_t problems = 0;     ///< Without warnings.
};

Totals totals_of(const RunReport& report);

/// The exit code of DESIGN §7 that this report stands for: 0 green, 1 red, 3 broken, 4 nothing was selected.
int exit_code_of(const RunReport& report);

}  // namespace cleave::report
