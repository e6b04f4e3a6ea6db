// What `cleave merge` makes of several reports.
#include "cli/joined_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/rows.hpp"

namespace cleave::cli {
namespace {

using plan::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// A run of the program "t" on a machine: tests "S.<name>", one after the other.
report::RunReport run_on(const std::string& host, const std::vector<std::pair<std::string, Outcome>>& tests) {
  report::RunReport run;
  run.run_id = "id-" + host;
  run.target = "t";
  run.binary = "/build/t";
  run.host = host;
  run.start = 1000s;
  run.wall = 5s;
  run.shard_count = 2;
  run.list.framework = "gtest";
  for (const auto& [name, outcome] : tests) {
    plan::TestCase test;
    test.suite = "S";
    test.name = name;
    test.selected = true;
    report::TestRow row;
    row.index = static_cast<std::uint32_t>(run.rows.size());
    row.outcome = outcome;
    report::Attempt attempt;
    attempt.outcome = outcome;
    attempt.shard = "shard-0";
    attempt.start = 1001s;
    row.attempts.push_back(attempt);
    run.list.tests.push_back(test);
    run.rows.push_back(row);
  }
  return run;
}

report::RunReport join(const report::RunReport& a, const report::RunReport& b) {
  const auto all = joined({{"a", a}, {"b", b}});
  EXPECT_TRUE(all) << all.error().what;
  return all ? *all : report::RunReport{};
}

std::vector<std::string> told(const report::RunReport& report) {
  std::vector<std::string> lines;
  for (const report::RowView& view : report::reported_rows(report))
    lines.push_back(view.test->name + " " + std::string(plan::name_of(view.outcome)) + " " +
                    report::final_attempt(*view.row).shard);
  return lines;
}

// R14
TEST(JoinedReport, HasTheTestsOfAllMachinesOnce) {
  const auto all = join(run_on("x", {{"A", Outcome::passed}}), run_on("y", {{"B", Outcome::failed}}));
  EXPECT_THAT(told(all), ElementsAre("A passed x/shard-0", "B failed y/shard-0"));
  EXPECT_EQ(all.shard_count, 4U);
  EXPECT_EQ(all.host, "several");
  EXPECT_EQ(report::exit_code_of(all), 1);
}

// R14: the rule where two tell the same.
TEST(JoinedReport, TakesTheFirstOfTwoThatAgree) {
  const auto all = join(run_on("x", {{"A", Outcome::passed}, {"B", Outcome::failed}}),
                        run_on("y", {{"A", Outcome::skipped}, {"B", Outcome::crashed}}));
  EXPECT_THAT(told(all), ElementsAre("A passed x/shard-0", "B failed x/shard-0"));
  EXPECT_THAT(all.problems, IsEmpty());
  EXPECT_THAT(all.notes, ElementsAre("2 tests were run by several runs: the one that was named first counts"));
}

// R14, R16: never a false green, whichever comes first.
TEST(JoinedReport, IsBrokenWhereOneSaysGreenAndTheOtherRed) {
  const auto green = run_on("x", {{"A", Outcome::passed}});
  const auto red = run_on("y", {{"A", Outcome::failed}});
  for (const auto& all : {join(green, red), join(red, green)}) {
    EXPECT_THAT(told(all), ElementsAre("A failed y/shard-0"));
    ASSERT_EQ(all.problems.size(), 1U);
    EXPECT_EQ(all.problems[0].title, "S.A has contradictory outcomes");
    EXPECT_THAT(all.problems[0].detail, HasSubstr("x says passed"));
    EXPECT_THAT(all.problems[0].detail, HasSubstr("y says failed"));
    EXPECT_EQ(report::exit_code_of(all), 3);
  }
}

// R14: a part that one machine did not come to, another ran.
TEST(JoinedReport, TakesWhatRanForWhatDidNot) {
  const auto none = run_on("x", {{"A", Outcome::not_run}});
  const auto ran = run_on("y", {{"A", Outcome::passed}});
  for (const auto& all : {join(none, ran), join(ran, none)}) {
    EXPECT_THAT(told(all), ElementsAre("A passed y/shard-0"));
    EXPECT_THAT(all.problems, IsEmpty());
  }
}

TEST(JoinedReport, KeepsTestsApartThatShareAName) {
  const auto all = join(run_on("x", {{"A", Outcome::passed}, {"A", Outcome::failed}}),
                        run_on("y", {{"A", Outcome::passed}, {"A", Outcome::failed}}));
  EXPECT_THAT(told(all), ElementsAre("A passed x/shard-0", "A failed x/shard-0"));
  EXPECT_THAT(all.problems, IsEmpty());
}

// R16
TEST(JoinedReport, KeepsWhatBrokeARun) {
  auto broken = run_on("x", {{"A", Outcome::passed}});
  broken.problems.emplace_back();
  broken.problems.back().title = "shard-1 was lost";
  broken.problems.back().run_broken = true;
  const auto all = join(broken, run_on("y", {{"A", Outcome::passed}}));
  ASSERT_EQ(all.problems.size(), 1U);
  EXPECT_EQ(all.problems[0].title, "x: shard-1 was lost");
  EXPECT_EQ(report::exit_code_of(all), 3);
}

TEST(JoinedReport, NamesShardsByTheirRunOnOneMachine) {
  auto second = run_on("x", {{"B", Outcome::passed}});
  second.run_id = "another";
  EXPECT_THAT(told(join(run_on("x", {{"A", Outcome::passed}}), second)),
              ElementsAre("A passed run-1/shard-0", "B passed run-2/shard-0"));
}

TEST(JoinedReport, DoesNotMixTwoProgramsOfOneNameOnOneMachine) {
  auto other = run_on("x", {{"A", Outcome::failed}});
  other.binary = "/other/t";
  const auto all = join(run_on("x", {{"A", Outcome::passed}}), other);
  ASSERT_EQ(all.list.tests.size(), 2U);
  EXPECT_EQ(all.list.tests[0].suite, "t.S");
  EXPECT_EQ(all.list.tests[1].suite, "t#2.S");
  EXPECT_THAT(all.problems, IsEmpty());
}

TEST(JoinedReport, RefusesTheSameRunTwice) {
  const auto run = run_on("x", {{"A", Outcome::passed}});
  const auto all = joined({{"a", run}, {"b", run}});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().kind, Errc::usage);
  EXPECT_EQ(all.error().what, "'a' and 'b' are the same run");
}

}  // namespace
}  // namespace cleave::cli
