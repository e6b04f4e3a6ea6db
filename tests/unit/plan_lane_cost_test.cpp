// What a lane measures beside tests, and what it takes for a test's duration.
#include <gtest/gtest.h>

#include "lane_by_hand.hpp"

namespace cleave::plan {
namespace {

using detail::Phase;
using detail::Verdict;

/// Hands out the two tests at once, and then nothing.
class TwoTests : public Heap {
 public:
  TwoTests() : Heap(2) {}
  Claim claim(std::int64_t after, std::uint32_t, Isolation isolation, Nanoseconds budget) override {
    return Heap::claim(after, count_, isolation, budget);
  }
};

/// A worker that was started at 10 s and runs two tests of the suite A.
class LaneCost : public testing::Test {
 protected:
  LaneCost() {
    list_.framework = "gtest";
    list_.pulls = true;
    for (const char* name : {"x", "y"}) {
      TestCase test;
      test.suite = "A";
      test.name = name;
      test.position = static_cast<std::uint32_t>(list_.tests.size());
      test.selected = true;
      list_.tests.push_back(test);
    }
    PlanInput input;
    input.constraints.resize(2);
    plan_ = make_plan(list_, input);
    options_.pulls = true;
    lane_ = std::make_unique<Lane>(options_, list_, plan_);
    lane_->next(source_, 10s);
    say(event::Asks{});
  }

  void say(const Event& event) {
    for (const Command& each : lane_->on_event(event, source_, 20s)) {
      if (const auto* cost = std::get_if<command::Cost>(&each)) costs_.push_back(*cost);
      if (const auto* record = std::get_if<command::Record>(&each)) durations_.push_back(record->duration);
    }
  }
  void enter(Phase phase, Nanoseconds when) { say(event::Entered{phase, "A", when, 0}); }
  void run(std::uint32_t index, Nanoseconds begin, Nanoseconds end, Nanoseconds by_framework) {
    say(event::Started{index, begin, 0});
    say(event::Ended{index, Verdict::passed, end, by_framework, 0});
  }
  void fail_phase() { say(event::Said{detail::MessageKind::failure, "a.cpp", 1, "no"}); }

  TestList list_;
  Plan plan_;
  LaneOptions options_;
  TwoTests source_;
  std::unique_ptr<Lane> lane_;
  std::vector<command::Cost> costs_;
  std::vector<Nanoseconds> durations_;
};

TEST_F(LaneCost, OfAStartEndsWithTheFirstSuite) {
  enter(Phase::environment_set_up, 10s + 10ms);
  enter(Phase::between_tests, 10s + 40ms);
  EXPECT_TRUE(costs_.empty());
  enter(Phase::suite_set_up, 10s + 41ms);
  ASSERT_EQ(costs_.size(), 1U);
  EXPECT_EQ(costs_[0].suite, "");
  EXPECT_EQ(costs_[0].duration, 41ms);
  run(0, 11s, 12s, 1s);
  EXPECT_EQ(costs_.size(), 1U);
}

TEST_F(LaneCost, OfAStartEndsWithTheFirstTestWhereThereAreNoSuites) {
  enter(Phase::between_tests, 10s + 1ms);
  run(0, 10s + 2ms, 11s, 1s);
  run(1, 12s, 13s, 1s);
  ASSERT_EQ(costs_.size(), 1U);
  EXPECT_EQ(costs_[0].duration, 2ms);
}

TEST_F(LaneCost, OfASuiteIsItsSetUpAndItsTearDownTogether) {
  enter(Phase::suite_set_up, 11s);
  run(0, 11s + 30ms, 12s, 970ms);
  enter(Phase::between_tests, 12s);
  run(1, 12s, 13s, 1s);
  enter(Phase::suite_tear_down, 14s);
  costs_.clear();
  enter(Phase::between_tests, 14s + 12ms);
  ASSERT_EQ(costs_.size(), 1U);
  EXPECT_EQ(costs_[0].suite, "A");
  EXPECT_EQ(costs_[0].duration, 42ms);
  enter(Phase::environment_tear_down, 15s);
  EXPECT_EQ(costs_.size(), 1U);
}

// A set-up that failed has often ended early.
TEST_F(LaneCost, IsNotTakenFromASetUpOrTearDownThatFailed) {
  enter(Phase::suite_set_up, 11s);
  fail_phase();
  run(0, 11s + 30ms, 12s, 970ms);
  enter(Phase::suite_tear_down, 14s);
  enter(Phase::suite_set_up, 15s);
  run(1, 16s, 17s, 1s);
  enter(Phase::suite_tear_down, 18s);
  fail_phase();
  costs_.clear();
  enter(Phase::between_tests, 19s);
  EXPECT_TRUE(costs_.empty());
}

TEST_F(LaneCost, IsNotTakenFromAStartThatFailed) {
  enter(Phase::environment_set_up, 10s + 10ms);
  fail_phase();
  run(0, 11s, 12s, 1s);
  run(1, 12s, 13s, 1s);
  EXPECT_TRUE(costs_.empty());
}

// GoogleTest cuts to whole milliseconds: thousands of tests of 0.9 ms are not free.
TEST_F(LaneCost, OfATestIsFinerThanTheMillisecondsOfTheFramework) {
  run(0, 11s, 11s + 900us, 0ms);
  run(1, 12s, 12s + 3ms + 250us, 3ms);
  EXPECT_EQ(durations_, (std::vector<Nanoseconds>{900us, 3ms + 250us}));
}

// Nothing takes longer than what lies between its two events: then the framework's clock was set meanwhile.
TEST_F(LaneCost, OfATestIsTheFrameworksFigureUnlessThatIsTheLongerOne) {
  run(0, 11s, 11s + 5ms, 3ms);
  run(1, 12s, 12s + 2ms, 3ms);
  EXPECT_EQ(durations_, (std::vector<Nanoseconds>{3ms, 2ms}));
}

TEST_F(LaneCost, OfATestIsWhatTheEventsSayWhereTheFrameworkSaysNothing) {
  run(0, 11s, 11s + 5ms, -1ns);
  run(1, 12s, 12s + 2ms, Nanoseconds::min());
  EXPECT_EQ(durations_, (std::vector<Nanoseconds>{5ms, 2ms}));
}

}  // namespace
}  // namespace cleave::plan
