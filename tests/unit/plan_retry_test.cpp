// The ladder of retries: which rung comes next, when, and how often.
#include <gtest/gtest.h>

#include "plan/retry.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

RetryPolicy policy(std::uint32_t retries, bool same_process = false) {
  RetryPolicy made;
  made.retries = retries;
  made.same_process = same_process;
  return made;
}

/// The rungs of one item that ends like this every time.
std::vector<Rung> rungs(RetryBook& book, Outcome outcome) {
  std::vector<Rung> all{book.rung_of(7)};
  while (book.wants_again(7, outcome)) {
    book.plan_again(7, outcome, 0ns);
    all.push_back(book.rung_of(7));
    book.take_all();
  }
  return all;
}

// R24
TEST(RetryLadder, GoesFromTheSameProcessToAFreshOneToAlone) {
  RetryBook book(policy(4, true));
  EXPECT_EQ(rungs(book, Outcome::failed),
            (std::vector<Rung>{Rung::first, Rung::same_process, Rung::fresh_process, Rung::alone, Rung::alone}));
  EXPECT_EQ(book.attempt_of(7), 5U);
  RetryBook without(policy(3));
  EXPECT_EQ(rungs(without, Outcome::failed),
            (std::vector<Rung>{Rung::first, Rung::fresh_process, Rung::alone, Rung::alone}));
}

// R20, R24: a process that is gone cannot run the test once more.
TEST(RetryLadder, BeginsInAFreshProcessAfterACrashOrATimeOut) {
  for (const Outcome outcome : {Outcome::crashed, Outcome::timed_out}) {
    RetryBook book(policy(2, true));
    EXPECT_EQ(rungs(book, outcome), (std::vector<Rung>{Rung::first, Rung::fresh_process, Rung::alone}));
  }
}

// R24: the worker went on to something else before it could.
TEST(RetryLadder, GoesOnToAFreshProcessWhenTheSameOneIsGone) {
  RetryBook book(policy(3, true));
  book.plan_again(7, Outcome::failed, 1s);
  EXPECT_EQ(book.rung_of(7), Rung::same_process);
  EXPECT_TRUE(book.empty()) << "it is on its way in the worker";
  book.leave_process(7, 1s);
  EXPECT_EQ(book.rung_of(7), Rung::fresh_process);
  EXPECT_EQ(book.attempt_of(7), 2U);
  const auto retry = book.next_due(2s);
  ASSERT_TRUE(retry);
  EXPECT_EQ(retry->rung, Rung::fresh_process);
  EXPECT_EQ(retry->attempt, 2U);
}

// R24
TEST(RetryLadder, IsOnlyForWhatFailed) {
  const RetryBook book(policy(3));
  for (const Outcome outcome : {Outcome::passed, Outcome::skipped, Outcome::disabled, Outcome::not_run}) {
    EXPECT_FALSE(book.wants_again(7, outcome)) << name_of(outcome);
  }
  EXPECT_FALSE(RetryBook(policy(0)).wants_again(7, Outcome::failed));
}

TEST(RetryLadder, CountsEachItemByItself) {
  RetryBook book(policy(1));
  book.plan_again(7, Outcome::failed, 0ns);
  EXPECT_FALSE(book.wants_again(7, Outcome::failed));
  EXPECT_TRUE(book.wants_again(8, Outcome::failed));
  EXPECT_EQ(book.attempt_of(8), 1U);
}

// R24: each cause is another one, and the first attempt says nothing.
TEST(RetryLadder, NamesACauseForEachRung) {
  EXPECT_EQ(cause_of(Rung::first, false), "");
  EXPECT_EQ(cause_of(Rung::same_process, true).find("it failed by chance:"), 0U);
  EXPECT_EQ(cause_of(Rung::fresh_process, true).find("earlier tests left something behind:"), 0U);
  EXPECT_EQ(cause_of(Rung::fresh_process, false).find("it failed by chance, or earlier tests left"), 0U)
      << "without the rung below it cannot tell";
  EXPECT_EQ(cause_of(Rung::alone, true).find("other shards interfere:"), 0U);
}

// R24: 50 ms, doubled each time, from half to one and a half of that.
TEST(RetryBackoff, DoublesWithinItsSpreadUpToAMinute) {
  for (std::uint32_t item = 0; item < 200; ++item) {
    RetryBook book(policy(20));
    nanoseconds pause = 50ms;
    for (int i = 0; i < 20; ++i, pause *= 2) {
      book.plan_again(item, Outcome::failed, 1s);
      const nanoseconds waits = book.due() - 1s;
      EXPECT_GE(waits, std::min<nanoseconds>(pause / 2, 1min));
      EXPECT_LE(waits, std::min<nanoseconds>(pause + pause / 2, 1min));
      book.take_all();
    }
  }
}

TEST(RetryBackoff, IsTheSameForTheSameItemAndSpreadsOverItems) {
  std::map<std::int64_t, int> pauses;
  for (std::uint32_t item = 0; item < 100; ++item) {
    RetryBook one(policy(1));
    RetryBook other(policy(1));
    one.plan_again(item, Outcome::failed, 0ns);
    other.plan_again(item, Outcome::failed, 0ns);
    EXPECT_EQ(one.due(), other.due());
    ++pauses[one.due().count()];
  }
  EXPECT_GT(pauses.size(), 90U);
}

// R24: an attempt alone holds the others up, so that it comes last.
TEST(RetryQueue, HandsOutWhatIsDueAndThoseThatNeedNotBeAloneFirst) {
  RetryBook book(policy(3));
  book.plan_again(1, Outcome::failed, 0ns);
  book.take_all();
  book.plan_again(1, Outcome::failed, 0ns);
  EXPECT_EQ(book.rung_of(1), Rung::alone);
  book.plan_again(2, Outcome::failed, 0ns);
  EXPECT_FALSE(book.next_due(24ms));
  const auto first = book.next_due(1s);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->item, 2U);
  EXPECT_EQ(first->attempt, 2U);
  book.put_back(*first);
  EXPECT_EQ(book.next_due(1s)->item, 2U);
  EXPECT_EQ(book.next_due(1s)->item, 1U);
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(book.due(), nanoseconds::max());
}

}  // namespace
}  // namespace cleave::plan
