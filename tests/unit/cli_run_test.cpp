// The parts of `cleave run` that decide and touch nothing: words, kinds of programs, batches, what is printed when, and
// reports read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../support/report_builder.hpp"
#include "cli/console_relay.hpp"
#include "cli/plain_run.hpp"
#include "cli/program_kind.hpp"
#include "cli/report_file.hpp"
#include "cli/run_request.hpp"
#include "report/json.hpp"

namespace cleave::cli {
namespace {

using plan::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(RunWords, AreThoseOfProgramsWithoutTheirBeginning) {
  const auto request = read_run_words(
      {"-j8", "--timeout", "2s", "a", "--cleave-retries=3", "--fail-fast", "b", "--", "--gtest_shuffle", "-x"});
  ASSERT_TRUE(request) << request.error().what;
  EXPECT_THAT(request->programs, ElementsAre("a", "b"));
  EXPECT_THAT(request->arguments, ElementsAre("--gtest_shuffle", "-x"));
  EXPECT_THAT(request->flags,
              ElementsAre("--cleave-jobs=8", "--cleave-timeout=2s", "--cleave-retries=3", "--cleave-fail-fast"));
  EXPECT_EQ(request->options.jobs, 8U);
  EXPECT_EQ(request->options.test_timeout, 2s);
  EXPECT_EQ(request->options.fail_fast.count, 1U);
}

TEST(ProgramKind, IsToldByTheBytesAlone) {
  EXPECT_TRUE(kind_of(std::string("\x7F"
                                  "ELF...Cleave\0\0main is wrapped",
                                  30))
                  .sharded);
  EXPECT_FALSE(kind_of("\x7F"
                       "ELF Cleave main is wrapped")
                   .sharded);
  EXPECT_TRUE(kind_of("...libgtest.so.1.12.1...").gtest);
  EXPECT_TRUE(kind_of("...A Catch2 test executable...").catch2);
  EXPECT_FALSE(kind_of("gtest and Catch2 are only named").gtest);
}

// R13
TEST(ConsoleRelay, GivesOutABlockInOnePieceWhereverItIsCut) {
  const std::string text = "FAILED  A.b\n  a.cpp:1:\n\n    text\n  reproduce: ./a\nwarning: one line\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ConsoleRelay relay;
    relay.add(text.substr(0, cut));
    const std::string first = relay.whole();
    EXPECT_TRUE(first.empty() || first.ends_with("  reproduce: ./a\n")) << cut << ": " << first;
    relay.add(text.substr(cut));
    const std::string second = relay.whole();
    EXPECT_EQ(first + second + relay.rest(), text);
  }
}

TEST(ConsoleRelay, EndsALineThatTheProgramDidNot) {
  ConsoleRelay relay;
  relay.add("no end");
  EXPECT_EQ(relay.whole(), "");
  EXPECT_EQ(relay.rest(), "no end\n");
  EXPECT_TRUE(relay.empty());
}

// R13: what comes back says what was written.
TEST(ReportFile, IsReadAsItWasWritten) {
  test::ReportBuilder builder;
  builder.test("S", "passes", Outcome::passed);
  builder.test("S", "flaky", {test::failed_attempt("first"), test::attempt(Outcome::passed)}).flaky = true;
  builder.test("S", "crashed", {test::attempt(Outcome::crashed, "killed by SIGSEGV")});
  builder.test("S", "late", {test::attempt(Outcome::timed_out, "too long")});
  builder.test("S", "left", Outcome::not_run);
  builder.disabled("S", "DISABLED_off");
  builder.problem("shard-1: trouble").run_broken = true;
  builder.report().interrupted_by = "SIGINT";
  const std::string written = report::json_report(builder.report());
  const auto back = read_report(written);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(report::json_report(*back), written);
  EXPECT_EQ(report::exit_code_of(*back), report::exit_code_of(builder.report()));
  for (std::size_t size = 0; size < written.size(); size += 11) EXPECT_FALSE(read_report(written.substr(0, size)));
}

TEST(ReportFile, AnOutcomeThatIsNotKnownIsNotGreen) {
  test::ReportBuilder builder;
  builder.test("S", "passes", Outcome::passed);
  std::string written = report::json_report(builder.report());
  for (auto at = written.find("\"passed\""); at != std::string::npos; at = written.find("\"passed\"", at + 1)) {
    if (written.compare(at - 2, 2, ": ") == 0 || written[at - 1] == ':') written.replace(at, 8, "\"superb\"");
  }
  const auto back = read_report(written);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_NE(report::exit_code_of(*back), 0);
}

TEST(ReportFile, OfSeveralProgramsKeepsTestsOfOneNameApart) {
  test::ReportBuilder one;
  one.test("S", "same", Outcome::passed);
  test::ReportBuilder two("catch2");
  two.test("", "same", Outcome::failed);
  const report::RunReport all = merged({}, {{"one", &one.report()}, {"two", &two.report()}});
  ASSERT_EQ(all.rows.size(), 2U);
  EXPECT_EQ(plan::full_name(all.list.tests[0], all.list.framework), "one.S.same");
  EXPECT_EQ(plan::full_name(all.list.tests[1], all.list.framework), "two.same");
  EXPECT_EQ(report::totals_of(all).failed, 1U);
}

/// A program of GoogleTest with tests S.0, S.1, ….
class Batches : public testing::Test {
 protected:
  PlainRun make(std::uint32_t tests, std::uint32_t retries = 0) {
    report::RunReport frame;
    frame.list.framework = "gtest";
    for (std::uint32_t i = 0; i < tests; ++i) {
      plan::TestCase test;
      test.suite = "S";
      test.name = std::to_string(i);
      test.selected = true;
      frame.list.tests.push_back(test);
    }
    auto units = units_of(frame.list, Framework::gtest, std::vector<plan::Constraints>(tests));
    return PlainRun(frame, Framework::gtest, std::move(units), {}, retries, false);
  }
  static ToldTest told(const std::string& name, Outcome outcome, bool ended = true) {
    ToldTest one;
    one.suite = "S";
    one.name = name;
    one.ended = ended;
    one.attempt.outcome = outcome;
    return one;
  }
  static BatchEnd end(std::vector<ToldTest> tests, bool complete, os::ExitStatus status) {
    BatchEnd made;
    made.story.tests = std::move(tests);
    made.story.complete = complete;
    made.status = status;
    made.shard = "shard-0";
    return made;
  }
  static Batch next(PlainRun& run, std::uint32_t lanes) {
    return run.next(false, lanes, [](const plan::Constraints&) { return true; }).value();
  }
  static std::vector<std::string> outcomes(PlainRun& run) {
    std::vector<std::string> all;
    for (const report::TestRow& row : run.finish({}, "").rows) all.emplace_back(plan::name_of(row.outcome));
    return all;
  }
  static constexpr os::ExitStatus kKilled{true, 11};
};

TEST_F(Batches, CoverEveryTestOnceAndShrink) {
  PlainRun run = make(1000);
  std::size_t sum = 0;
  std::size_t last = 1000;
  while (run.has_work(false)) {
    const Batch batch = next(run, 4);
    EXPECT_GT(batch.units.size(), 0U);
    EXPECT_LE(batch.units.size(), last);
    last = batch.units.size();
    sum += last;
  }
  EXPECT_EQ(sum, 1000U);
  EXPECT_EQ(last, 1U);
}

// R11
TEST_F(Batches, TheTestThatRanHasCrashedAndTheRestRunsInAnotherProcess) {
  PlainRun run = make(3);
  Batch all = next(run, 1);
  while (run.has_work(false)) all.units.push_back(next(run, 1).units.front());
  run.took(all, end({told("0", Outcome::passed), told("1", Outcome::failed, false)}, false, kKilled));
  ASSERT_TRUE(run.has_work(false));
  const Batch rest = next(run, 1);
  EXPECT_THAT(run.selecting(rest), ElementsAre("--gtest_filter=S.2"));
  run.took(rest, end({told("2", Outcome::passed)}, true, {}));
  EXPECT_FALSE(run.has_work(false));
  EXPECT_THAT(outcomes(run), ElementsAre("passed", "crashed", "passed"));
}

TEST_F(Batches, ADeathBeforeAnyTestBeganIsTheFirstTests) {
  PlainRun run = make(1);
  run.took(next(run, 1), end({}, false, {false, 127}));
  EXPECT_THAT(outcomes(run), ElementsAre("crashed"));
}

TEST_F(Batches, AProgramThatNeverComesToATestIsGivenUp) {
  PlainRun run = make(1000);
  int processes = 0;
  while (run.has_work(false)) {
    run.took(next(run, 2), end({}, false, {false, 127}));
    ++processes;
  }
  EXPECT_EQ(processes, 5);
  EXPECT_EQ(report::exit_code_of(run.finish({}, "")), 1);
}

// Never a false green.
TEST_F(Batches, AMissingOutcomeIsNotGreenAndNeitherIsABadEnd) {
  PlainRun missing = make(1);
  missing.took(next(missing, 1), end({}, true, {}));
  EXPECT_EQ(report::exit_code_of(missing.finish({}, "")), 3);
  PlainRun bad_end = make(1);
  bad_end.took(next(bad_end, 1), end({told("0", Outcome::passed)}, true, {false, 23}));
  EXPECT_EQ(report::exit_code_of(bad_end.finish({}, "")), 1);
  PlainRun died_behind = make(1);
  died_behind.took(next(died_behind, 1), end({told("0", Outcome::passed)}, false, kKilled));
  EXPECT_EQ(report::exit_code_of(died_behind.finish({}, "")), 1);
  PlainRun hung_behind = make(1);
  BatchEnd hung = end({told("0", Outcome::passed)}, false, {true, 9});
  hung.killed = "killed after 1 ms, the limit for one test";
  hung.timed_out = true;
  hung_behind.took(next(hung_behind, 1), std::move(hung));
  EXPECT_EQ(report::exit_code_of(hung_behind.finish({}, "")), 1);
  PlainRun uncalled = make(1);
  uncalled.took(next(uncalled, 1), end({told("0", Outcome::passed), told("another", Outcome::passed)}, true, {}));
  EXPECT_EQ(report::exit_code_of(uncalled.finish({}, "")), 3);
}

// R10
TEST_F(Batches, ATestThatPassesAtItsSecondTryIsFlaky) {
  PlainRun run = make(1, 2);
  run.took(next(run, 1), end({told("0", Outcome::failed)}, true, {false, 1}));
  ASSERT_TRUE(run.has_work(false));
  const Batch again = next(run, 1);
  EXPECT_EQ(again.attempt, 2U);
  run.took(again, end({told("0", Outcome::passed)}, true, {}));
  EXPECT_FALSE(run.has_work(false));
  EXPECT_TRUE(run.finish({}, "").rows[0].flaky);
  EXPECT_EQ(report::exit_code_of(run.report()), 0);
}

// R04, R05: what needs more than a job slot runs in a process of its own, and waits while others go on.
TEST_F(Batches, TestsWithLocksAndWeightsWaitWhileOthersRun) {
  report::RunReport frame;
  frame.list.framework = "gtest";
  std::vector<plan::Constraints> constraints(4);
  constraints[1].locks = {{"db", false}};
  constraints[2].weight = 2;
  constraints[3].priority = 5;
  for (int i = 0; i < 4; ++i) {
    plan::TestCase test;
    test.suite = "S";
    test.name = std::to_string(i);
    test.selected = true;
    frame.list.tests.push_back(test);
  }
  PlainRun run(frame, Framework::gtest, units_of(frame.list, Framework::gtest, constraints), {}, 1, false);
  const auto refused = [](const plan::Constraints&) { return false; };
  EXPECT_EQ(run.priority(false), 5);
  const auto free = run.next(false, 1, refused);
  ASSERT_TRUE(free);
  EXPECT_EQ(free->units, (std::vector<std::size_t>{3, 0})) << "by priority, and none of the bound ones";
  EXPECT_FALSE(run.next(false, 1, refused));
  EXPECT_TRUE(run.has_work(false));
  const auto only_locks = [](const plan::Constraints& wanted) { return !wanted.locks.empty(); };
  const auto locked = run.next(false, 1, only_locks);
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->units, std::vector<std::size_t>{1});
  EXPECT_EQ(locked->needs.locks, constraints[1].locks);
  run.took(*locked, end({told("1", Outcome::failed)}, true, {false, 1}));
  EXPECT_FALSE(run.next(false, 1, refused)) << "its second attempt needs the lock as well";
  EXPECT_EQ(run.next(false, 1, only_locks)->attempt, 2U);
  EXPECT_EQ(next(run, 1).units, std::vector<std::size_t>{2});
  EXPECT_FALSE(run.has_work(false));
}

// R10: tests that no filter can tell apart are tried again together.
TEST_F(Batches, AGroupThatNoFilterPartsIsTriedAgainAsOne) {
  report::RunReport frame;
  frame.list.framework = "catch2";
  for (const int line : {3, 9}) {
    plan::TestCase test;
    test.name = line == 3 ? "same name" : "Same Name";
    test.file = "t.cpp";
    test.line = line;
    test.selected = true;
    frame.list.tests.push_back(test);
  }
  const auto framework = Framework::catch2_v3;
  PlainRun run(frame, framework, units_of(frame.list, framework, std::vector<plan::Constraints>(2)), {}, 1, false);
  const auto ended = [](Outcome first, Outcome second, int code) {
    ToldTest one = told("same name", first);
    ToldTest other = told("Same Name", second);
    one.suite.clear();
    other.suite.clear();
    return end({one, other}, true, {false, code});
  };
  Batch batch = next(run, 1);
  ASSERT_EQ(batch.units.size(), 1U);
  run.took(batch, ended(Outcome::passed, Outcome::failed, 1));
  EXPECT_EQ(run.red(), 0U) << "there is another attempt";
  batch = next(run, 1);
  EXPECT_EQ(batch.attempt, 2U);
  run.took(batch, ended(Outcome::passed, Outcome::passed, 0));
  EXPECT_FALSE(run.has_work(false));
  const report::RunReport& report = run.finish({}, "");
  EXPECT_EQ(report.rows[0].attempts.size(), 2U);
  EXPECT_FALSE(report.rows[0].flaky);
  EXPECT_TRUE(report.rows[1].flaky);
  EXPECT_EQ(report::totals_of(report).passed, 2U);
}

}  // namespace
}  // namespace cleave::cli
