// R07: attempts, pauses, deadlines, and an error that shows all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cleave/patience.hpp"
#include "fixtures/retry_course.hpp"

namespace cleave {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// No pauses: what is tested here is not how long they are.
RetryPolicy at_once() { return RetryPolicy().first_delay(0s); }

/// The text of what the call throws; empty when it throws nothing.
template <class Error, class Call>
std::string text_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(RetryPolicy, NamesTheValueThatIsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(text_of<FixtureError>([] { RetryPolicy().attempts(0); }), "RetryPolicy::attempts: 0: 1 to 4294967295");
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().attempts(-3); }), HasSubstr("attempts: -3:"));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().factor(0.99); }), HasSubstr("factor: 0.99"));
  EXPECT_THAT(text_of<FixtureError>([&] { RetryPolicy().factor(nan); }), HasSubstr("factor: "));
  EXPECT_THAT(text_of<FixtureError>([&] { RetryPolicy().factor(infinite); }), HasSubstr("factor: "));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().jitter(1.01); }), HasSubstr("jitter: 1.01"));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().jitter(-0.1); }), HasSubstr("jitter: -0.1"));
  EXPECT_THAT(text_of<FixtureError>([&] { RetryPolicy().jitter(nan); }), HasSubstr("jitter: "));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().first_delay(-1ns); }), HasSubstr("first_delay: -1 ns"));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().longest_delay(-1ns); }), HasSubstr("longest_delay: -1 ns"));
  EXPECT_THAT(text_of<FixtureError>([] { RetryPolicy().deadline(0ns); }), HasSubstr("deadline: 0 ns"));
}

TEST(RetryPolicy, AcceptsTheEndsOfItsRanges) {
  EXPECT_NO_THROW(RetryPolicy().attempts(1).factor(1).jitter(0).first_delay(0s).longest_delay(0s).deadline(1ns));
  EXPECT_NO_THROW(RetryPolicy().attempts(4294967295).jitter(1));
}

TEST(RetryPolicy, IsRefusedWithoutALimitAndWithoutADeadline) {
  int calls = 0;
  const auto call = [&] { return retry(RetryPolicy().unlimited(), [&] { return ++calls; }); };
  EXPECT_THAT(text_of<FixtureError>(call), HasSubstr("unlimited() needs a deadline()"));
  EXPECT_EQ(calls, 0);
}

TEST(Retry, ReturnsWhatTheFirstSuccessReturns) {
  int calls = 0;
  const int got = retry(at_once(), [&] {
    if (++calls < 4) throw std::runtime_error("not yet");
    return calls * 10;
  });
  EXPECT_EQ(got, 40);
  EXPECT_EQ(calls, 4);
}

TEST(Retry, HandsThroughReferencesVoidAndWhatOnlyMoves) {
  int value = 1;
  const auto by_reference = [&]() -> int& { return value; };
  static_assert(std::is_same_v<decltype(retry(by_reference)), int&>);
  EXPECT_EQ(&retry(by_reference), &value);
  static_assert(std::is_void_v<decltype(retry([] {}))>);
  retry([&] { value = 2; });
  EXPECT_EQ(value, 2);
  EXPECT_EQ(*retry([] { return std::make_unique<int>(3); }), 3);
}

TEST(Retry, GivesUpAfterTheLastAttemptAndShowsEachOne) {
  int calls = 0;
  try {
    retry(at_once().attempts(3), [&] { throw std::runtime_error("refused " + std::to_string(++calls)); });
    FAIL() << "no error";
  } catch (const RetryError& error) {
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(error.attempts(), 3U);
    EXPECT_EQ(error.last_cause(), "refused 3");
    const std::string text = error.what();
    EXPECT_THAT(text, HasSubstr("retry: gave up after 3 attempts in "));
    EXPECT_THAT(text, HasSubstr("all 3 attempts are used up\n"));
    EXPECT_THAT(text, HasSubstr("\n  attempt 1 at 0.00 ms, took "));
    EXPECT_THAT(text, HasSubstr(": refused 1\n"));
    EXPECT_THAT(text, HasSubstr(": refused 2\n"));
    EXPECT_THAT(text, HasSubstr(": refused 3"));
  }
}

TEST(Retry, TriesFiveTimesWhenNothingIsSaid) {
  EXPECT_EQ(RetryPolicy().values().attempts, 5U);
  EXPECT_EQ(RetryPolicy().values().first_delay, 50ms);
  EXPECT_EQ(RetryPolicy().values().longest_delay, 5s);
  EXPECT_EQ(RetryPolicy().values().deadline, 0s);
}

TEST(Retry, BeginsItsLastAttemptAtTheDeadline) {
  int calls = 0;
  // The pause would be an hour.
  const RetryPolicy policy = RetryPolicy().unlimited().first_delay(1h).longest_delay(1h).deadline(5ms);
  const auto call = [&] { retry(policy, [&] { throw std::runtime_error("call " + std::to_string(++calls)); }); };
  const std::string text = text_of<RetryError>(call);
  EXPECT_THAT(text, HasSubstr("the deadline of 5.0 ms passed"));
  EXPECT_LE(calls, 2) << text;  // One when that alone took longer than the deadline.
}

TEST(Retry, NamesWhatIsNoStandardException) {
  struct Oddity {};
  const RetryPolicy once = at_once().attempts(1);
  const auto text_when = [&](auto thrown) { return text_of<RetryError>([&] { retry(once, [&] { throw thrown; }); }); };
  EXPECT_THAT(text_when(42), HasSubstr("not a std::exception, but type int"));
  EXPECT_THAT(text_when(Oddity{}), HasSubstr("Oddity"));
  EXPECT_THAT(text_when(static_cast<const char*>("disk full")), HasSubstr("the text: disk full"));
  EXPECT_THAT(text_when(std::string("disk gone")), HasSubstr("the text: disk gone"));
  EXPECT_THAT(text_when(std::runtime_error("")), HasSubstr("std::runtime_error without a text"));
}

TEST(RetryIf, RethrowsAtOnceWhatThePredicateRefuses) {
  int calls = 0;
  const auto fails = [&]() -> int {
    if (++calls == 2) throw std::out_of_range("for good");
    throw std::runtime_error("for now");
  };
  const auto for_now = [](const std::exception& error) {
    return dynamic_cast<const std::logic_error*>(&error) == nullptr;
  };
  EXPECT_THROW(retry_if(at_once(), fails, for_now), std::out_of_range);
  EXPECT_EQ(calls, 2);
}

TEST(RetryIf, RefusesUnknownExceptionsUnlessThePredicateTakesAnExceptionPointer) {
  int calls = 0;
  const auto fails = [&]() -> int { throw ++calls; };
  EXPECT_THROW(retry_if(at_once(), fails, [](const std::exception&) { return true; }), int);
  EXPECT_EQ(calls, 1);
  EXPECT_THROW(retry_if(at_once(), fails, [](const std::exception_ptr&) { return true; }), RetryError);
  EXPECT_EQ(calls, 6);
}

TEST(Retry, LetsACancelledThreadEnd) {
  const auto end = []() -> bool { pthread_exit(nullptr); };
  const std::vector<std::function<void()>> calls{
      [&] { retry(at_once(), end); },
      [&] { retry_if(at_once(), end, [](const std::exception&) { return true; }); },
      [&] { eventually(at_once(), end); },
      [&] { wait_healthy("it", end, at_once()); },
  };
  for (const auto& call : calls) {
    std::atomic<bool> returned = false;
    std::thread thread([&] {
      call();
      returned = true;
    });
    thread.join();
    EXPECT_FALSE(returned);
  }
}

TEST(Eventually, ReturnsTheFirstTrueValueOfAnyKind) {
  const RetryPolicy policy = at_once();
  int calls = 0;
  EXPECT_TRUE(eventually(policy, [&] { return ++calls >= 3; }));
  EXPECT_EQ(calls, 3);
  int target = 5;
  EXPECT_EQ(eventually(policy, [&]() -> int* { return ++calls % 2 == 0 ? &target : nullptr; }), &target);
  EXPECT_EQ(eventually(policy, [&] { return ++calls > 6 ? std::optional(calls) : std::nullopt; }), 7);
  const auto borrow = [&] {
    using Borrowed = std::unique_ptr<int, void (*)(int*)>;
    return Borrowed(++calls > 8 ? &target : nullptr, [](int*) {});
  };
  EXPECT_EQ(eventually(policy, borrow).get(), &target);
}

TEST(Eventually, TakesExceptionsAsNotYetAndSaysWhatWasMissing) {
  int calls = 0;
  try {
    eventually(at_once().attempts(2), [&]() -> std::optional<int> {
      if (++calls == 1) throw std::runtime_error("no such table");
      return std::nullopt;
    });
    FAIL() << "no error";
  } catch (const RetryError& error) {
    EXPECT_EQ(error.last_cause(), "returned an empty value");
    EXPECT_THAT(error.what(), HasSubstr("eventually: gave up after 2 attempts"));
    EXPECT_THAT(error.what(), HasSubstr(": no such table\n"));
  }
  const auto is_false = [] { eventually(at_once(), [] { return false; }); };
  EXPECT_THAT(text_of<RetryError>(is_false), HasSubstr("returned false"));
}

TEST(Eventually, PollsForTenSecondsWhenNothingIsSaid) {
  const detail::RetryValues values = RetryPolicy::polling().values();
  EXPECT_EQ(values.attempts, 0U);
  EXPECT_EQ(values.first_delay, 10ms);
  EXPECT_EQ(values.longest_delay, 250ms);
  EXPECT_EQ(values.deadline, 10s);
  EXPECT_EQ(values.factor, 1.5);
}

TEST(WaitHealthy, NamesTheServiceAndTheDetailOfEachLook) {
  int looks = 0;
  const auto check = [&]() -> Health { return {false, "replica lag " + std::to_string(++looks) + " s"}; };
  const auto call = [&] { wait_healthy("orders-db", check, at_once().attempts(2)); };
  const std::string text = text_of<RetryError>(call);
  EXPECT_THAT(text, HasSubstr("wait for orders-db: gave up after 2 attempts"));
  EXPECT_THAT(text, HasSubstr("replica lag 1 s"));
  EXPECT_THAT(text, HasSubstr("replica lag 2 s"));
}

TEST(WaitHealthy, TakesChecksThatReturnBoolOrThrow) {
  int looks = 0;
  const Health health = wait_healthy(
      "cache",
      [&] {
        if (++looks == 1) throw std::runtime_error("warming up");
        return looks == 3;
      },
      at_once());
  EXPECT_TRUE(health.ok);
  EXPECT_EQ(looks, 3);
}

TEST(HealthCheck, CopiesItsStateAndMoves) {
  HealthCheck first([looks = 0]() mutable { return ++looks == 2; });
  EXPECT_FALSE(first().ok);
  HealthCheck second = first;
  EXPECT_TRUE(second().ok);
  EXPECT_TRUE(first().ok) << "the copy looked for it";
  const HealthCheck third = std::move(second);
  EXPECT_FALSE(third().ok);
  first = third;
  EXPECT_FALSE(first().ok);
}

TEST(HttpHealth, RefusesAPathThatCannotBeSent) {
  EXPECT_THAT(text_of<FixtureError>([] { http_health(80, "health"); }), HasSubstr("'health': must begin with '/'"));
  EXPECT_THAT(text_of<FixtureError>([] { http_health(80, "/a b"); }), HasSubstr("blanks"));
  EXPECT_THAT(text_of<FixtureError>([] { http_health(80, "/a\r\nX: y"); }), HasSubstr("\\r\\n"));
}

/// A course whose n-th attempt begins at n seconds and takes a quarter of one.
detail::RetryCourse course_of(std::uint32_t attempts, const RetryPolicy& policy) {
  detail::RetryCourse course("it", policy.values(), 0);
  for (std::uint32_t i = 1; i <= attempts; ++i) {
    course.begin(std::chrono::seconds(100 + i));
    course.failed(std::chrono::seconds(100 + i) + 250ms, "cause " + std::to_string(i));
  }
  return course;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(RetryErrorText, ShowsTenAttemptsWhole) {
  const std::string text = course_of(10, RetryPolicy()).told("it was enough");
  EXPECT_THAT(text, HasSubstr("it: gave up after 10 attempts in 9.25 s: it was enough\n"));
  for (int i = 1; i <= 10; ++i) {
    EXPECT_THAT(text, HasSubstr("attempt " + std::to_string(i) + " at "));
  }
  EXPECT_THAT(text, HasSubstr("\n  attempt 10 at 9.00 s, took 250 ms: cause 10"));
  EXPECT_THAT(text, Not(HasSubstr("left out")));
}

TEST(RetryErrorText, ShowsTheFirstThreeAndTheLastFiveOfMore) {
  const std::map<std::uint32_t, std::string> left_out{{11, "3 attempts left out"}, {1000, "992 attempts left out"}};
  for (const auto& [attempts, line] : left_out) {
    const std::string text = course_of(attempts, RetryPolicy()).told("it was enough");
    EXPECT_EQ(count_of(text, "\n  attempt "), 8U) << text;
    EXPECT_THAT(text, HasSubstr(": cause 3\n  " + line + "\n  attempt " + std::to_string(attempts - 4) + " at "));
    EXPECT_THAT(text, HasSubstr(": cause " + std::to_string(attempts)));
    EXPECT_THAT(text, Not(HasSubstr(": cause 4\n")));
  }
}

TEST(RetryErrorText, SaysWhyItEndedWithTheValues) {
  using Kind = detail::NextStep::Kind;
  const detail::RetryCourse course = course_of(1, RetryPolicy().attempts(7).deadline(1500ms));
  EXPECT_EQ(course.reason(Kind::attempts_used_up), "all 7 attempts are used up");
  EXPECT_EQ(course.reason(Kind::deadline_passed), "the deadline of 1.50 s passed");
  EXPECT_EQ(course_of(1, RetryPolicy().attempts(1)).reason(Kind::attempts_used_up), "1 attempt was allowed");
}

TEST(RetryErrorText, IndentsCausesOfSeveralLinesAndCutsLongOnes) {
  detail::RetryCourse course("it", RetryPolicy().values(), 0);
  course.begin(0s);
  course.failed(1s, "first\nsecond");
  course.begin(2s);
  course.failed(3s, std::string(100'000, 'x'));
  const std::string text = course.told("enough");
  EXPECT_THAT(text, HasSubstr(": first\n      second\n  attempt 2"));
  EXPECT_LT(text.size(), 3000U);
  EXPECT_EQ(course.last_cause().size(), 100'000U);
}

}  // namespace
}  // namespace cleave
