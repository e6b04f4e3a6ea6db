#pragma once

// A lane that a test drives by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "plan/lane.hpp"

namespace cleave::plan {

using namespace std::chrono_literals;

/// Items in order, of which a claim gets as many as it wants. Nothing stands in anybody's way.
class Heap : public WorkSource {
 public:
  explicit Heap(std::uint32_t count) : count_(count) {}
  Claim claim(std::int64_t, std::uint32_t want, Isolation, Nanoseconds) override {
    wants.push_back(want);
    Claim claim;
    while (claim.items.size() < want && next_ < count_) claim.items.push_back(next_++);
    return claim;
  }
  bool is_exclusive(std::uint32_t) override { return false; }
  bool claim_again(std::uint32_t, bool) override { return true; }
  bool others_work() override { return true; }
  bool spend_retry() override { return true; }
  std::uint32_t free_items() override { return count_ - next_; }
  std::string stopped() override { return {}; }
  std::vector<std::uint32_t> wants;  ///< Of each claim so far.

 protected:
  std::uint32_t count_;
  std::uint32_t next_ = 0;
};

/// Hands out the items of a plan in order, as many as asked for and at most a suite of three.
class FakeSource : public Heap {
 public:
  using Heap::Heap;
  Claim claim(std::int64_t after, std::uint32_t want, Isolation isolation, Nanoseconds) override {
    Claim claim;
    if (isolation == Isolation::suite && after != kFromStart) return claim;  // It had all of its suite.
    claim.more = claim.worth_waiting = closed;
    while (!closed && stop.empty() && next_ < count_ && claim.items.size() < std::min(want, 3U) &&
           static_cast<std::int64_t>(next_) > after) {
      claim.items.push_back(next_++);
    }
    return claim;
  }
  bool claim_again(std::uint32_t, bool alone) override { return !alone || nobody_else_runs; }
  bool others_work() override { return others; }
  bool spend_retry() override { return retries-- > 0; }
  std::string stopped() override { return stop; }
  std::string stop;
  bool closed = false;  ///< What there is waits at a barrier.
  int retries = 100;
  bool others = true;
  bool nobody_else_runs = true;
};

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    list_.framework = "gtest";
    list_.pulls = true;
    list_.groups_matter = true;
    for (std::uint32_t i = 0; i < 6; ++i) {
      TestCase test;
      test.suite = i < 3 ? "A" : "B";
      test.name = std::to_string(i);
      test.position = i;
      test.selected = true;
      list_.tests.push_back(test);
    }
    PlanInput input;
    input.constraints.resize(6);
    plan_ = make_plan(list_, input);
    options_.shard = "shard-0";
    options_.pulls = true;
    options_.isolation = Isolation::suite;  // Whole suites: batches of three.
    options_.test_timeout = 2s;
    options_.batch_time = 10ms;
  }

  std::vector<Command> start() {
    lane_ = std::make_unique<Lane>(options_, list_, plan_);
    auto out = lane_->next(source_, Nanoseconds(0));
    say(event::Asks{});
    return out;
  }
  std::vector<Command> say(const Event& event) { return lane_->on_event(event, source_, 1s); }
  std::vector<Command> die(const WorkerEnd& how) { return lane_->on_exit(how, source_, 1s); }

  template <class T>
  static std::vector<T> all(const std::vector<Command>& commands) {
    std::vector<T> found;
    for (const Command& each : commands) {
      if (const T* match = std::get_if<T>(&each)) found.push_back(*match);
    }
    return found;
  }

  TestList list_;
  Plan plan_;
  LaneOptions options_;
  FakeSource source_{6};
  std::unique_ptr<Lane> lane_;
};

}  // namespace cleave::plan
