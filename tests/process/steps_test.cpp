// Steps of one test, on real threads. That all of them run at once is shown by steps that wait for each other.

#include <gtest/gtest.h>
#include <cleave/steps.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cleave {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Returns once `count` threads have come; false when they do not within ten seconds.
class Meeting {
 public:
  explicit Meeting(int count) : missing_(count) {}
  bool attend() {
    --missing_;
    const auto until = std::chrono::steady_clock::now() + seconds(10);
    while (missing_ > 0) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

 private:
  std::atomic<int> missing_;
};

std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

template <class Call>
StepError error_of(const Call& call) {
  try {
    call();
  } catch (const StepError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return StepError("", nullptr);
}

// R33
TEST(Parallel, ReturnsWhatEachFunctionReturnedInTheirOrder) {
  auto [number, text, nothing, owned] =
      parallel([] { return 1; }, [] { return std::string("two"); }, [] {}, [] { return std::make_unique<int>(4); });
  EXPECT_EQ(number, 1);
  EXPECT_EQ(text, "two");
  EXPECT_EQ(nothing, std::monostate());
  EXPECT_EQ(*owned, 4);
  const auto ten = parallel([] { return 0; }, [] { return 1.0; }, [] { return 2; }, [] { return 3L; }, [] { return 4; },
                            [] { return 5; }, [] { return 6; }, [] { return 7; }, [] { return 8; }, [] { return '9'; });
  EXPECT_EQ(std::get<9>(ten), '9');
  EXPECT_EQ(std::get<0>(parallel([] { return 7; })), 7);
}

TEST(Parallel, TakesAnyRangeAndKeepsItsOrder) {
  const std::list<std::string> words{"a", "bb", "ccc"};
  const auto length = [](const std::string& word) { return word.size(); };
  EXPECT_EQ(parallel(words, length), (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_EQ(parallel({3, 2, 1}, [](int i) { return i * i; }), (std::vector<int>{9, 4, 1}));
  EXPECT_TRUE(parallel(std::vector<int>(), [](int i) { return i; }).empty());
}

TEST(Parallel, RunsFiftyStepsThatWaitForEachOther) {
  Meeting meeting(50);
  const auto met = parallel(numbers(50), [&](int) { return meeting.attend() ? 1 : 0; });
  EXPECT_EQ(std::accumulate(met.begin(), met.end(), 0), 50);
}

// R26, R32
TEST(Parallel, RunsEachOfTenThousandStepsOnceAndNoMoreThanAllowedAtATime) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::vector<std::atomic<int>> times(10'000);
  const auto doubled = parallel(Steps().at_most(16), numbers(10'000), [&](int i) {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    ++times[static_cast<std::size_t>(i)];
    if (i % 100 == 0) std::this_thread::sleep_for(milliseconds(2));
    --running;
    return 2 * i;
  });
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(doubled[static_cast<std::size_t>(i)], 2 * i);
    ASSERT_EQ(times[static_cast<std::size_t>(i)], 1);
  }
  EXPECT_LE(most, 16);
  EXPECT_GT(most, 1);
}

// R27
TEST(Parallel, FirstFailureCancelsWhatRunsAndStartsNothingMore) {
  Meeting meeting(2);
  const StepError error = error_of([&] {
    parallel(Steps().at_most(2), numbers(5), [&](int i, Step& step) {
      EXPECT_LT(i, 2) << "it was started after the failure";
      meeting.attend();
      if (i == 0) throw std::runtime_error("the disk is full");
      step.sleep_for(seconds(60));
    });
  });
  EXPECT_EQ(error.reason(), StepError::Reason::failed);
  EXPECT_EQ(error.counts().failed, 1U);
  EXPECT_EQ(error.counts().cancelled, 1U);
  EXPECT_EQ(error.counts().not_started, 3U);
  EXPECT_NE(std::string(error.what()).find("the disk is full"), std::string::npos) << error.what();
  EXPECT_THROW(error.rethrow_first(), std::runtime_error);
}

// R27
TEST(Parallel, CollectAllRunsEverythingAndTellsOfEachFailure) {
  std::atomic<int> ran{0};
  const StepError error = error_of([&] {
    parallel(Steps().strategy(Strategy::collect_all), numbers(6), [&](int i) {
      ++ran;
      if (i % 2 == 1) throw std::runtime_error("odd " + std::to_string(i));
    });
  });
  EXPECT_EQ(ran, 6);
  EXPECT_EQ(error.failures().size(), 3U);
  for (const char* text : {"odd 1", "odd 3", "odd 5"}) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(Parallel, OutcomesHaveResultsAndFailuresBesideEachOther) {
  auto outcomes = parallel_outcomes(numbers(3), [](int i) {
    if (i == 1) throw std::runtime_error("no");
    return i;
  });
  EXPECT_EQ(outcomes[0].value(), 0);
  EXPECT_FALSE(outcomes[1].ok());
  EXPECT_EQ(outcomes[1].text(), "no");
  EXPECT_THROW(outcomes[1].value(), std::runtime_error);
  EXPECT_EQ(outcomes[2].value(), 2);
}

// R31
TEST(Race, ReturnsTheFirstSuccessAndCancelsTheOthers) {
  std::atomic<bool> cancelled{false};
  const int winner = race(
      [](Step& step) -> int {
        step.throw_if_cancelled();
        throw std::runtime_error("fails at once");
      },
      [](Step& step) {
        step.sleep_for(milliseconds(20));
        return 2;
      },
      [&](Step& step) {
        try {
          step.sleep_for(seconds(60));
        } catch (const Cancelled&) {
          cancelled = true;
          throw;
        }
        return 3;
      });
  EXPECT_EQ(winner, 2);
  EXPECT_TRUE(cancelled);
}

// R31
TEST(Race, ThatNobodyWinsHasAllErrors) {
  const StepError error = error_of([] {
    race([]() -> int { throw std::runtime_error("first"); }, []() -> int { throw std::logic_error("second"); });
  });
  EXPECT_EQ(error.failures().size(), 2U);
  EXPECT_NE(std::string(error.what()).find("first"), std::string::npos) << error.what();
  EXPECT_NE(std::string(error.what()).find("second"), std::string::npos) << error.what();
}

// R29, R35
TEST(Steps, RetryTriesOnlyWhatFailedAndCountsAttempts) {
  std::vector<std::atomic<int>> tries(4);
  Metrics metrics;
  const auto policy = RetryPolicy().attempts(3).first_delay(milliseconds(1));
  const auto results = parallel(Steps().retry(policy).metrics(metrics), numbers(4), [&](int i, Step& step) {
    ++tries[static_cast<std::size_t>(i)];
    if (i == 2 && step.attempt() < 3) throw std::runtime_error("not yet");
    return i;
  });
  EXPECT_EQ(results, numbers(4));
  EXPECT_EQ(tries[0], 1);
  EXPECT_EQ(tries[2], 3);
  EXPECT_EQ(metrics.groups()[0].attempts, 6U);
}

TEST(Steps, RetryThatIsUsedUpTellsOfEveryAttempt) {
  const auto policy = RetryPolicy().attempts(2).first_delay(milliseconds(1));
  const StepError error = error_of([&] {
    parallel(Steps().retry(policy),
             [](Step& step) { throw std::runtime_error("try " + std::to_string(step.attempt())); });
  });
  EXPECT_EQ(error.failures()[0].attempts, 2U);
  EXPECT_NE(std::string(error.what()).find("try 1"), std::string::npos) << error.what();
  EXPECT_NE(std::string(error.what()).find("try 2"), std::string::npos) << error.what();
}

// R35
TEST(Steps, HigherPriorityStartsFirst) {
  std::mutex mutex;
  std::string order;
  const auto note = [&](char c) {
    return [&, c] {
      const std::lock_guard<std::mutex> lock(mutex);
      order += c;
    };
  };
  parallel(Steps().at_most(1), step(note('a')).priority(Priority::low), step(note('b')),
           step(note('c')).priority(Priority::high), step(note('d')));
  EXPECT_EQ(order, "cbda");
}

// R28
TEST(Steps, NestedGroupsWithAThreadEachDoNotWaitForEachOtherForEver) {
  std::atomic<int> leaves{0};
  const Steps narrow = Steps().at_most(1);
  parallel(narrow, numbers(3), [&](int) {
    parallel(narrow, numbers(3), [&](int) {
      parallel(narrow, numbers(3), [&](int) { parallel(narrow, numbers(2), [&](int) { ++leaves; }); });
    });
  });
  EXPECT_EQ(leaves, 54);
}

// R28
TEST(Steps, FailureReachesEveryGroupInsideAndThePathSaysWhere) {
  Meeting meeting(3);
  std::atomic<int> cancelled{0};
  const StepError error = error_of([&] {
    parallel(Steps().name("outer"),
             step("writes",
                  [&] {
                    parallel(Steps().name("inner"), numbers(2), [&](int, Step& step) {
                      meeting.attend();
                      try {
                        step.sleep_for(seconds(60));
                      } catch (const Cancelled&) {
                        ++cancelled;
                        throw;
                      }
                    });
                  }),
             step("fails", [&](Step& step) {
               meeting.attend();
               throw std::runtime_error("at " + step.path());
             }));
  });
  EXPECT_EQ(cancelled, 2);
  EXPECT_NE(std::string(error.what()).find("at outer/1:fails"), std::string::npos) << error.what();
}

// R35
TEST(Steps, MetricsShowTheTreeAndWhatItGained) {
  Metrics metrics;
  Meeting meeting(4);
  parallel(Steps().name("load").metrics(metrics), numbers(2), [&](int) {
    parallel(numbers(2), [&](int) {
      meeting.attend();
      std::this_thread::sleep_for(milliseconds(20));
    });
  });
  const auto groups = metrics.groups();
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].name, "load");
  EXPECT_EQ(groups[0].parent, GroupMetrics::kNoParent);
  EXPECT_EQ(groups[1].parent, 0U);
  EXPECT_EQ(groups[2].parent, 0U);
  EXPECT_EQ(groups[1].counts.succeeded, 2U);
  EXPECT_EQ(groups[1].most_at_once, 2U);
  EXPECT_GT(groups[1].speed_up(), 1.2);
  EXPECT_NE(metrics.text().find("load"), std::string::npos);
}

TEST(Steps, DeadlineCancelsWhatHasNotEnded) {
  const StepError error = error_of([] {
    parallel(
        Steps().deadline(milliseconds(20)), [](Step& step) { step.sleep_for(seconds(60)); }, [] {});
  });
  EXPECT_EQ(error.reason(), StepError::Reason::deadline);
  EXPECT_EQ(error.counts().cancelled, 1U);
}

TEST(Steps, TokenFromOutsideStopsThem) {
  CancelSource source;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(20));
    source.cancel();
  });
  const StepError error = error_of([&] {
    parallel(Steps().stop(source.token()), numbers(3), [](int, Step& step) { step.sleep_for(seconds(60)); });
  });
  stopper.join();
  EXPECT_EQ(error.reason(), StepError::Reason::stopped);
}

TEST(Steps, ThatComputeRunOnOneTbbWithTheSameResults) {
  const auto squares = parallel(Steps().cpu_bound(), numbers(1000), [](int i) { return i * i; });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(squares[static_cast<std::size_t>(i)], i * i);
}

TEST(Steps, OptionsOutOfRangeAreErrorsThatNameTheValue) {
  try {
    Steps().at_most(5000);
    FAIL() << "5000 was taken";
  } catch (const FixtureError& error) {
    EXPECT_NE(std::string(error.what()).find("5000"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("1024"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cleave
