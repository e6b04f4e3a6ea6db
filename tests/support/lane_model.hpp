#pragma once

// A run in memory: lanes, a board, and workers that follow the protocol until they die of something.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "plan/lane.hpp"
#include "plan/planner.hpp"
#include "property.hpp"

namespace cleave::test {

using namespace plan;

inline TestList random_list(Choices& choices, std::uint32_t most) {
  TestList list;
  list.framework = choices.chance(50) ? "gtest" : "catch2";
  list.pulls = list.framework == "gtest" || choices.chance(30);
  list.groups_matter = list.pulls;
  list.repeat = choices.chance(15) ? static_cast<std::int32_t>(choices.number(0, 3)) : 1;
  const std::uint32_t count = choices.chance(5) ? most : choices.number(0, 60);
  std::uint32_t suite = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (choices.chance(20)) ++suite;
    TestCase test;
    test.suite = choices.one_of(hostile_names()) + std::to_string(suite / 2);
    test.name = choices.one_of(hostile_names());
    test.file = "a.cpp";
    test.line = static_cast<std::int32_t>(choices.number(0, 5));
    test.selected = choices.chance(90);
    list.tests.push_back(std::move(test));
  }
  // A running order of its own, in which suites need not stay together.
  std::vector<std::uint32_t> order(count);
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  if (choices.chance(40)) {
    for (std::uint32_t i = count; i > 1; --i) std::swap(order[i - 1], order[choices.number(0, i - 1)]);
  }
  for (std::uint32_t i = 0; i < count; ++i) list.tests[i].position = order[i];
  return list;
}

inline std::vector<Constraints> random_constraints(Choices& choices, const TestList& list) {
  std::vector<Constraints> all(list.tests.size());
  for (Constraints& constraints : all) {
    constraints.serial = choices.chance(10);
    for (const char* name : {"a", "b", "c"}) {
      if (choices.chance(8)) constraints.locks.push_back({name, choices.chance(40)});
    }
    if (choices.chance(8)) constraints.weight = choices.number(2, 20);
    if (choices.chance(5)) constraints.memory = choices.number(1, 1500);
    if (choices.chance(10)) constraints.isolation = choices.one_of<Isolation>({Isolation::suite, Isolation::test});
    if (choices.chance(5)) constraints.priority = static_cast<std::int32_t>(choices.number(0, 4)) - 2;
  }
  return all;
}

/// Tests wait for tests with a smaller number, so that there is no circle; serial ones and others alike.
inline Barriers random_barriers(Choices& choices, const TestList& list) {
  Barriers made;
  const auto count = static_cast<std::uint32_t>(list.tests.size());
  if (count < 2 || choices.chance(40)) return made;
  made.waits_for.resize(count);
  made.member_of.resize(count);
  for (std::uint32_t i = choices.number(1, 5); i > 0; --i) {
    const auto barrier = static_cast<std::uint32_t>(made.all.size());
    made.all.push_back({"barrier " + std::to_string(barrier), choices.chance(50), {}});
    const std::uint32_t border = choices.number(1, count - 1);
    const std::uint32_t share = choices.number(1, 100);
    for (std::uint32_t test = 0; test < count; ++test) {
      if (!list.tests[test].selected || !choices.chance(share)) continue;
      (test < border ? made.member_of : made.waits_for)[test].push_back(barrier);
    }
  }
  return made;
}

inline PlanInput random_input(Choices& choices, const TestList& list) {
  PlanInput input;
  input.constraints = random_constraints(choices, list);
  input.barriers = random_barriers(choices, list);
  input.lanes = choices.number(1, 16);
  if (choices.chance(50)) {
    for (std::size_t i = 0; i < list.tests.size(); ++i) {
      const bool is_long = choices.chance(10);
      input.costs.test.push_back(std::chrono::microseconds(choices.number(0, is_long ? 5'000'000 : 5'000)));
      input.costs.known.push_back(true);
      input.costs.failed_last.push_back(choices.chance(5));
      if (choices.chance(20)) {
        input.costs.suite_set_up[list.tests[i].suite] = std::chrono::microseconds(choices.number(0, 50'000));
      }
    }
  }
  return input;
}

/// The shared board and the locks of one run, in memory.
class RunState {
 public:
  RunState(const Plan& plan, const std::vector<Constraints>& constraints, std::uint32_t lanes)
      : plan_(plan), constraints_(constraints), memory_(Board::size_for(plan, lanes) / 8 + 1) {
    BoardOptions options;
    options.lanes = lanes;
    options.capacity = lanes;
    options.retries = 1000;
    options.memory = 1000;
    Board::make(memory_.data(), plan, options);
  }

  Board board() { return Board(memory_.data(), plan_); }
  Claim claim(const ClaimRequest& request) {
    return plan::claim(
        board(), request, [&](std::uint32_t item) { return !locks_of(item).empty(); },
        [&](std::uint32_t item) { return take_locks(request.lane, item); });
  }
  bool claim_again(const ClaimRequest& request, std::uint32_t item, bool alone) {
    return plan::claim_again(
        board(), request, item, alone, [&](std::uint32_t each) { return !locks_of(each).empty(); },
        [&](std::uint32_t each) { return take_locks(request.lane, each); });
  }
  std::uint32_t free(std::uint32_t part) { return board().part(part).free; }
  void unlock(std::uint32_t lane) {
    held_.erase(lane);
    board().rest(lane);
  }
  const std::vector<LockUse>& locks_of(std::uint32_t item) const { return constraints_[plan_.items[item].index].locks; }

 private:
  bool take_locks(std::uint32_t lane, std::uint32_t item) {
    for (const auto& [holder, uses] : held_) {
      for (const LockUse& have : uses) {
        for (const LockUse& want : locks_of(item)) {
          if (holder != lane && have.name == want.name && !(have.shared && want.shared)) return false;
        }
      }
    }
    held_[lane] = locks_of(item);
    return true;
  }

  const Plan& plan_;
  const std::vector<Constraints>& constraints_;
  std::vector<std::uint64_t> memory_;
  std::map<std::uint32_t, std::vector<LockUse>> held_;
};

class LaneSource : public WorkSource {
 public:
  LaneSource(RunState& state, const Plan& plan, std::uint32_t part, std::uint32_t lane)
      : state_(state), plan_(plan), part_(part), lane_(lane) {}
  Claim claim(std::int64_t after, std::uint32_t want, Isolation isolation, Nanoseconds budget) override {
    if (!stop.empty()) return {};
    ClaimRequest request{part_, lane_, after, want, 0, isolation};
    request.budget = budget;
    Claim claimed = state_.claim(request);
    for (const Doomed& each : claimed.doomed) doomed.push_back(each.item);
    return claimed;
  }
  bool is_exclusive(std::uint32_t item) override {
    const Group& group = plan_.groups[plan_.group_of(item)];
    return group.weight > 1 || group.memory > 0 || !state_.locks_of(item).empty();
  }
  bool claim_again(std::uint32_t item, bool alone) override {
    return state_.claim_again(ClaimRequest{part_, lane_}, item, alone);
  }
  bool others_work() override {
    std::uint64_t weight = 0;
    for (const LaneState& lane : state_.board().lanes()) weight += lane.weight;
    return weight > state_.board().lanes()[lane_].weight;
  }
  bool spend_retry() override { return state_.board().header().retries_left-- > 0; }
  std::uint32_t free_items() override { return state_.free(part_); }
  std::string stopped() override { return stop; }
  std::string stop;
  std::vector<std::uint32_t> doomed;

 private:
  RunState& state_;
  const Plan& plan_;
  std::uint32_t part_;
  std::uint32_t lane_;
};

/// A worker process that follows the protocol until it dies of something.
struct FakeWorker {
  bool alive = false;
  bool waits = false;  ///< It asked and has no answer yet.
  bool leaving = false;
  std::vector<std::uint32_t> batch;
  std::size_t next = 0;
  bool may_run_again = false;
  std::int64_t ran_again = -1;  ///< The item that had its second run.
  std::vector<std::uint32_t> ran;
};

class Model {
 public:
  Model(Choices& choices, const TestList& list, const Plan& plan, const std::vector<Constraints>& constraints,
        std::uint32_t lanes)
      : choices_(choices), list_(list), plan_(plan), state_(plan, constraints, lanes), lane_count_(lanes) {
    isolation_ = choices.one_of<Isolation>({Isolation::shard, Isolation::shard, Isolation::suite, Isolation::test});
    deaths_ = choices.chance(60) ? choices.number(1, 30) : 0;
    retries_ = choices.chance(40) ? choices.number(1, 3) : 0;
    patience_ = std::chrono::milliseconds(choices.one_of<int>({0, 5, 1000}));
  }

  /// The parts in turn, each as long as it gives something, until all is done. False when it does not come to an end.
  bool run() {
    std::size_t before = 0;
    do {
      before = records.size();
      for (std::uint32_t part = 0; part < plan_.parts.size(); ++part) {
        if (!run_part(part)) return false;
      }
    } while (records.size() > before && stop_.empty());
    return true;
  }

  bool stopped() const { return !stop_.empty(); }

  std::map<std::uint32_t, int> records;  ///< Last outcomes by item.
  std::string wrong;                     ///< What went against the plan's constraints.

 private:
  bool run_part(std::uint32_t part) {
    lanes_.clear();
    sources_.clear();
    workers_.assign(lane_count_, FakeWorker{});
    for (std::uint32_t i = 0; i < lane_count_; ++i) {
      LaneOptions options;
      options.shard = "shard-" + std::to_string(i);
      options.pulls = list_.pulls;
      options.isolation = isolation_;
      options.lanes = lane_count_;
      options.batch_time = std::chrono::milliseconds(10);
      options.patience = patience_;
      options.retry.retries = retries_;
      options.retry.same_process = list_.pulls && isolation_ != Isolation::test;
      lanes_.push_back(std::make_unique<Lane>(options, list_, plan_));
      sources_.push_back(std::make_unique<LaneSource>(state_, plan_, part, i));
      sources_.back()->stop = stop_;
    }
    for (std::uint64_t step = 0; step < 2000 * (plan_.items.size() + lanes_.size() + 10); ++step) {
      now_ += std::chrono::microseconds(choices_.number(1, 3000));
      advance(choices_.number(0, lane_count_ - 1));
      if (std::all_of(lanes_.begin(), lanes_.end(), [](const auto& each) { return each->done(); })) return true;
    }
    return false;
  }

  void advance(std::uint32_t i) {
    FakeWorker& worker = workers_[i];
    if (!worker.alive) {
      if (lanes_[i]->idle() && !lanes_[i]->done()) perform(i, lanes_[i]->next(*sources_[i], now_));
      return;
    }
    if (deaths_ > 0 && choices_.chance(deaths_)) return die(i);
    if (worker.leaving) {
      say(i, event::Finished{});
      return end(i, {false, 0, "", 0});
    }
    if (worker.next == worker.batch.size()) {
      if (!worker.waits) {
        worker.waits = true;
        say(i, event::Asks{});
      } else if (lanes_[i]->waiting()) {
        perform(i, lanes_[i]->offer(*sources_[i], now_, choices_.chance(90)));
      }
      return;
    }
    const std::uint32_t item = worker.batch[worker.next];
    check_start(i, item);
    check_company(item, worker.ran);
    worker.ran.push_back(item);
    const std::uint32_t index = plan_.items[item].index;
    say(i, event::Started{index, now_, 0});
    if (deaths_ > 0 && choices_.chance(deaths_)) return die(i);
    ++worker.next;
    const bool failed = choices_.chance(20);
    say(i, event::Ended{index, failed ? detail::Verdict::failed : detail::Verdict::passed, now_, Nanoseconds(5), 0});
    // What a set-up failed is not asked for.
    if (!failed || !worker.may_run_again || worker.ran_again == item || choices_.chance(10)) return;
    worker.ran_again = item;
    say(i, event::AsksAgain{index});
  }

  void die(std::uint32_t i) {
    if (choices_.chance(30)) perform(i, lanes_[i]->on_tick(Nanoseconds::max()));
    const bool signalled = choices_.chance(60);
    end(i, {signalled, signalled ? 11 : static_cast<int>(choices_.number(0, 3)), signalled ? "SIGSEGV" : "", 0});
  }

  void say(std::uint32_t i, const Event& event) { perform(i, lanes_[i]->on_event(event, *sources_[i], now_)); }

  void end(std::uint32_t i, const WorkerEnd& how) {
    workers_[i] = FakeWorker{};
    perform(i, lanes_[i]->on_exit(how, *sources_[i], now_));
  }

  /// What starts now waits for nothing, and fits beside the rest.
  void check_start(std::uint32_t lane, std::uint32_t item) {
    const Board board = state_.board();
    const Group& group = plan_.groups[plan_.group_of(item)];
    for (const std::uint32_t barrier : plan_.gates[group.gate].waits_for) {
      if (board.barrier(barrier).open_items != 0 || board.barrier(barrier).failed_by != 0) {
        wrong = "item " + std::to_string(item) + " started before its barrier was open";
      }
    }
    std::uint64_t weight = 0;
    for (const LaneState& each : board.lanes()) weight += each.weight;
    if (weight > board.header().capacity) wrong = "more runs than the capacity";
    if (board.lanes()[lane].weight < std::min(group.weight, board.header().capacity)) {
      wrong = "item " + std::to_string(item) + " runs without its weight";
    }
  }

  /// What ran in the process before leaves the item as isolated as its tag says.
  void check_company(std::uint32_t item, const std::vector<std::uint32_t>& before) {
    for (const std::uint32_t other : before) {
      const Group& one = plan_.groups[plan_.group_of(item)];
      const Group& two = plan_.groups[plan_.group_of(other)];
      const bool kept_apart = one.isolation != Isolation::shard || two.isolation != Isolation::shard;
      if (item == other || !kept_apart || (&one == &two && one.isolation == Isolation::suite)) continue;
      wrong = "items " + std::to_string(other) + " and " + std::to_string(item) + " shared a process";
    }
  }

  void record(std::uint32_t item, ItemEnd end) {
    ++records[item];
    state_.board().finish(item, end);
  }

  void perform(std::uint32_t i, const std::vector<Command>& commands) {
    FakeWorker& worker = workers_[i];
    for (const Command& each : commands) {
      if (std::holds_alternative<command::Start>(each)) worker.alive = true;
      if (const auto* give = std::get_if<command::Give>(&each)) {
        worker.batch = give->items;
        worker.next = 0;
        worker.waits = false;
        worker.may_run_again = give->may_run_again;
      }
      if (const auto* again = std::get_if<command::Again>(&each); again != nullptr && again->attempt > 0) --worker.next;
      if (std::holds_alternative<command::Dismiss>(each)) worker.leaving = true;
      if (std::holds_alternative<command::Unlock>(each)) state_.unlock(i);
      if (const auto* told = std::get_if<command::Record>(&each); told != nullptr && told->last) {
        record(told->item, is_green(told->outcome)             ? ItemEnd::green
                           : told->outcome == Outcome::not_run ? ItemEnd::not_run
                                                               : ItemEnd::red);
      }
      if (const auto* over = std::get_if<command::GiveUp>(&each)) record(over->item, ItemEnd::red);
      if (const auto* stop = std::get_if<command::StopAll>(&each)) {
        stop_ = stop->why;
        for (auto& source : sources_) source->stop = stop->why;
      }
    }
    for (const std::uint32_t item : std::exchange(sources_[i]->doomed, {})) ++records[item];
  }

  Choices& choices_;
  const TestList& list_;
  const Plan& plan_;
  RunState state_;
  std::uint32_t lane_count_;
  Isolation isolation_ = Isolation::shard;
  std::uint32_t retries_ = 0;
  Nanoseconds patience_{};
  std::string stop_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<LaneSource>> sources_;
  std::vector<FakeWorker> workers_;
  Nanoseconds now_{1};
  std::uint32_t deaths_ = 0;
};

}  // namespace cleave::test
