// The lane, driven by hand: what it decides when workers do what they should not.
#include <gtest/gtest.h>

#include <algorithm>

#include "plan/lane.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

/// Hands out the items of a plan in order, as many as asked for and at most a suite of three.
class FakeSource : public WorkSource {
 public:
  explicit FakeSource(std::uint32_t count) : count_(count) {}
  Claim claim(std::int64_t after, std::uint32_t want, bool, Nanoseconds) override {
    Claim claim;
    while (stop.empty() && next_ < count_ && claim.items.size() < std::min(want, 3U) &&
           static_cast<std::int64_t>(next_) > after) {
      claim.items.push_back(next_++);
    }
    return claim;
  }
  bool is_exclusive(std::uint32_t) override { return false; }
  bool claim_again(std::uint32_t, bool alone) override { return !alone || nobody_else_runs; }
  bool spend_retry() override { return retries-- > 0; }
  std::uint32_t free_items() override { return count_ - next_; }
  std::string stopped() override { return stop; }
  std::string stop;
  int retries = 100;
  bool nobody_else_runs = true;

 private:
  std::uint32_t count_;
  std::uint32_t next_ = 0;
};

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    list_.framework = "gtest";
    list_.pulls = true;
    list_.groups_matter = true;
    for (std::uint32_t i = 0; i < 6; ++i) {
      TestCase test;
      test.suite = i < 3 ? "A" : "B";
      test.name = std::to_string(i);
      test.position = i;
      test.selected = true;
      list_.tests.push_back(test);
    }
    PlanInput input;
    input.constraints.resize(6);
    plan_ = make_plan(list_, input);
    options_.shard = "shard-0";
    options_.pulls = true;
    options_.isolation = Isolation::suite;  // Whole suites: batches of three.
    options_.test_timeout = 2s;
    options_.batch_time = 10ms;
  }

  std::vector<Command> start() {
    lane_ = std::make_unique<Lane>(options_, list_, plan_);
    auto out = lane_->next(source_, 0ns);
    say(event::Asks{});
    return out;
  }
  std::vector<Command> say(const Event& event) { return lane_->on_event(event, source_, 1s); }
  std::vector<Command> die(const WorkerEnd& how) { return lane_->on_exit(how, source_, 1s); }

  template <class T>
  static std::vector<T> all(const std::vector<Command>& commands) {
    std::vector<T> found;
    for (const Command& each : commands) {
      if (const T* match = std::get_if<T>(&each)) found.push_back(*match);
    }
    return found;
  }

  TestList list_;
  Plan plan_;
  LaneOptions options_;
  FakeSource source_{6};
  std::unique_ptr<Lane> lane_;
};

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

/// One test that fails in a lane that tries it again; the two others of its batch pass.
class LaneRetryTest : public LaneTest {
 protected:
  LaneRetryTest() { options_.retry.retries = 2; }
  std::vector<Command> fail_first() {
    start();
    say(event::Started{0, 1s, 0});
    auto out = say(event::Ended{0, detail::Verdict::failed, 1s, 10us, 0});
    for (std::uint32_t i = 1; i < 3; ++i) {
      say(event::Started{i, 1s, 0});
      say(event::Ended{i, detail::Verdict::passed, 1s, 10us, 0});
    }
    return out;
  }
  void leave() {
    say(event::Asks{});
    say(event::Finished{});
    die({false, 0, "", 0});
  }
  /// Runs the retry that `commands` start; what the lane says of it.
  command::Record retry(const std::vector<Command>& commands, detail::Verdict verdict) {
    EXPECT_EQ(all<command::Start>(commands).size(), 1U);
    say(event::Asks{});
    say(event::Started{0, 5s, 0});
    const auto records = all<command::Record>(say(event::Ended{0, verdict, 5s, 10us, 0}));
    EXPECT_EQ(records.size(), 1U);
    const auto after = say(event::Asks{});
    EXPECT_TRUE(all<command::Give>(after).empty()) << "a retry has its process to itself";
    say(event::Finished{});
    die({false, verdict == detail::Verdict::passed ? 0 : 1, "", 0});
    return records.empty() ? command::Record{} : records[0];
  }
};

// R24
TEST_F(LaneRetryTest, ClimbsTheLadderAndEndsWithTheAttemptThatPasses) {
  const auto failed = all<command::Record>(fail_first());
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_FALSE(failed[0].last);
  EXPECT_EQ(failed[0].rung, Rung::first);
  leave();
  const auto second = lane_->next(source_, 10s);
  ASSERT_EQ(all<command::Start>(second).size(), 1U);
  EXPECT_EQ(all<command::Start>(second)[0].items, std::vector<std::uint32_t>{0});
  EXPECT_EQ(all<command::Start>(second)[0].attempt, 2U);
  const command::Record again = retry(second, detail::Verdict::failed);
  EXPECT_EQ(again.rung, Rung::fresh_process);
  EXPECT_FALSE(again.last);
  const command::Record last = retry(lane_->next(source_, 20s), detail::Verdict::passed);
  EXPECT_EQ(last.rung, Rung::alone);
  EXPECT_EQ(last.attempt, 3U);
  EXPECT_TRUE(last.last);
}

// R24: the pause is not lost; meanwhile other tests run.
TEST_F(LaneRetryTest, TakesOtherTestsUntilTheRetryIsDue) {
  fail_first();
  leave();
  const auto other = all<command::Start>(lane_->next(source_, 1s + 1ms));
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].items, (std::vector<std::uint32_t>{3, 4, 5}));
  EXPECT_FALSE(lane_->done());
  EXPECT_GT(lane_->wakes(), 1s);
}

// R24
TEST_F(LaneRetryTest, WaitsForTheOthersWhereItWantsToBeAlone) {
  fail_first();
  leave();
  retry(lane_->next(source_, 10s), detail::Verdict::failed);
  source_.nobody_else_runs = false;
  const auto meanwhile = all<command::Start>(lane_->next(source_, 20s));
  ASSERT_EQ(meanwhile.size(), 1U);
  EXPECT_EQ(meanwhile[0].items, (std::vector<std::uint32_t>{3, 4, 5})) << "other tests first";
  say(event::Asks{});
  for (std::uint32_t i = 3; i < 6; ++i) {
    say(event::Started{i, 20s, 0});
    say(event::Ended{i, detail::Verdict::passed, 20s, 10us, 0});
  }
  leave();
  EXPECT_TRUE(lane_->next(source_, 20s).empty());
  EXPECT_FALSE(lane_->done());
  source_.nobody_else_runs = true;
  EXPECT_EQ(retry(lane_->next(source_, 20s), detail::Verdict::passed).rung, Rung::alone);
}

// R24: the run's budget is spent.
TEST_F(LaneRetryTest, WithoutBudgetTheFirstFailureIsTheLast) {
  source_.retries = 0;
  const auto failed = all<command::Record>(fail_first());
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_TRUE(failed[0].last);
}

// R24: fail-fast leaves no test without its end.
TEST_F(LaneRetryTest, AStopGivesUpWhatWaitsToBeTriedAgain) {
  fail_first();
  leave();
  source_.stop = "stopped after 1 failed test (fail-fast)";
  const auto given_up = all<command::GiveUp>(lane_->next(source_, 10s));
  ASSERT_EQ(given_up.size(), 1U);
  EXPECT_EQ(given_up[0].item, 0U);
  lane_->next(source_, 10s);
  EXPECT_TRUE(lane_->done());
}

}  // namespace
}  // namespace cleave::plan
