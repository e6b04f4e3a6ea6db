// R09: not more calls a second than the back end bears, from all shards together.
#include <limits>

#include "sync_crowd.hpp"

namespace cleave::test {
namespace {

class RateLimiterTest : public SyncTest {};

TEST_F(RateLimiterTest, ProcessesTogetherKeepToTheRate) {
  constexpr int kProcesses = 4;
  constexpr int kEach = 50;
  constexpr double kRate = 200;
  constexpr unsigned kBurst = 10;
  RateLimiter limiter(name(), kRate, kBurst);
  const double took = seconds_of([&] {
    for (int i = 0; i < kProcesses; ++i) {
      crowd_.start([&] {
        for (int n = 0; n < kEach; ++n) limiter.acquire();
      });
    }
    EXPECT_TRUE(crowd_.all_succeed());
  });
  constexpr double kLeast = (kProcesses * kEach - kBurst) / kRate;
  EXPECT_GE(took, kLeast * 0.999) << "more than allowed";
  EXPECT_LE(took, kLeast * 3) << "much less than allowed";
}

TEST_F(RateLimiterTest, ABurstIsAllowedAtOnceAndNothingBehindIt) {
  RateLimiter limiter(name(), 0.01, 5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.try_acquire()) << i;
  EXPECT_FALSE(limiter.try_acquire());
  // The next one comes after 100 s; that is known at once.
  EXPECT_LT(seconds_of([&] { EXPECT_FALSE(limiter.try_acquire_for(seconds(50))); }), 10);
  EXPECT_FALSE(limiter.try_acquire_for(milliseconds(-1)));
}

TEST_F(RateLimiterTest, ATimedWaitGetsTheSlotThatComesInTime) {
  RateLimiter limiter(name(), 10);
  EXPECT_TRUE(limiter.try_acquire());
  const double took = seconds_of([&] { EXPECT_TRUE(limiter.try_acquire_for(seconds(30))); });
  EXPECT_GT(took, 0.05);
  EXPECT_LT(took, 5);
}

TEST_F(RateLimiterTest, AWaiterThatIsKilledLosesItsSlotAndNoMore) {
  RateLimiter limiter(name(), 2);
  limiter.acquire();
  const int dead = crowd_.start([&] { limiter.acquire(); });
  ASSERT_TRUE(waits_soon(dead));
  EXPECT_EQ(waits_of(dead).find("waits for RateLimiter '" + name() + "' (2 a second) for 0."), 0U) << waits_of(dead);
  crowd_.kill_one(dead);
  EXPECT_EQ(waits_of(dead), "");
  EXPECT_LT(seconds_of([&] { EXPECT_TRUE(limiter.try_acquire_for(seconds(30))); }), 10);
}

TEST_F(RateLimiterTest, OtherNumbersForOneNameAreAnError) {
  RateLimiter limiter(name(), 5, 2);
  limiter.acquire();
  RateLimiter other_rate(name(), 7.5, 2);
  RateLimiter other_burst(name(), 5, 3);
  const std::string prefix = "RateLimiter '" + name() + "': allows ";
  EXPECT_EQ(error_of([&] { other_rate.acquire(); }),
            prefix + "7.5 a second with a burst of 2 here, and 5 with a burst of 2 for others who use the name");
  EXPECT_EQ(error_of([&] { static_cast<void>(other_burst.try_acquire()); }),
            prefix + "5 a second with a burst of 3 here, and 5 with a burst of 2 for others who use the name");
}

TEST_F(RateLimiterTest, ARateIsAboveZeroAndFinite) {
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    RateLimiter limiter(name() + "-wrong", wrong);
    const std::string error = error_of([&] { limiter.acquire(); });
    EXPECT_EQ(error.find("RateLimiter '" + name() + "-wrong': the rate is above 0 and finite, not "), 0U) << error;
  }
  RateLimiter no_burst(name() + "-wrong", 1, 0);
  EXPECT_EQ(error_of([&] { no_burst.acquire(); }),
            "RateLimiter '" + name() + "-wrong': the burst is at least 1, not 0");
  RateLimiter fastest(name() + "-fastest", std::numeric_limits<double>::max(), std::numeric_limits<unsigned>::max());
  RateLimiter slowest(name() + "-slowest", std::numeric_limits<double>::denorm_min(), 2);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(fastest.try_acquire());
  EXPECT_TRUE(slowest.try_acquire());
  EXPECT_TRUE(slowest.try_acquire());
  EXPECT_FALSE(slowest.try_acquire_for(seconds(1000)));
}

}  // namespace
}  // namespace cleave::test
