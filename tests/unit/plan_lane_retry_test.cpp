// Retries, as a lane decides them.
#include <gtest/gtest.h>

#include "lane_by_hand.hpp"

namespace cleave::plan {
namespace {

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

/// A framework that can run a test a second time in one process.
class LaneAgainTest : public LaneRetryTest {
 protected:
  LaneAgainTest() { options_.retry.same_process = true; }
  /// The attempt that runs at once, or 0.
  static std::uint32_t answer(const std::vector<Command>& commands) {
    const auto answers = all<command::Again>(commands);
    EXPECT_EQ(answers.size(), 1U);
    return answers.empty() ? 0 : answers[0].attempt;
  }
  command::Record end(std::uint32_t index, detail::Verdict verdict) {
    const auto records = all<command::Record>(say(event::Ended{index, verdict, 1s, 10us, 0}));
    EXPECT_EQ(records.size(), 1U);
    return records.empty() ? command::Record{} : records[0];
  }
};

// R24
TEST_F(LaneAgainTest, RunsWhatFailedAtOnceInTheSameProcess) {
  start();
  say(event::Started{0, 1s, 0});
  EXPECT_FALSE(end(0, detail::Verdict::failed).last);
  EXPECT_EQ(answer(say(event::AsksAgain{0})), 2U);
  say(event::Started{0, 1s, 0});
  const command::Record second = end(0, detail::Verdict::passed);
  EXPECT_EQ(second.rung, Rung::same_process);
  EXPECT_EQ(second.attempt, 2U);
  EXPECT_TRUE(second.last);
  for (std::uint32_t i = 1; i < 3; ++i) {
    say(event::Started{i, 1s, 0});
    end(i, detail::Verdict::passed);
  }
  leave();
  EXPECT_EQ(all<command::Start>(lane_->next(source_, 9s)).at(0).items, (std::vector<std::uint32_t>{3, 4, 5}))
      << "nothing waits to be tried again";
}

// R24: then earlier tests are suspects, and after that other shards.
TEST_F(LaneAgainTest, WhatFailsTwiceThereGoesToAFreshProcess) {
  start();
  say(event::Started{0, 1s, 0});
  end(0, detail::Verdict::failed);
  EXPECT_EQ(answer(say(event::AsksAgain{0})), 2U);
  say(event::Started{0, 1s, 0});
  EXPECT_FALSE(end(0, detail::Verdict::failed).last);
  EXPECT_EQ(answer(say(event::AsksAgain{0})), 0U) << "at most once";
  leave();
  EXPECT_EQ(retry(lane_->next(source_, 10s), detail::Verdict::passed).rung, Rung::fresh_process);
}

// R24: a set-up of the suite failed the test; the worker goes on without a question.
TEST_F(LaneAgainTest, WhatIsNotAskedForGoesToAFreshProcess) {
  fail_first();
  leave();
  const command::Record second = retry(lane_->next(source_, 10s), detail::Verdict::passed);
  EXPECT_EQ(second.rung, Rung::fresh_process);
  EXPECT_EQ(second.attempt, 2U);
}

// R24
TEST_F(LaneAgainTest, AStoppedRunAnswersNo) {
  start();
  say(event::Started{0, 1s, 0});
  end(0, detail::Verdict::failed);
  source_.stop = "stopped after 1 failed test (fail-fast)";
  EXPECT_EQ(answer(say(event::AsksAgain{0})), 0U);
}

// R20, R24: it died before its second run began.
TEST_F(LaneAgainTest, AWorkerThatDiesInsteadLeavesTheTestToAFreshProcess) {
  start();
  say(event::Started{0, 1s, 0});
  end(0, detail::Verdict::failed);
  die({true, 11, "SIGSEGV", 0});
  std::uint32_t starts_of_first = 0;
  for (int i = 0; i < 4 && !lane_->done(); ++i) {
    for (const auto& each : all<command::Start>(lane_->next(source_, 20s))) {
      starts_of_first += each.items == std::vector<std::uint32_t>{0} ? 1U : 0U;
    }
    say(event::Asks{});
    die({true, 11, "SIGSEGV", 0});
  }
  EXPECT_EQ(starts_of_first, 1U);
}

}  // namespace
}  // namespace cleave::plan
