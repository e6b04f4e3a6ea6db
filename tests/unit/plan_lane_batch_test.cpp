// How many tests a lane takes at a time.
#include <gtest/gtest.h>

#include <variant>

#include "lane_by_hand.hpp"

namespace cleave::plan {
namespace {

/// One of two lanes over 1,000 tests of a framework that needs a process for each batch. A start takes 2 ms.
class LaneBatch : public testing::Test {
 protected:
  LaneBatch() {
    list_.framework = "catch2";
    for (std::uint32_t i = 0; i < 1000; ++i) {
      TestCase test;
      test.name = std::to_string(i);
      test.position = i;
      test.selected = true;
      list_.tests.push_back(test);
    }
    PlanInput input;
    input.constraints.resize(list_.tests.size());
    plan_ = make_plan(list_, input);
    options_.lanes = 2;
    options_.items = 1000;
    options_.batch_time = 40ms;
    options_.batch_cost = 2ms;
  }
  /// What the lane takes when each test runs for that long, the end of a process included.
  std::vector<std::uint32_t> batches(Nanoseconds each) {
    Heap heap(1000);
    Lane lane(options_, list_, plan_);
    Nanoseconds now = 1s;
    while (!lane.next(heap, now).empty()) {
      lane.on_event(event::Asks{}, heap, now);
      const std::uint32_t size = heap.wants.back();
      for (std::uint32_t item = 1000 - heap.free_items() - size; item < 1000 - heap.free_items(); ++item) {
        lane.on_event(event::Started{item, now, 0}, heap, now);
        now += each;
        lane.on_event(event::Ended{item, detail::Verdict::passed, now, each, 0}, heap, now);
      }
      lane.on_event(event::Finished{}, heap, now);
      lane.on_exit({}, heap, now);
    }
    heap.wants.pop_back();  // There was nothing any more.
    return heap.wants;
  }
  TestList list_;
  Plan plan_;
  LaneOptions options_;
};

// R32: a process for each handful of tests that take nothing would be slower than one process for all.
TEST_F(LaneBatch, OfShortTestsTakesAsLongAsTheStartOfAProcess) {
  options_.expected_test = 1us;
  EXPECT_EQ(batches(1us), (std::vector<std::uint32_t>{500, 500}));
}

// What the other lane could have run meanwhile is then little against the whole.
TEST_F(LaneBatch, OfLongTestsIsAFiftiethOfThemAtMost) {
  options_.expected_test = 30ms;
  for (const std::uint32_t size : batches(30ms)) EXPECT_LE(size, 20U);
}

TEST_F(LaneBatch, GrowsFromOneTestWhereNothingIsKnown) {
  const std::vector<std::uint32_t> sizes = batches(1us);
  ASSERT_GE(sizes.size(), 5U);
  EXPECT_EQ(std::vector<std::uint32_t>(sizes.begin(), sizes.begin() + 4), (std::vector<std::uint32_t>{1, 4, 16, 64}));
}

/// The first worker's start.
command::Start first_start(const LaneOptions& options, const TestList& list, const Plan& plan) {
  Heap heap(1000);
  Lane lane(options, list, plan);
  return std::get<command::Start>(lane.next(heap, 1s).at(0));
}

TEST_F(LaneBatch, IsTheOnlyOneOfAWorkerThatGetsNoOther) {
  EXPECT_TRUE(first_start(options_, list_, plan_).only) << "a process for each batch";
  options_.pulls = true;
  EXPECT_FALSE(first_start(options_, list_, plan_).only);
  EXPECT_FALSE(first_start(options_, list_, plan_).one_suite);
  options_.isolation = Isolation::suite;
  EXPECT_FALSE(first_start(options_, list_, plan_).only) << "the rest of its suite may follow";
  EXPECT_TRUE(first_start(options_, list_, plan_).one_suite);
  options_.isolation = Isolation::test;
  EXPECT_TRUE(first_start(options_, list_, plan_).only);
}

// Its answers could not all be known before it starts.
TEST_F(LaneBatch, IsNotTheOnlyOneOfAWorkerThatMayRunATestTwice) {
  options_.isolation = Isolation::test;
  options_.pulls = true;
  options_.retry.retries = 1;
  options_.retry.same_process = true;
  EXPECT_FALSE(first_start(options_, list_, plan_).only);
}

// All of it is heard at once, when the worker has ended.
TEST_F(LaneBatch, OfAWorkerThatIsHeardLateTakesWhatItsTestsTook) {
  options_.batch_cost = 0ms;
  Heap heap(1000);
  Lane lane(options_, list_, plan_);
  ASSERT_TRUE(std::get<command::Start>(lane.next(heap, 1s).at(0)).only);
  lane.on_event(event::Asks{}, heap, 2s);
  lane.on_event(event::Started{0, 1010ms, 0}, heap, 2s);
  lane.on_event(event::Ended{0, detail::Verdict::passed, 1030ms, 20ms, 0}, heap, 2s);
  lane.on_event(event::Asks{}, heap, 2s);
  lane.on_event(event::Finished{}, heap, 2s);
  lane.on_exit({}, heap, 2s);
  lane.next(heap, 2s);
  EXPECT_EQ(heap.wants.back(), 2U) << "40 ms of tests of 20 ms";
}

}  // namespace
}  // namespace cleave::plan
