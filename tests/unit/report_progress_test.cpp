#include "report/progress.hpp"

#include <gtest/gtest.h>

namespace cleave::report {
namespace {

using plan::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Parallel tests that are expected to take these seconds, then serial ones; 0: nothing is known.
plan::Plan plan_of(const std::vector<int>& beside, const std::vector<int>& alone = {}) {
  plan::Plan plan;
  for (const auto* part : {&beside, &alone}) {
    const auto begin = static_cast<std::uint32_t>(plan.groups.size());
    for (const int expected : *part) {
      const auto item = static_cast<std::uint32_t>(plan.items.size());
      plan.items.push_back({item, 0});
      plan.expected.push_back(seconds(expected));
      plan.groups.push_back({item, item + 1});
    }
    plan.parts.push_back(
        {part == &beside ? "parallel" : "serial", begin, static_cast<std::uint32_t>(plan.groups.size())});
  }
  return plan;
}

AttemptRecord ended(std::uint32_t item, Outcome outcome, Nanoseconds duration = seconds(1), bool tried_again = false) {
  AttemptRecord record;
  record.item = item;
  record.attempt.outcome = outcome;
  record.attempt.duration = duration;
  record.attempt.tried_again = tried_again;
  return record;
}

TEST(Progress, CountsEachTestOnce) {
  const plan::Plan plan = plan_of({1, 1, 1, 1});
  Progress progress(plan, 2);
  progress.on_attempt(ended(0, Outcome::passed), false);
  progress.on_attempt(ended(0, Outcome::passed), false);
  progress.on_attempt(ended(1, Outcome::failed), false);
  progress.on_attempt(ended(2, Outcome::failed, seconds(1), true), false);
  EXPECT_EQ(progress.done(), 2u) << "what will be tried again has not ended";
  progress.on_attempt(ended(2, Outcome::passed), false);
  progress.on_attempt(ended(3, Outcome::crashed), true);
  EXPECT_EQ(progress.done(), 4u);
  EXPECT_EQ(progress.failed(), 1u) << "what is in quarantine is no failure";
  EXPECT_EQ(progress.flaky(), 1u);
  EXPECT_EQ(progress.passed(), 2u) << "a flaky one has passed";
  EXPECT_EQ(progress.counts(), "4 tests: 2 passed (1 flaky), 1 failed, 1 failed in quarantine");
  progress.on_attempt(ended(99, Outcome::failed), false);
  EXPECT_EQ(progress.done(), 4u);
}

TEST(Progress, WhatDidNotRunIsNoFailure) {
  const plan::Plan plan = plan_of({1, 1});
  Progress progress(plan, 2);
  EXPECT_EQ(progress.counts(), "0 tests");
  progress.on_attempt(ended(0, Outcome::not_run), false);
  progress.on_attempt(ended(1, Outcome::skipped), false);
  EXPECT_EQ(progress.failed(), 0u);
  EXPECT_EQ(progress.counts(), "2 tests: 1 skipped, 1 not run");
}

TEST(Progress, DealsWhatIsLeftToTheLanes) {
  const plan::Plan plan = plan_of({4, 4, 4, 4});
  Progress progress(plan, 2);
  EXPECT_EQ(progress.remaining({}, {}), seconds(8));
  progress.on_attempt(ended(0, Outcome::passed), false);
  EXPECT_EQ(progress.remaining({}, {}), seconds(6));
}

TEST(Progress, WhatRunsAloneComesBehind) {
  const plan::Plan plan = plan_of({4, 4}, {3, 5});
  EXPECT_EQ(Progress(plan, 2).remaining({}, {}), seconds(4 + 8));
}

TEST(Progress, TakesOffWhatRunsAndWaitsForTheLongest) {
  const plan::Plan plan = plan_of({10, 1, 1});
  Progress progress(plan, 2);
  const LaneState running[] = {{"shard-0", 0, seconds(100), 1}, {"shard-1", 1, seconds(103), 2}};
  EXPECT_EQ(progress.remaining(running, seconds(103)), seconds(7));
  // It takes longer than expected: nobody knows how much, but the others are known.
  progress.on_attempt(ended(1, Outcome::passed), false);
  EXPECT_EQ(progress.remaining(std::span(running, 1), seconds(150)), milliseconds(500));
}

TEST(Progress, IsSilentAboutTheUnknownUntilEnoughHasEnded) {
  const plan::Plan plan = plan_of({0, 0, 0, 0, 0, 0, 0});
  Progress progress(plan, 1);
  for (std::uint32_t item = 0; item < 5; ++item) {
    EXPECT_EQ(progress.remaining({}, {}), std::nullopt) << item;
    progress.on_attempt(ended(item, Outcome::passed, seconds(2)), false);
  }
  EXPECT_EQ(progress.remaining({}, {}), seconds(4));
}

TEST(Progress, NothingIsLeftAtTheEnd) {
  const plan::Plan plan = plan_of({0});
  Progress progress(plan, 1);
  progress.on_attempt(ended(0, Outcome::skipped), false);
  EXPECT_EQ(progress.remaining({}, {}), Nanoseconds{});
}

}  // namespace
}  // namespace cleave::report
