// R07: for any policy and any course of events, pauses and attempts keep to what the policy says.
#include <gtest/gtest.h>

#include <set>

#include "../support/property.hpp"
#include "fixtures/retry_course.hpp"

namespace cleave::detail {
namespace {

using std::chrono::nanoseconds;
using test::Choices;

constexpr std::uint64_t kCases = 400;

/// Short and long ones, and the longest there is.
nanoseconds random_duration(Choices& choices) {
  if (choices.chance(3)) return nanoseconds::max();
  if (choices.chance(5)) return nanoseconds(0);
  const std::vector<std::int64_t> units{1, 1'000, 1'000'000, 1'000'000'000, 3'600'000'000'000};
  return nanoseconds(choices.one_of(units) * choices.number(1, 5000));
}

RetryPolicy random_policy(Choices& choices) {
  RetryPolicy policy;
  policy.attempts(choices.chance(5) ? 4294967295 : choices.number(1, 60));
  policy.first_delay(random_duration(choices)).longest_delay(random_duration(choices));
  const std::vector<double> factors{1, 1.0001, 1.5, 2, 10, 1e6, 1e300};
  policy.factor(choices.one_of(factors)).jitter(choices.number(0, 1000) / 1000.0);
  if (choices.chance(60)) policy.deadline(random_duration(choices) / 2 + nanoseconds(1));
  if (choices.chance(20) && policy.values().deadline.count() > 0) policy.unlimited();
  return policy;
}

TEST(BackoffProperty, NeverFallsAndNeverPassesTheLongestDelay) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    const RetryValues policy = random_policy(choices).values();
    nanoseconds before(0);
    for (std::uint32_t failures = 1; failures <= 200; ++failures) {
      const nanoseconds backoff = backoff_after(policy, failures);
      ASSERT_GE(backoff, before) << failures;
      ASSERT_LE(backoff, policy.longest_delay) << failures;
      before = backoff;
    }
    ASSERT_EQ(backoff_after(policy, 1), std::min(policy.first_delay, policy.longest_delay));
    ASSERT_LE(backoff_after(policy, 4294967295), policy.longest_delay);
  }
}

TEST(BackoffProperty, GrowsByTheFactorUntilTheLongestDelay) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    RetryValues policy;
    policy.first_delay = nanoseconds(choices.number(1, 1000) * std::int64_t{1'000'000});
    policy.longest_delay = nanoseconds::max();
    policy.factor = 1 + choices.number(0, 300) / 100.0;
    for (std::uint32_t failures = 1; failures <= 10; ++failures) {
      const auto now = static_cast<double>(backoff_after(policy, failures).count());
      const auto next = static_cast<double>(backoff_after(policy, failures + 1).count());
      ASSERT_NEAR(next / now, policy.factor, 1e-5) << failures;
    }
  }
}

TEST(JitterProperty, KeepsEachPauseWithinItsFractionOfTheBackoff) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    RetryValues policy = random_policy(choices).values();
    policy.attempts = 0;
    policy.deadline = nanoseconds(0);
    for (std::uint32_t failures = 1; failures <= 50; ++failures) {
      const auto backoff = static_cast<double>(backoff_after(policy, failures).count());
      const NextStep step = next_step(policy, failures, nanoseconds(0), seed);
      const auto pause = static_cast<double>(step.pause.count());
      ASSERT_EQ(step.kind, NextStep::Kind::again);
      ASSERT_LE(pause, backoff);
      ASSERT_GE(pause, backoff * (1 - policy.jitter) * (1 - 1e-12) - 1);
      if (policy.jitter == 0) {
        ASSERT_EQ(step.pause, backoff_after(policy, failures));
      }
    }
  }
}

TEST(JitterProperty, DrawsEvenlyFromTheWholeRange) {
  for (const std::uint64_t seed : test::seeds({0, ~std::uint64_t{0}}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // 1000 draws into four quarters: 250 each, give or take 6 standard deviations of 13.7.
    std::vector<int> quarters(4);
    for (std::uint32_t failures = 1; failures <= 1000; ++failures) {
      const double drawn = draw(seed, failures);
      ASSERT_GE(drawn, 0);
      ASSERT_LT(drawn, 1);
      ++quarters[static_cast<std::size_t>(drawn * 4)];
    }
    for (const int count : quarters) ASSERT_NEAR(count, 250, 82);
  }
}

TEST(JitterProperty, EqualSeedsPauseEquallyAndOthersDoNot) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RetryValues policy = RetryPolicy().jitter(0.5).values();
    bool differs = false;
    for (std::uint32_t failures = 1; failures <= 4; ++failures) {
      const nanoseconds pause = next_step(policy, failures, nanoseconds(0), seed).pause;
      ASSERT_EQ(next_step(policy, failures, nanoseconds(0), seed).pause, pause);
      differs = differs || next_step(policy, failures, nanoseconds(0), seed + 1).pause != pause;
    }
    ASSERT_TRUE(differs);
  }
}

TEST(RetryCourseProperty, KeepsToAttemptsAndDeadlineWhateverTheAttemptsTake) {
  for (const std::uint64_t seed : test::seeds({}, kCases)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Choices choices(seed);
    RetryValues policy = random_policy(choices).values();
    constexpr std::uint32_t kSteps = 2000;  // Where nothing else ends it: no pauses, and a far deadline.
    RetryCourse course("it", policy, seed);
    const nanoseconds start(choices.number(0, 1'000'000));
    nanoseconds now = start;
    nanoseconds last_begin = start;
    NextStep step;
    std::uint32_t begun = 0;
    while (step.kind == NextStep::Kind::again && begun < kSteps && now < nanoseconds::max() / 4) {
      now += step.pause;
      if (policy.deadline.count() > 0) {
        ASSERT_LE(now - start, policy.deadline) << "attempt " << begun + 1;
      }
      last_begin = now;
      course.begin(now);
      ++begun;
      now += std::min(random_duration(choices), nanoseconds(std::chrono::hours(1)));
      step = course.failed(now, "cause");
      ASSERT_LE(step.pause, policy.longest_delay);
    }
    ASSERT_EQ(course.attempts(), begun);
    if (policy.attempts != 0) {
      ASSERT_LE(begun, policy.attempts);
    }
    if (step.kind == NextStep::Kind::attempts_used_up) {
      ASSERT_EQ(begun, policy.attempts);
    } else if (step.kind == NextStep::Kind::deadline_passed) {
      ASSERT_GE(now - start, policy.deadline);
      ASSERT_LE(last_begin - start, policy.deadline);
    }
  }
}

}  // namespace
}  // namespace cleave::detail
