// The lane, driven by hand: what it decides when workers do what they should not.
#include <gtest/gtest.h>

#include "lane_by_hand.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

// R20
TEST_F(LaneTest, ACrashNamesTheTestAndItsBatchGoesOnInANewWorkerWithoutIt) {
  start();
  say(event::Started{1, 1s, 0});
  const auto out = die({true, 11, "SIGSEGV", 0});
  const auto records = all<command::Record>(out);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].item, 1U);
  EXPECT_EQ(records[0].outcome, Outcome::crashed);
  EXPECT_EQ(records[0].reason, "killed by SIGSEGV");
  const auto starts = all<command::Start>(lane_->next(source_, 1s));
  ASSERT_EQ(starts.size(), 1U);
  EXPECT_EQ(starts[0].items, (std::vector<std::uint32_t>{0, 2}));
}

TEST_F(LaneTest, AnExitWithStatusZeroInATestIsACrash) {
  start();
  say(event::Started{0, 1s, 0});
  const auto records = all<command::Record>(die({false, 0, "", 0}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].outcome, Outcome::crashed);
  EXPECT_EQ(records[0].reason, "the process exited with status 0 while the test ran");
}

TEST_F(LaneTest, ADeathInASuiteSetUpDoomsThatSuiteOnly) {
  options_.isolation = Isolation::shard;
  options_.lanes = 1;
  lane_ = std::make_unique<Lane>(options_, list_, plan_);
  lane_->next(source_, 0ns);
  say(event::Asks{});
  say(event::Started{0, 1s, 0});
  say(event::Ended{0, detail::Verdict::passed, 1s, 10us, 0});
  const auto gives = all<command::Give>(say(event::Asks{}));
  ASSERT_EQ(gives.size(), 1U);
  say(event::Entered{detail::Phase::suite_set_up, "A", 1s, 0});
  const auto records = all<command::Record>(die({true, 6, "SIGABRT", 0}));
  ASSERT_FALSE(records.empty());
  for (const auto& record : records) {
    EXPECT_EQ(list_.tests[plan_.items[record.item].index].suite, "A");
    EXPECT_EQ(record.outcome, Outcome::crashed);
    EXPECT_EQ(record.reason, "SetUpTestSuite of A: killed by SIGABRT");
  }
}

TEST_F(LaneTest, AHungTestIsKilledAtItsLimitAndTimesOut) {
  start();
  say(event::Started{0, 1s, 0});
  EXPECT_EQ(lane_->deadline(), 3s);
  EXPECT_TRUE(lane_->on_tick(3s - 1ns).empty());
  EXPECT_EQ(all<command::Kill>(lane_->on_tick(3s)).size(), 1U);
  const auto records = all<command::Record>(die({true, 9, "SIGKILL", 0}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].outcome, Outcome::timed_out);
  EXPECT_EQ(records[0].reason, "killed after 2000 ms, the limit for one test");
}

TEST_F(LaneTest, WhatRunsHasAsMuchTimeAfterAPauseOfTheDriverAsBefore) {
  start();
  say(event::Started{0, 1s, 0});
  lane_->spare(60s);
  EXPECT_EQ(lane_->deadline(), 63s);
  say(event::Ended{0, detail::Verdict::passed, 61s, 60s, 0});
  say(event::Started{1, 62s, 0});
  EXPECT_EQ(lane_->deadline(), 64s);
}

TEST_F(LaneTest, OfAWorkerWhoseEventsAreDamagedNothingRunsAgain) {
  start();
  say(event::Started{0, 1s, 0});
  EXPECT_EQ(all<command::Kill>(lane_->on_damage("ended, because its events are damaged")).size(), 1U);
  const auto records = all<command::Record>(die({true, 9, "SIGKILL", 0}));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].outcome, Outcome::crashed);
  EXPECT_EQ(records[0].reason, "ended, because its events are damaged");
  for (const std::size_t other : {1U, 2U}) EXPECT_EQ(records[other].outcome, Outcome::not_run);
}

// Catch2 measures by the clock of the day.
TEST_F(LaneTest, ATestTakesNoLongerThanFromItsStartToItsEnd) {
  start();
  say(event::Started{0, 1s, 0});
  const auto records = all<command::Record>(say(event::Ended{0, detail::Verdict::passed, 3s, 86400s, 0}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].duration, 2s);
}

TEST(FrameCutterTest, KnowsWhatIsNoFrameByItsFirstBytes) {
  const std::string_view long_and_unknown("\0\0\x10\0\xfe", 5);
  FrameCutter any(long_and_unknown);
  EXPECT_FALSE(any.next());
  EXPECT_FALSE(any.corrupt());
  FrameCutter events(long_and_unknown, kLargestEventType);
  EXPECT_FALSE(events.next());
  EXPECT_TRUE(events.corrupt());
}

TEST_F(LaneTest, AllGreenAndABadStatusIsTrouble) {
  start();
  for (std::uint32_t i = 0; i < 3; ++i) {
    say(event::Started{i, 1s, 0});
    say(event::Ended{i, detail::Verdict::passed, 1s, 10us, 0});
  }
  EXPECT_EQ(all<command::Dismiss>(say(event::Asks{})).size(), 1U);
  say(event::Finished{});
  const auto trouble = all<command::Trouble>(die({false, 23, "", 0}));
  ASSERT_EQ(trouble.size(), 1U);
  EXPECT_EQ(trouble[0].title, "shard-0: exited with status 23 although every test was green");
}

TEST_F(LaneTest, WorkersThatDieBeforeAnyTestEndTheRunAfterTheThird) {
  options_.isolation = Isolation::test;
  lane_ = std::make_unique<Lane>(options_, list_, plan_);
  std::vector<Command> out;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(all<command::StopAll>(out).empty());
    ASSERT_EQ(all<command::Start>(lane_->next(source_, 1s)).size(), 1U);
    out = die({true, 11, "SIGSEGV", 0});
    ASSERT_EQ(all<command::Record>(out).size(), 1U);
    EXPECT_EQ(all<command::Record>(out)[0].outcome, Outcome::not_run);
  }
  EXPECT_EQ(all<command::StopAll>(out).size(), 1U);
}

TEST_F(LaneTest, AFrameworkThatGivesUpAfterAFailureStopsTheRun) {
  start();
  say(event::Started{0, 1s, 0});
  say(event::Ended{0, detail::Verdict::failed, 1s, 10us, 0});
  say(event::Finished{});
  const auto out = die({false, 1, "", 0});
  EXPECT_EQ(all<command::StopAll>(out).size(), 1U);
  EXPECT_EQ(all<command::Record>(out).size(), 2U);
}

TEST_F(LaneTest, WhatTheFrameworkPassedOverIsNotRunAndHangsNothing) {
  start();
  say(event::Started{2, 1s, 0});
  say(event::Ended{2, detail::Verdict::passed, 1s, 10us, 0});
  const auto out = say(event::Asks{});
  const auto records = all<command::Record>(out);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].outcome, Outcome::not_run);
  EXPECT_EQ(all<command::Dismiss>(out).size() + all<command::Give>(out).size(), 1U);
}

/// A lane that meets crash after crash, a test at a time.
class CrashingLane : public LaneTest {
 protected:
  CrashingLane() {
    options_.isolation = Isolation::test;
    options_.lanes = 2;
    lane_ = std::make_unique<Lane>(options_, list_, plan_);
  }
  void crash() {
    const auto starts = all<command::Start>(lane_->next(source_, 1s));
    ASSERT_EQ(starts.size(), 1U);
    say(event::Asks{});
    say(event::Started{starts[0].items[0], 1s, 0});
    die({true, 11, "SIGSEGV", 0});
  }
};

// R20
TEST_F(CrashingLane, LeavesTheRestToOtherLanesAfterFiveInARow) {
  for (int i = 0; i < 5; ++i) crash();
  const auto trouble = all<command::Trouble>(lane_->next(source_, 1s));
  ASSERT_EQ(trouble.size(), 1U);
  EXPECT_TRUE(trouble[0].warning);
  EXPECT_EQ(trouble[0].title, "shard-0: takes no more tests after 5 crashes in a row; other shards go on");
  EXPECT_TRUE(lane_->done());
  EXPECT_EQ(source_.free_items(), 1U) << "for another lane";
}

TEST_F(CrashingLane, GoesOnWhenNobodyElseWorks) {
  source_.others = false;
  for (int i = 0; i < 6; ++i) crash();
  EXPECT_EQ(source_.free_items(), 0U);
}

TEST_F(CrashingLane, CountsFromTheStartAfterATestThatDidNotCrash) {
  for (int i = 0; i < 4; ++i) crash();
  const auto starts = all<command::Start>(lane_->next(source_, 1s));
  say(event::Asks{});
  say(event::Started{starts[0].items[0], 1s, 0});
  say(event::Ended{starts[0].items[0], detail::Verdict::passed, 1s, 10us, 0});
  say(event::Finished{});
  die({false, 0, "", 0});
  crash();
}

}  // namespace
}  // namespace cleave::plan
