// A worker for which there is nothing yet.
#include <gtest/gtest.h>

#include "lane_by_hand.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

class WaitingLane : public LaneTest {
 protected:
  WaitingLane() {
    options_.isolation = Isolation::shard;
    options_.lanes = 1;
    options_.patience = 500ms;
  }
  /// Runs the first test, and asks for more at 1 s.
  std::vector<Command> ask() {
    start();
    say(event::Started{0, 1s, 0});
    say(event::Ended{0, detail::Verdict::passed, 1s, 10us, 0});
    source_.closed = true;
    return say(event::Asks{});
  }
};

// R01
TEST_F(WaitingLane, KeepsItsWorkerForWhatComesLater) {
  EXPECT_TRUE(ask().empty());
  EXPECT_TRUE(lane_->waiting());
  EXPECT_EQ(lane_->waiting_since(), 1s);
  EXPECT_FALSE(lane_->idle());
  EXPECT_TRUE(lane_->offer(source_, 1400ms, true).empty());
  source_.closed = false;
  const auto gives = all<command::Give>(lane_->offer(source_, 1400ms, true));
  ASSERT_EQ(gives.size(), 1U);
  EXPECT_FALSE(gives[0].items.empty());
  EXPECT_FALSE(lane_->waiting());
}

TEST_F(WaitingLane, IsKilledByNoLimitAndStartsTheClockAnewWithItsNextTest) {
  ask();
  EXPECT_EQ(lane_->deadline(), Nanoseconds::max());
  source_.closed = false;
  lane_->offer(source_, 1400ms, true);
  EXPECT_EQ(lane_->deadline(), 3400ms);
}

TEST_F(WaitingLane, LetsItsWorkerGoWhenItHasWaitedForLongEnough) {
  ask();
  EXPECT_TRUE(lane_->offer(source_, 1499ms, true).empty());
  EXPECT_EQ(all<command::Dismiss>(lane_->offer(source_, 1500ms, true)).size(), 1U);
  EXPECT_FALSE(lane_->waiting());
}

TEST_F(WaitingLane, GivesNothingThatMayNotRun) {
  ask();
  source_.closed = false;
  EXPECT_TRUE(lane_->offer(source_, 1100ms, false).empty());
  EXPECT_TRUE(lane_->waiting());
  EXPECT_EQ(all<command::Dismiss>(lane_->offer(source_, 1500ms, false)).size(), 1U);
}

TEST_F(WaitingLane, LetsItsWorkerGoWhenTheRunStops) {
  for (const bool may_run : {true, false}) {
    source_ = FakeSource(6);
    ask();
    source_.stop = "interrupted by SIGINT";
    EXPECT_EQ(all<command::Dismiss>(lane_->offer(source_, 1001ms, may_run)).size(), 1U);
  }
}

TEST_F(WaitingLane, TellsOfAWorkerThatDiesWhileItWaits) {
  ask();
  const auto trouble = all<command::Trouble>(die({true, 9, "SIGKILL", 0}));
  ASSERT_EQ(trouble.size(), 1U);
  EXPECT_EQ(trouble[0].title, "shard-0: code between two tests: killed by SIGKILL");
  EXPECT_FALSE(lane_->waiting());
  EXPECT_TRUE(lane_->idle());
}

TEST_F(WaitingLane, LetsItsWorkerGoAtOnceWithoutPatience) {
  options_.patience = 0ms;
  EXPECT_EQ(all<command::Dismiss>(ask()).size(), 1U);
}

}  // namespace
}  // namespace cleave::plan
