#include "report/efficiency.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "../support/report_builder.hpp"
#include "plan/settings.hpp"
#include "report/html_data.hpp"
#include "report/json.hpp"
#include "report/merge.hpp"
#include "report/speed.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Cause = Efficiency::Cause;

/// A run that took what the test says, of tests that took what the test says; nothing else took any time.
class MeasuredRun {
 public:
  MeasuredRun(std::uint32_t lanes, Nanoseconds wall) {
    builder_.report().shard_count = lanes;
    builder_.report().wall = wall;
  }
  plan::Constraints& test(std::string name, Nanoseconds duration) {
    Attempt attempt = test::attempt(Outcome::passed);
    attempt.start = builder_.report().start + before_first;
    attempt.duration = duration;
    builder_.test("S", std::move(name), {attempt});
    return constraints_.emplace_back();
  }
  void cost(std::string suite, Nanoseconds duration) {
    builder_.report().costs.push_back({std::move(suite), "shard-0", {}, duration});
  }
  Efficiency efficiency(Nanoseconds predicted = {}) { return over(whole_run(builder_.report()), predicted); }
  Efficiency over(const Stage& stage, Nanoseconds predicted) {
    plan::PlanInput input;
    input.resource_locks = resource_locks;
    input.constraints = constraints_;
    input.lanes = builder_.report().shard_count;
    const plan::Plan plan = plan::make_plan(builder_.report().list, input);
    return efficiency_of(builder_.report(), plan, constraints_, stage, predicted);
  }
  test::ReportBuilder& builder() { return builder_; }

  Nanoseconds before_first{};
  std::vector<std::string> resource_locks;

 private:
  test::ReportBuilder builder_;
  std::vector<plan::Constraints> constraints_;
};

// R15: what the end of a run compares its time with. Each case is computed by hand.
TEST(Efficiency, EvenWorkIsBoundByItsAmount) {
  MeasuredRun run(4, seconds(5));
  for (int i = 0; i < 16; ++i) run.test("t" + std::to_string(i), seconds(1));
  const Efficiency e = run.efficiency(seconds(4));
  EXPECT_EQ(e.bound, seconds(4)) << "16 s over 4 lanes";
  EXPECT_EQ(e.cause, Cause::work);
  EXPECT_EQ(e.work, seconds(16));
  EXPECT_EQ(e.predicted, seconds(4));
  EXPECT_DOUBLE_EQ(e.above_bound(), 0.25);
  EXPECT_EQ(e.advice, "");
}

TEST(Efficiency, OneLongTestIsTheBound) {
  MeasuredRun run(4, seconds(5));
  run.test("Slow", seconds(5));
  for (int i = 0; i < 7; ++i) run.test("t" + std::to_string(i), seconds(1));
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.bound, seconds(5)) << "12 s over 4 lanes are 3 s";
  EXPECT_EQ(e.cause, Cause::longest);
  EXPECT_EQ(e.bound_by, "S.Slow");
  EXPECT_EQ(e.advice, "S.Slow took 100 % of the run: split it");
  EXPECT_EQ(e.saves, seconds(2));
}

TEST(Efficiency, SerialTestsAreAddedToTheRest) {
  MeasuredRun run(2, seconds(5));
  for (int i = 0; i < 4; ++i) run.test("t" + std::to_string(i), milliseconds(900));
  run.test("Alone", milliseconds(3200)).serial = true;
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.bound, seconds(5)) << "4 * 0.9 s over 2 lanes, then 3.2 s";
  EXPECT_EQ(e.cause, Cause::serial);
  EXPECT_EQ(e.serial, milliseconds(3200));
  EXPECT_EQ(e.advice, "serial tests took 3.20 s of 5.00 s, each alone: let fewer be serial");
  EXPECT_EQ(e.saves, milliseconds(1600));
}

TEST(Efficiency, HoldersOfALockComeOneAfterAnother) {
  MeasuredRun run(4, seconds(6));
  for (int i = 0; i < 6; ++i) run.test("t" + std::to_string(i), seconds(1)).locks.push_back({"db", false});
  run.test("free", seconds(2));
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.bound, seconds(6));
  EXPECT_EQ(e.cause, Cause::lock);
  EXPECT_EQ(e.bound_by, "db");
  EXPECT_NE(e.advice.find("the tests with lock:db took 6.00 s of 6.00 s one after another"), std::string::npos)
      << e.advice;
  EXPECT_EQ(e.saves, seconds(4)) << "8 s over 4 lanes, and no test above 2 s";
}

TEST(Efficiency, ReadersOfALockAreDealt) {
  MeasuredRun run(4, seconds(2));
  for (int i = 0; i < 8; ++i) run.test("t" + std::to_string(i), seconds(1)).locks.push_back({"db", true});
  EXPECT_EQ(run.efficiency().bound, seconds(2));
  EXPECT_EQ(run.efficiency().cause, Cause::work);
}

TEST(Efficiency, AWeightCountsByItsLanes) {
  MeasuredRun run(4, seconds(4));
  for (int i = 0; i < 4; ++i) run.test("t" + std::to_string(i), seconds(1)).weight = 2;
  EXPECT_EQ(run.efficiency().bound, seconds(2)) << "8 s of lanes";
}

// Of 4 lanes CTest had room for 2: a test of weight 2 leaves room for another one.
TEST(Efficiency, AWeightIsMeasuredByWhatMayRunAtATime) {
  MeasuredRun run(4, seconds(4));
  for (int i = 0; i < 4; ++i) run.test("t" + std::to_string(i), seconds(1)).weight = 2;
  EXPECT_EQ(run.over({2, run.builder().report().start, seconds(2), 4}, {}).bound, seconds(2));
}

// RESOURCE_LOCK: their entries run beside the shards.
TEST(Efficiency, WhatHasEntriesOfItsOwnForALockIsNotSerial) {
  MeasuredRun run(2, seconds(2));
  run.resource_locks = {"db", "queue"};
  run.test("one", seconds(1)).locks.push_back({"db", false});
  run.test("other", seconds(1)).locks.push_back({"queue", false});
  run.test("free", seconds(2));
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.serial, seconds(0));
  EXPECT_EQ(e.bound, seconds(2));
}

TEST(Efficiency, RepeatedSetUpsAreNotPartOfTheBound) {
  MeasuredRun run(2, seconds(6));
  run.test("a", seconds(2));
  run.test("b", seconds(2));
  run.cost("S", seconds(3));
  run.cost("S", seconds(4));
  run.cost("", milliseconds(500));
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.bound, seconds(4)) << "2 + 2 + 4 over 2 lanes";
  EXPECT_EQ(e.set_ups, seconds(7));
  EXPECT_EQ(e.repeated_set_ups, seconds(3));
  EXPECT_EQ(e.starts, milliseconds(500));
  EXPECT_EQ(e.saves, milliseconds(1500));
  EXPECT_NE(e.advice.find("suites were set up in several processes"), std::string::npos) << e.advice;
}

TEST(Efficiency, WhatPassesBeforeTheFirstTestIsNamed) {
  MeasuredRun run(2, seconds(4));
  run.before_first = seconds(2);
  for (int i = 0; i < 4; ++i) run.test("t" + std::to_string(i), seconds(1));
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.before_first, seconds(2));
  EXPECT_EQ(e.advice, "2.00 s passed before the first test: fixtures of the run, or main");
}

TEST(Efficiency, WhatDidNotRunTookNoTime) {
  MeasuredRun run(2, seconds(1));
  run.test("a", seconds(1));
  run.test("b", seconds(1));
  run.builder().report().rows[1].attempts[0].outcome = Outcome::not_run;
  run.test("c", seconds(1));
  run.builder().report().rows[2].attempts[0].cached = true;
  EXPECT_EQ(run.efficiency().work, seconds(1));
}

TEST(Efficiency, IsNotAskedForWhereTimeWentToCrashesHangsAndRetries) {
  for (const auto& [outcome, rung, expected] :
       {std::tuple{Outcome::passed, plan::Rung::first, true}, std::tuple{Outcome::failed, plan::Rung::first, true},
        std::tuple{Outcome::crashed, plan::Rung::first, false},
        std::tuple{Outcome::timed_out, plan::Rung::first, false},
        std::tuple{Outcome::passed, plan::Rung::fresh_process, false}}) {
    MeasuredRun run(2, seconds(2));
    run.test("one", seconds(1));
    run.test("two", seconds(1));
    Attempt& attempt = run.builder().report().rows[1].attempts[0];
    attempt.outcome = outcome;
    attempt.rung = rung;
    EXPECT_EQ(took_its_course(run.builder().report()), expected) << plan::name_of(outcome) << plan::name_of(rung);
  }
}

/// A journal with executions from and to these seconds.
Journal journal_of(const std::vector<std::pair<int, int>>& executions) {
  Journal journal;
  for (const auto& [from, to] : executions) {
    ExecutionBegin begin;
    begin.when = seconds(from);
    journal.records.emplace_back(begin);
    journal.records.emplace_back(ExecutionEnd{0, "", seconds(to)});
  }
  return journal;
}

// R15: under CTest others run between the shards, and not all shards are there at once.
TEST(Stage, IsTheTimeInWhichAtLeastOneShardWasAtWork) {
  const Stage stage = stage_of({journal_of({{10, 14}}), journal_of({{12, 15}, {20, 21}}), journal_of({{15, 16}})});
  EXPECT_EQ(stage.begin, seconds(10));
  EXPECT_EQ(stage.took, seconds(7)) << "10 to 16 and 20 to 21";
  EXPECT_EQ(stage.lanes, 2U) << "the third began when the second ended";
}

TEST(Stage, IsUnknownWhereAShardDidNotComeToItsEnd) {
  Journal killed = journal_of({{10, 14}});
  killed.records.pop_back();
  EXPECT_EQ(stage_of({journal_of({{10, 14}}), killed}).lanes, 0U);
  Journal again = killed;
  const Journal second = journal_of({{20, 21}});
  again.records.insert(again.records.end(), second.records.begin(), second.records.end());
  EXPECT_EQ(stage_of({again}).lanes, 0U);
  EXPECT_EQ(stage_of({}).lanes, 0U);
}

TEST(Stage, WhatTookNoTimeIsNoLane) {
  EXPECT_EQ(stage_of({journal_of({{10, 14}}), journal_of({{12, 12}}), journal_of({{13, 11}})}).lanes, 1U);
}

TEST(Efficiency, IsMeasuredOverTheStage) {
  MeasuredRun run(4, seconds(60));
  for (int i = 0; i < 4; ++i) run.test("t" + std::to_string(i), seconds(1));
  const Efficiency e = run.over({2, run.builder().report().start, seconds(3), 0}, {});
  EXPECT_EQ(e.lanes, 2U);
  EXPECT_EQ(e.bound, seconds(2));
  EXPECT_DOUBLE_EQ(e.above_bound(), 0.5);
}

// R13: one figure, wherever it is read.
TEST(Efficiency, PageJsonAndTerminalSayTheSame) {
  MeasuredRun run(2, seconds(10));
  run.test("Slow", seconds(8));
  run.test("b", seconds(1));
  RunReport& report = run.builder().report();
  report.efficiency = run.efficiency(seconds(9));
  const auto page = nlohmann::json::parse(html_columns(report))["bound"];
  const auto file = nlohmann::json::parse(json_report(report))["efficiency"];
  const std::string terminal = speed_lines(report, Detail::normal);
  EXPECT_EQ(page["least"], 8'000'000);
  EXPECT_EQ(file["bound_seconds"], 8.0);
  EXPECT_NE(terminal.find("predicted 9.00 s, took 10.00 s: 25 % above the 8.00 s that no schedule beats (S.Slow)"),
            std::string::npos)
      << terminal;
  EXPECT_EQ(page["why"], "S.Slow");
  EXPECT_EQ(page["took"], 10'000'000);
  EXPECT_EQ(page["predicted"], 9'000'000);
  EXPECT_EQ(page["lanes"], file["lanes"]);
  EXPECT_EQ(page["advice"], file["advice"]);
  EXPECT_NE(terminal.find(page["advice"].get<std::string>()), std::string::npos) << terminal;
}

TEST(Efficiency, AnEmptyRunHasNone) {
  MeasuredRun run(2, {});
  const Efficiency e = run.efficiency();
  EXPECT_EQ(e.bound, Nanoseconds{});
  EXPECT_EQ(e.above_bound(), 0);
  EXPECT_EQ(e.advice, "");
}

}  // namespace
}  // namespace cleave::report
