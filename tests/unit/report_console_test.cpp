#include "report/console.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::ReportBuilder;

TEST(ShellQuoted, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_quoted("a b$c"), "'a b$c'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("é"), "'é'");
}

TEST(ShellQuoted, SpellsOutControlCharacters) {
  EXPECT_EQ(shell_quoted("a\n1'\\\x1b\xFF"), "$'a\\0121\\'\\\\\\033\\377'");
}

TEST(ReproduceLine, NamesTheGoogleTest) {
  ReportBuilder builder;
  builder.test("Inst/Store", "Works/0", Outcome::failed);
  EXPECT_EQ(reproduce_line(builder.report(), builder.listed()),
            "/build/store_tests --gtest_filter='Inst/Store.Works/0'");
  builder.report().binary = "/my build/store_tests";
  EXPECT_EQ(reproduce_line(builder.report(), builder.listed()),
            "'/my build/store_tests' --gtest_filter='Inst/Store.Works/0'");
}

TEST(ReproduceLine, RunsDisabledTests) {
  ReportBuilder builder;
  builder.test("Inst/DISABLED_Store", "Works", Outcome::failed);
  EXPECT_EQ(reproduce_line(builder.report(), builder.listed()),
            "/build/store_tests --gtest_also_run_disabled_tests --gtest_filter='Inst/DISABLED_Store.Works'");
}

TEST(ReproduceLine, EscapesWhatCatch2Reads) {
  ReportBuilder builder("catch2");
  builder.test("Fixture", "~a, [b] \"c\" \\ don't", Outcome::failed);
  EXPECT_EQ(reproduce_line(builder.report(), builder.listed()),
            "/build/store_tests '\\~a\\, \\[b\\] \\\"c\\\" \\\\ don'\\''t'");
}

TEST(FailureBlock, IsWhole) {
  ReportBuilder builder;
  Attempt red = test::failed_attempt("Expected: 1 < 0\n  actual: 1");
  red.output = {"first\n", "last\n", 5000};
  red.attempt = 2;
  builder.test("Store", "Writes", {red});
  EXPECT_EQ(failure_block(builder.report(), builder.listed(), red, false),
            R"(FAILED  Store.Writes  (12 ms, shard-1, attempt 2)
  store_test.cpp:42:
    Expected: 1 < 0
      actual: 1
  output (5000 bytes):
    | first

    | [… 4989 bytes left out …]
    | last
  reproduce: /build/store_tests --gtest_filter='Store.Writes'
)");
}

TEST(FailureBlock, CrashShowsWhereTheTestStandsAndWhy) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  const std::string block =
      failure_block(builder.report(), builder.listed(), builder.report().rows[0].attempts[0], false);
  EXPECT_EQ(block,
            "CRASHED  Store.Dies  (12 ms, shard-1)\n  store_test.cpp:10\n  killed by SIGSEGV\n"
            "  reproduce: /build/store_tests --gtest_filter='Store.Dies'\n");
}

TEST(FailureBlock, ShowsStacksBelowTheReasonAndTheSeedOfAShuffledRun) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  builder.report().list.shuffled = true;
  builder.report().list.seed = 4711;
  Attempt& red = builder.report().rows[0].attempts[0];
  red.stacks = "thread 1\n  #0 die() store.cpp:7\x1b[2J\n";
  EXPECT_EQ(failure_block(builder.report(), builder.listed(), red, false),
            "CRASHED  Store.Dies  (12 ms, shard-1, seed 4711)\n  store_test.cpp:10\n  killed by SIGSEGV\n"
            "  thread 1\n    #0 die() store.cpp:7\\x1b[2J\n"
            "  reproduce: /build/store_tests --gtest_filter='Store.Dies'\n");
}

TEST(FailureBlock, SaysWhereTheFilesOfTheShardAre) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  Attempt& red = builder.report().rows[0].attempts[0];
  red.files = "/runs/1/tmp/s1";
  const std::string block = failure_block(builder.report(), builder.listed(), red, false);
  EXPECT_NE(block.find("\n  files: /runs/1/tmp/s1\n"), std::string::npos) << block;
}

TEST(FailureBlock, NothingInItSteersTheTerminal) {
  ReportBuilder builder("catch2");
  Attempt red = test::failed_attempt("\x1b[2Jtext\x07");
  red.reason = "\x1b]0;t\x07";
  red.output = test::output("\x1b[31mcoloured\x1b[0m \x1b[H");
  red.shard = "\x1b";
  builder.test("", "name\x1b[2J\nFAILED  other", {red});
  builder.listed().file = "\x1b.cpp";
  const std::string block = failure_block(builder.report(), builder.listed(), red, false);
  EXPECT_EQ(block.find('\x1b'), std::string::npos) << block;
  EXPECT_EQ(block.find('\x07'), std::string::npos) << block;
  EXPECT_EQ(block.find("\nFAILED"), std::string::npos) << "a newline in a name must not start a line";
  EXPECT_NE(block.find("| coloured \\x1b[H"), std::string::npos) << block;
}

TEST(FailureBlock, ColourIsOnlyThereWhenAskedFor) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  const Attempt& red = builder.report().rows[0].attempts[0];
  EXPECT_EQ(failure_block(builder.report(), builder.listed(), red, true).rfind("\x1b[31mCRASHED\x1b[0m", 0), 0u);
}

TEST(ProblemBlock, IsWhole) {
  Problem problem;
  problem.title = "tear-down of suite Store failed";
  problem.suite = "Store";
  problem.shard = "shard-0";
  problem.detail = "exit status 9";
  problem.messages.push_back({MessageKind::failure, "env.cpp", 3, "boom"});
  EXPECT_EQ(
      problem_block(problem, false),
      "PROBLEM  tear-down of suite Store failed  (shard-0)\n  suite Store\n  exit status 9\n  env.cpp:3:\n    boom\n");
  problem.warning = true;
  EXPECT_EQ(problem_block(problem, false).rfind("WARNING", 0), 0u);
}

TEST(Summary, GreenRunSaysSo) {
  ReportBuilder builder;
  builder.test("Store", "a", Outcome::passed);
  builder.test("Store", "b", Outcome::skipped);
  EXPECT_EQ(summary(builder.report(), false), "2 tests: 1 passed, 1 skipped in 3.21 s over 2 shards\ngreen\n");
}

TEST(Summary, NamesWhatFailedAndWhere) {
  ReportBuilder builder;
  builder.test("Store", "a", {test::failed_attempt("no")});
  builder.test("Store", "b", {attempt(Outcome::timed_out, "no end after 5 s")});
  builder.problem("shard-0: exit status 9");
  builder.report().notes.push_back("12 serial tests were not selected");
  EXPECT_EQ(summary(builder.report(), false), R"(2 tests: 1 failed, 1 timed out in 3.21 s over 2 shards
  failed     Store.a  store_test.cpp:10
  timed out  Store.b  store_test.cpp:11  (no end after 5 s)
  problem    shard-0: exit status 9
  note       12 serial tests were not selected
red: 1 failed, 1 timed out, 1 problem beside the tests
)");
}

TEST(Summary, FlakyTestsAreNamedThoughTheRunIsGreen) {
  ReportBuilder builder;
  builder.test("Store", "a", {test::failed_attempt("no"), attempt(Outcome::passed)}).flaky = true;
  EXPECT_EQ(summary(builder.report(), false),
            "1 test: 1 passed (1 flaky) in 3.21 s over 2 shards\n"
            "  flaky      Store.a  store_test.cpp:10\ngreen, though 1 test was flaky\n");
}

TEST(Summary, InterruptedRunIsRed) {
  ReportBuilder builder;
  builder.test("Store", "a", Outcome::passed);
  builder.report().interrupted_by = "SIGINT";
  EXPECT_NE(summary(builder.report(), false).find("\nred: interrupted by SIGINT\n"), std::string::npos);
}

TEST(Summary, BrokenRunIsNotTrusted) {
  ReportBuilder builder;
  builder.test("Store", "a", Outcome::passed);
  builder.problem("lists differ").run_broken = true;
  EXPECT_NE(summary(builder.report(), false).find("the run itself broke"), std::string::npos);
}

TEST(Summary, NothingToRunIsNotGreen) {
  EXPECT_EQ(summary(ReportBuilder().report(), false),
            "0 tests in 3.21 s over 2 shards\nnothing to run: the arguments select no test\n");
}

TEST(Summary, SaysHowManyNamesItLeavesOut) {
  ReportBuilder builder;
  for (int i = 0; i < 60; ++i) builder.test("Store", "t" + std::to_string(i), Outcome::failed);
  EXPECT_NE(summary(builder.report(), false).find("… and 10 more"), std::string::npos);
}

}  // namespace
}  // namespace cleave::report
