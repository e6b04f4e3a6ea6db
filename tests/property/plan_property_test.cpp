// Any list of tests, any number of lanes, any interleaving, any deaths: what the plan owes is done once and told once.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "../support/property.hpp"
#include "plan/glob.hpp"
#include "plan/identity.hpp"
#include "plan/lane.hpp"
#include "plan/planner.hpp"

namespace cleave::plan {
namespace {

using test::Choices;

TestList random_list(Choices& choices, std::uint32_t most) {
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
    test.suite = choices.one_of(test::hostile_names()) + std::to_string(suite / 2);
    test.name = choices.one_of(test::hostile_names());
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

std::vector<Constraints> random_constraints(Choices& choices, const TestList& list) {
  std::vector<Constraints> all(list.tests.size());
  for (Constraints& constraints : all) {
    constraints.serial = choices.chance(10);
    for (const char* name : {"a", "b", "c"}) {
      if (choices.chance(8)) constraints.locks.push_back({name, choices.chance(40)});
    }
  }
  return all;
}

/// The shared queue and the locks of one run, in memory.
class Board {
 public:
  Board(const Plan& plan, const std::vector<Constraints>& constraints) : plan_(plan), constraints_(constraints) {
    for (const Part& part : plan.parts) parts_.push_back({part.begin, part.end, part.begin, plan.items_of(part)});
    for (const Group& group : plan.groups) groups_.push_back({group.begin, group.end, group.begin, kNobody});
    holders_.assign(plan.items.size(), kNobody);
  }

  Claim claim(std::uint32_t part, const ClaimRequest& request) {
    const auto needs = [&](std::uint32_t item) { return !locks_of(item).empty(); };
    const auto take = [&](std::uint32_t item) { return take_locks(request.lane, item); };
    return plan::claim({parts_[part], groups_, holders_}, request, needs, take);
  }
  std::uint32_t free(std::uint32_t part) const { return parts_[part].free; }
  void unlock(std::uint32_t lane) { held_.erase(lane); }

 private:
  const std::vector<LockUse>& locks_of(std::uint32_t item) const { return constraints_[plan_.items[item].index].locks; }
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
  std::vector<PartState> parts_;
  std::vector<GroupState> groups_;
  std::vector<std::uint32_t> holders_;
  std::map<std::uint32_t, std::vector<LockUse>> held_;
};

class LaneSource : public WorkSource {
 public:
  LaneSource(Board& board, std::uint32_t part, std::uint32_t lane) : board_(board), part_(part), lane_(lane) {}
  Claim claim(std::int64_t after, std::uint32_t want, bool one_group) override {
    if (!stop.empty()) return {};
    return board_.claim(part_, {lane_, after, want, 0, one_group});
  }
  std::uint32_t free_items() override { return board_.free(part_); }
  std::string stopped() override { return stop; }
  std::string stop;

 private:
  Board& board_;
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
};

class Model {
 public:
  Model(Choices& choices, const TestList& list, const Plan& plan, const std::vector<Constraints>& constraints,
        std::uint32_t part, std::uint32_t lanes)
      : choices_(choices), plan_(plan), board_(plan, constraints) {
    const Isolation isolation =
        choices.one_of<Isolation>({Isolation::shard, Isolation::shard, Isolation::suite, Isolation::test});
    deaths_ = choices.chance(60) ? choices.number(1, 30) : 0;
    for (std::uint32_t i = 0; i < lanes; ++i) {
      LaneOptions options;
      options.shard = "shard-" + std::to_string(i);
      options.pulls = list.pulls;
      options.isolation = isolation;
      options.lanes = lanes;
      options.batch_time = std::chrono::milliseconds(10);
      lanes_.push_back(std::make_unique<Lane>(options, list, plan));
      sources_.push_back(std::make_unique<LaneSource>(board_, part, i));
      workers_.emplace_back();
    }
  }

  /// False when it does not come to an end.
  bool run() {
    for (std::uint64_t step = 0; step < 400 * (plan_.items.size() + lanes_.size() + 10); ++step) {
      now_ += std::chrono::microseconds(choices_.number(1, 3000));
      const std::uint32_t lane = choices_.number(0, static_cast<std::uint32_t>(lanes_.size()) - 1);
      advance(lane);
      if (std::all_of(lanes_.begin(), lanes_.end(), [](const auto& each) { return each->done(); })) return true;
    }
    return false;
  }

  bool stopped() const { return !sources_.front()->stop.empty(); }

  std::map<std::uint32_t, int> records;

 private:
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
      }
      return;
    }
    const std::uint32_t index = plan_.items[worker.batch[worker.next]].index;
    say(i, event::Started{index, now_, 0});
    if (deaths_ > 0 && choices_.chance(deaths_)) return die(i);
    ++worker.next;
    say(i, event::Ended{index, choices_.chance(20) ? detail::Verdict::failed : detail::Verdict::passed, now_,
                        Nanoseconds(5), 0});
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
    board_.unlock(i);
  }

  void perform(std::uint32_t i, const std::vector<Command>& commands) {
    FakeWorker& worker = workers_[i];
    for (const Command& each : commands) {
      if (std::holds_alternative<command::Start>(each)) worker.alive = true;
      if (const auto* give = std::get_if<command::Give>(&each)) {
        worker.batch = give->items;
        worker.next = 0;
        worker.waits = false;
      }
      if (std::holds_alternative<command::Dismiss>(each)) worker.leaving = true;
      if (std::holds_alternative<command::Unlock>(each)) board_.unlock(i);
      if (const auto* record = std::get_if<command::Record>(&each)) ++records[record->item];
      if (const auto* stop = std::get_if<command::StopAll>(&each)) {
        for (auto& source : sources_) source->stop = stop->why;
      }
    }
  }

  Choices& choices_;
  const Plan& plan_;
  Board board_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<LaneSource>> sources_;
  std::vector<FakeWorker> workers_;
  Nanoseconds now_{1};
  std::uint32_t deaths_ = 0;
};

// R26: once per attempt, whatever the names, the number of lanes and the order in which lanes come by.
TEST(PlanProperties, ClaimsOfAllLanesAreThePlanAndNothingTwice) {
  for (const std::uint64_t seed : test::seeds({}, 400)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const TestList list = random_list(choices, 10000);
    const std::vector<Constraints> constraints = random_constraints(choices, list);
    const Plan plan = make_plan(list, constraints, {});
    Board board(plan, constraints);
    const std::uint32_t lanes = choices.number(1, 64);
    std::vector<std::int64_t> after(lanes, kFromStart);
    std::set<std::uint32_t> claimed;
    for (std::uint32_t part = 0; part < plan.parts.size(); ++part) {
      std::fill(after.begin(), after.end(), kFromStart);
      while (board.free(part) > 0) {
        const std::uint32_t lane = choices.number(0, lanes - 1);
        const Claim claim = board.claim(part, {lane, after[lane], choices.number(1, 40), 0, choices.chance(20)});
        for (const std::uint32_t item : claim.items) {
          ASSERT_GT(static_cast<std::int64_t>(item), after[lane]) << "a worker cannot go back";
          ASSERT_TRUE(claimed.insert(item).second) << "item " << item << " twice";
        }
        after[lane] = claim.items.empty() ? kFromStart : claim.items.back();
        if (!claim.exclusive || choices.chance(50)) board.unlock(lane);
        if (claim.items.empty()) {
          for (std::uint32_t each = 0; each < lanes; ++each) board.unlock(each);
        }
      }
    }
    std::set<std::uint32_t> selected;
    for (const Item& item : plan.items) selected.insert(item.index);
    ASSERT_EQ(claimed.size(), plan.items.size());
    if (list.repeat > 0) {
      for (std::uint32_t i = 0; i < list.tests.size(); ++i) ASSERT_EQ(selected.count(i) == 1, list.tests[i].selected);
    }
  }
}

// R12, R20, R26: workers die at any point, and still every item of the part that was claimed has exactly one outcome;
// when nothing stopped the run, that is every item.
TEST(PlanProperties, EveryItemHasOneOutcomeWhateverWorkersDieOf) {
  for (const std::uint64_t seed : test::seeds({}, 1500)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const TestList list = random_list(choices, 400);
    const std::vector<Constraints> constraints = random_constraints(choices, list);
    const Plan plan = make_plan(list, constraints, {});
    const std::uint32_t lanes = choices.number(1, 16);
    Model model(choices, list, plan, constraints, 0, lanes);
    ASSERT_TRUE(model.run()) << "a lane is stuck";
    const std::uint32_t owed = plan.items_of(plan.parts[0]);
    for (const auto& [item, count] : model.records) {
      ASSERT_LT(item, owed);
      ASSERT_EQ(count, 1) << "item " << item;
    }
    if (!model.stopped()) {
      ASSERT_EQ(model.records.size(), owed);
    }
  }
}

TEST(PlanProperties, PartsDealTheSelectedTestsAndSerialIsAlone) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const TestList list = random_list(choices, 500);
    const std::vector<Constraints> constraints = random_constraints(choices, list);
    const Plan plan = make_plan(list, constraints, {"a", "b"});
    ASSERT_EQ(plan.checksum, make_plan(list, constraints, {"a", "b"}).checksum);
    std::uint32_t total = 0;
    for (const Part& part : plan.parts) {
      total += plan.items_of(part);
      for (std::uint32_t g = part.begin; g < part.end; ++g) {
        for (std::uint32_t item = plan.groups[g].begin; item < plan.groups[g].end; ++item) {
          ASSERT_EQ(constraints[plan.items[item].index].serial, part.name == "serial");
        }
      }
    }
    ASSERT_EQ(total, plan.items.size());
  }
}

/// The definition of a glob, without any cleverness.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern.substr(1), text.substr(1));
}

TEST(PlanProperties, GlobAgreesWithItsDefinition) {
  for (const std::uint64_t seed : test::seeds({}, 3000)) {
    Choices choices(seed);
    std::string pattern;
    std::string text;
    for (std::uint32_t i = choices.number(0, 7); i > 0; --i) pattern += choices.one_of<char>({'a', 'b', '*', '?', '['});
    for (std::uint32_t i = choices.number(0, 9); i > 0; --i) text += choices.one_of<char>({'a', 'b', '[', '?'});
    ASSERT_EQ(glob_match(pattern, text), matches(pattern, text)) << pattern << " | " << text;
  }
}

// R03
TEST(PlanProperties, PrefixesAreLegalNamesAndDifferByRunTargetAndShard) {
  std::set<std::string> all;
  std::size_t count = 0;
  for (const std::uint64_t seed : test::seeds({}, 200)) {
    for (const char* target : {"a", "b"}) {
      for (const std::uint32_t shard : {0U, 1U, 1023U}) {
        const std::string prefix = data_prefix("run-" + std::to_string(seed), target, shard);
        ++count;
        all.insert(prefix);
        ASSERT_LE(prefix.size(), 32U);
        ASSERT_TRUE(prefix[0] >= 'a' && prefix[0] <= 'z');
        ASSERT_EQ(prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << prefix;
      }
    }
  }
  EXPECT_EQ(all.size(), count);
}

}  // namespace
}  // namespace cleave::plan
