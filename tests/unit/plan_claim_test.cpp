// What a lane gets from a board, case by case.
#include <gtest/gtest.h>

#include <array>

#include "plan/claim.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;
using Items = std::vector<std::uint32_t>;

/// Four suites of two tests, which weigh and wait as a test says.
class ClaimTest : public testing::Test {
 protected:
  ClaimTest() {
    list_.framework = "gtest";
    list_.groups_matter = true;
    for (std::uint32_t i = 0; i < 8; ++i) {
      TestCase test;
      test.suite = std::string(1, static_cast<char>('A' + i / 2));
      test.name = std::to_string(i);
      test.position = i;
      test.selected = true;
      list_.tests.push_back(test);
    }
    input_.constraints.resize(8);
  }
  void open(std::uint32_t lanes) {
    plan_ = make_plan(list_, input_);
    memory_.assign(Board::size_for(plan_, lanes) / 8 + 1, 0);
    BoardOptions options;
    options.lanes = lanes;
    options.capacity = lanes;
    options.memory = 100;
    Board::make(memory_.data(), plan_, options);
  }
  void wait_at(std::uint32_t members_begin, std::uint32_t waiters_begin) {
    const auto barrier = static_cast<std::uint32_t>(input_.barriers.all.size());
    input_.barriers.all.push_back({"checkpoint " + std::to_string(barrier), true, 1s});
    input_.barriers.member_of.resize(8);
    input_.barriers.waits_for.resize(8);
    for (std::uint32_t i = 0; i < 2; ++i) {
      input_.barriers.member_of[members_begin + i].push_back(barrier);
      input_.barriers.waits_for[waiters_begin + i].push_back(barrier);
    }
  }
  Board board() { return Board(memory_.data(), plan_); }
  Claim claim(std::uint32_t lane, std::uint32_t want = 2, std::int64_t after = kFromStart) {
    ClaimRequest request;
    request.lane = lane;
    request.want = want;
    request.after = after;
    request.now = now_;
    request.current_group = group_[lane];
    Claim claimed = plan::claim(
        board(), request, [](std::uint32_t) { return false; }, [](std::uint32_t) { return true; });
    if (!claimed.items.empty()) group_[lane] = plan_.group_of(claimed.items.back());
    return claimed;
  }
  bool again(std::uint32_t lane, std::uint32_t item, bool alone) {
    ClaimRequest request;
    request.lane = lane;
    return claim_again(
        board(), request, item, alone, [](std::uint32_t) { return false; }, [](std::uint32_t) { return true; });
  }
  /// 6 and 7 wait for 0 and 1, which run on the first of two lanes.
  void wait_for_the_first_two() {
    wait_at(0, 6);
    open(2);
    EXPECT_EQ(claim(0, 1).items, (Items{0}));
    EXPECT_EQ(claim(0, 1).items, (Items{1}));
  }
  void finish(const Items& items, ItemEnd end = ItemEnd::green) {
    for (const std::uint32_t item : items) board().finish(item, end);
  }
  TestList list_;
  PlanInput input_;
  Plan plan_;
  std::vector<std::uint64_t> memory_;
  std::chrono::nanoseconds now_{1s};
  std::array<std::uint32_t, 4> group_{};  ///< By lane: where it took from last.
};

// R02
TEST_F(ClaimTest, WhatWaitsIsPassedOverUntilAllItWaitsForHavePassed) {
  wait_at(0, 2);
  open(2);
  EXPECT_EQ(claim(0).items, (Items{0, 1}));
  EXPECT_EQ(claim(1, 8).items, (Items{4, 5, 6, 7}));
  EXPECT_TRUE(claim(1).items.empty());
  EXPECT_TRUE(claim(1).more) << "lane 0 still works on it";
  finish({0});
  EXPECT_TRUE(claim(1).items.empty());
  finish({1});
  EXPECT_EQ(claim(1).items, (Items{2, 3}));
}

TEST_F(ClaimTest, BehindAFailureEverythingIsDoomedAlsoWhatWaitsForThat) {
  wait_at(0, 2);
  wait_at(2, 4);
  open(1);
  EXPECT_EQ(claim(0).items, (Items{0, 1}));
  finish({0}, ItemEnd::red);
  finish({1});
  const Claim next = claim(0);
  EXPECT_EQ(next.items, (Items{6, 7}));
  EXPECT_EQ(next.doomed.size(), 4U);
  EXPECT_EQ(why_doomed(plan_, board(), next.doomed[0].barrier), "checkpoint 0 failed");
  finish(next.items);
  EXPECT_FALSE(claim(0).more);
  EXPECT_EQ(board().header().red, 1U) << "what is not run is no failure of its own";
}

// R02: its time-out.
TEST_F(ClaimTest, ACheckpointThatIsNotReachedInTimeFails) {
  wait_at(0, 2);
  open(2);
  EXPECT_EQ(claim(0, 1).items, (Items{0}));
  now_ += 1001ms;
  const Claim late = claim(1, 8);
  EXPECT_EQ(late.items, (Items{4, 5, 6, 7}));
  EXPECT_EQ(late.doomed.size(), 2U) << "what lies behind it";
  EXPECT_EQ(claim(0).doomed.size(), 1U) << "the rest of the phase";
  EXPECT_EQ(why_doomed(plan_, board(), 0), "checkpoint 0 was not reached within 1 s");
}

// R22
TEST_F(ClaimTest, AHeavyTestWaitsForRoomAndNothingOvertakesIt) {
  for (const std::uint32_t test : {2U, 3U}) input_.constraints[test].weight = 3;
  open(3);
  EXPECT_EQ(claim(0).items, (Items{0, 1}));
  EXPECT_TRUE(claim(1).items.empty());
  EXPECT_TRUE(claim(1).more);
  EXPECT_TRUE(claim(2).items.empty()) << "it would be put off for ever";
  finish({0, 1});
  const Claim heavy = claim(0);
  EXPECT_EQ(heavy.items, (Items{2}));
  EXPECT_TRUE(heavy.exclusive);
  EXPECT_TRUE(claim(1).items.empty()) << "it takes all lanes";
  finish({2});
  EXPECT_EQ(claim(0).items, (Items{3}));
}

TEST_F(ClaimTest, ATestThatIsHeavierThanAllLanesRunsAlone) {
  for (const std::uint32_t test : {0U, 1U}) input_.constraints[test].weight = 1000;
  open(2);
  EXPECT_EQ(claim(0).items, (Items{0}));
  EXPECT_TRUE(claim(1).items.empty());
}

TEST_F(ClaimTest, MemoryIsSharedAndWhatDoesNotFitIsPassedOver) {
  for (std::uint32_t test = 0; test < 4; ++test) input_.constraints[test].memory = 60;
  open(3);
  EXPECT_EQ(claim(0).items, (Items{0}));
  EXPECT_EQ(claim(1, 8).items, (Items{4, 5, 6, 7}));
  EXPECT_TRUE(claim(2).items.empty());
  finish({0});
  EXPECT_EQ(claim(0).items, (Items{1}));
}

// R24
TEST_F(ClaimTest, AloneMeansThatNobodyElseRunsOrStarts) {
  open(2);
  const Items first = claim(0).items;
  const Items second = claim(1).items;
  EXPECT_FALSE(again(0, first[0], true)) << "lane 1 runs";
  finish(second);
  EXPECT_TRUE(claim(1).items.empty()) << "lane 0 wants to be alone";
  EXPECT_TRUE(again(0, first[0], true));
  EXPECT_TRUE(claim(1).items.empty());
  board().rest(0);
  EXPECT_FALSE(claim(1).items.empty());
}

// R20: a lane whose process was killed must not hold up those who wait for its tests.
TEST_F(ClaimTest, ALostLaneFailsItsBarriersAndFreesItsWeight) {
  wait_at(0, 2);
  input_.constraints[4].weight = 2;
  open(2);
  EXPECT_EQ(claim(0, 1).items, (Items{0}));
  board().lose(0);
  const Claim next = claim(1, 8);
  EXPECT_EQ(next.doomed.size(), 2U);
  EXPECT_FALSE(next.items.empty());
}

TEST_F(ClaimTest, ABigGroupBehindTheWorkerIsWorthAFreshOne) {
  input_.costs.test.assign(8, 1ms);
  input_.costs.test[0] = input_.costs.test[1] = 300ms;
  input_.costs.test[6] = input_.costs.test[7] = 400ms;
  input_.costs.known.assign(8, true);
  input_.costs.failed_last.assign(8, false);
  input_.costs.suite_set_up = {{"A", 900ms}, {"D", 900ms}};
  open(1);
  EXPECT_EQ(claim(0).items, (Items{6, 7}));
  finish({6, 7});
  const Claim behind = claim(0, 8, 7);
  EXPECT_TRUE(behind.items.empty());
  EXPECT_TRUE(behind.more);
  EXPECT_EQ(claim(0).items, (Items{0, 1}));
}

// A worker goes forward only.
TEST_F(ClaimTest, WaitingIsWorthItForWhatLiesAheadOnly) {
  wait_for_the_first_two();
  EXPECT_EQ(claim(1, 8).items, (Items{2, 3, 4, 5}));
  finish({2, 3, 4, 5});
  EXPECT_TRUE(claim(1, 8, 5).worth_waiting);
  const Claim behind = claim(1, 8, 7);
  EXPECT_TRUE(behind.more);
  EXPECT_FALSE(behind.worth_waiting) << "a worker that ran 7 can run neither 6 nor 7";
  finish({0, 1});
  EXPECT_EQ(claim(1, 8, 5).items, (Items{6, 7}));
  finish({6, 7});
  EXPECT_FALSE(claim(1, 8, 7).worth_waiting) << "nothing is left";
}

TEST_F(ClaimTest, WaitingIsNotWorthItWhileAFreshWorkerHasSomethingToDo) {
  wait_for_the_first_two();
  const Claim later = claim(1, 8, 5);
  EXPECT_TRUE(later.items.empty());
  EXPECT_TRUE(later.more);
  EXPECT_FALSE(later.worth_waiting) << "2 to 5 are free, behind it";
}

TEST_F(ClaimTest, AWorkerDoesNotWaitForRoom) {
  for (std::size_t i = 2; i < 8; ++i) input_.constraints[i].weight = 2;
  open(2);
  EXPECT_EQ(claim(0, 1).items, (Items{0}));
  const Claim later = claim(1, 8, 1);
  EXPECT_TRUE(later.more);
  EXPECT_FALSE(later.worth_waiting);
}

TEST_F(ClaimTest, AWorkerDoesNotWaitBesideATestThatWantsToBeAlone) {
  wait_for_the_first_two();
  EXPECT_EQ(claim(1, 8).items, (Items{2, 3, 4, 5}));
  finish({2, 3, 4, 5});
  EXPECT_TRUE(claim(1, 8, 5).worth_waiting);
  EXPECT_TRUE(again(0, 0, true));
  EXPECT_FALSE(claim(1, 8, 5).worth_waiting);
}

// R41: what a recorded order says ran in one process, also tests that hold locks or weigh more, which are given alone.
TEST_F(ClaimTest, WithIsolationSuiteAWorkerGetsAllOfItsSuiteAndNobodyElseDoes) {
  for (TestCase& test : list_.tests) test.suite = test.position < 4 ? "A" : "B";
  input_.constraints[1].weight = 2;
  open(3);
  bool lock_is_free = false;  // That of 2.
  const auto suite = [&](std::uint32_t lane, std::int64_t after) {
    ClaimRequest request;
    request.lane = lane;
    request.want = UINT32_MAX;
    request.after = after;
    request.current_group = group_[lane];
    request.isolation = Isolation::suite;
    Claim claimed = plan::claim(
        board(), request, [](std::uint32_t item) { return item == 2; }, [&](std::uint32_t) { return lock_is_free; });
    if (!claimed.items.empty()) group_[lane] = plan_.group_of(claimed.items.back());
    return claimed;
  };
  EXPECT_EQ(suite(0, kFromStart).items, (Items{0}));
  EXPECT_EQ(suite(1, kFromStart).items, (Items{4, 5, 6, 7}));
  const Claim other = suite(2, kFromStart);
  EXPECT_EQ(other.items, (Items{}));
  EXPECT_TRUE(other.more) << "should the first lane be lost";
  finish({0});
  EXPECT_EQ(suite(0, 0).items, (Items{1}));
  finish({1});
  const Claim locked = suite(0, 1);
  EXPECT_EQ(locked.items, (Items{})) << "behind 3, 2 would need another process";
  EXPECT_TRUE(locked.worth_waiting);
  lock_is_free = true;
  EXPECT_EQ(suite(0, 1).items, (Items{2}));
  finish({2});
  EXPECT_EQ(suite(0, 2).items, (Items{3}));
  finish({3});
  EXPECT_EQ(suite(0, 3).items, (Items{}));
}

TEST_F(ClaimTest, ABatchEndsWhenItsTimeIsFull) {
  list_.groups_matter = false;
  input_.costs.test.assign(8, 4ms);
  input_.costs.known.assign(8, true);
  input_.costs.failed_last.assign(8, false);
  open(1);
  ClaimRequest request;
  request.want = 8;
  request.budget = 10ms;
  const Claim batch = plan::claim(
      board(), request, [](std::uint32_t) { return false; }, [](std::uint32_t) { return true; });
  EXPECT_EQ(batch.items, (Items{0, 1, 2}));
}

}  // namespace
}  // namespace cleave::plan
