// The ladder of retries, as values.
#include <gtest/gtest.h>

#include "plan/retry.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

// R24, R29
TEST(RetryBook, TakesOneSuspectAwayAfterTheOther) {
  RetryBook book(RetryPolicy{3, 50ms, false});
  EXPECT_EQ(book.rung_of(7), Rung::first);
  for (const Rung expected : {Rung::fresh_process, Rung::alone, Rung::alone}) {
    ASSERT_TRUE(book.wants_again(7, Outcome::failed));
    book.plan_again(7, Outcome::failed, 0ns);
    EXPECT_EQ(book.rung_of(7), expected);
  }
  EXPECT_EQ(book.attempt_of(7), 4U);
  EXPECT_FALSE(book.wants_again(7, Outcome::failed));
  EXPECT_TRUE(book.wants_again(8, Outcome::failed)) << "each test has its own";
}

TEST(RetryBook, TriesAgainOnlyWhatRanAndFailed) {
  const RetryBook book(RetryPolicy{1, 50ms, false});
  for (const Outcome outcome : {Outcome::failed, Outcome::crashed, Outcome::timed_out}) {
    EXPECT_TRUE(book.wants_again(0, outcome)) << name_of(outcome);
  }
  for (const Outcome outcome : {Outcome::passed, Outcome::skipped, Outcome::disabled, Outcome::not_run}) {
    EXPECT_FALSE(book.wants_again(0, outcome)) << name_of(outcome);
  }
}

TEST(RetryBook, WaitsLongerEachTimeWithAFactorOfAHalfToOneAndAHalf) {
  for (std::uint32_t item = 0; item < 200; ++item) {
    RetryBook book(RetryPolicy{20, 100ms, false});
    std::chrono::nanoseconds doubled = 100ms;
    for (int attempt = 0; attempt < 8; ++attempt) {
      book.plan_again(item, Outcome::failed, 1s);
      const auto pause = book.due() - 1s;
      EXPECT_GE(pause, doubled / 2);
      EXPECT_LE(pause, doubled * 3 / 2);
      EXPECT_FALSE(book.next_due(1s));
      EXPECT_TRUE(book.next_due(book.due()));
      doubled *= 2;
    }
  }
}

TEST(RetryBook, NeverWaitsLongerThanAMinute) {
  RetryBook book(RetryPolicy{100, 10s, false});
  for (int attempt = 0; attempt < 60; ++attempt) {
    book.plan_again(1, Outcome::failed, 0ns);
    EXPECT_LE(book.due(), 60s);
    EXPECT_TRUE(book.next_due(book.due()));
  }
}

TEST(RetryBook, GivesThoseThatNeedNotBeAloneFirst) {
  RetryBook book(RetryPolicy{3, 1ms, false});
  book.plan_again(1, Outcome::failed, 0ns);
  EXPECT_EQ(book.next_due(1s)->item, 1U);
  book.plan_again(1, Outcome::failed, 0ns);
  book.plan_again(2, Outcome::failed, 0ns);
  EXPECT_EQ(book.next_due(1s)->item, 2U);
  EXPECT_EQ(book.next_due(1s)->item, 1U);
  EXPECT_TRUE(book.empty());
}

}  // namespace
}  // namespace cleave::plan
