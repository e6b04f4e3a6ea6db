#include "plan/planner.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "plan/codec.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;

/// What a worker costs before its first test, when it was never measured.
constexpr nanoseconds kUsualStart{std::chrono::milliseconds(2)};
constexpr int kStartsInABigGroup = 10;
constexpr int kBigGroupsInTheBound = 50;
constexpr int kLongTestsInTheBound = 10;
constexpr int kSetUpsInALongTest = 4;

std::string part_of(const Constraints& constraints, const std::vector<std::string>& resource_locks) {
  if (constraints.serial) return "serial";
  std::string part = "parallel";
  for (const LockUse& lock : constraints.locks) {
    if (std::find(resource_locks.begin(), resource_locks.end(), lock.name) == resource_locks.end()) continue;
    part = part == "parallel" ? "lock-" + lock.name : "locks";
  }
  return part;
}

std::uint64_t checksum(const Plan& plan) {
  Writer bytes;
  for (const Item& item : plan.items) {
    bytes.number(item.index);
    bytes.number(item.repetition);
  }
  for (const Group& group : plan.groups) {
    bytes.number(group.end);
    bytes.number(group.gate);
    bytes.number(group.weight);
    bytes.number(group.memory);
    bytes.number(group.isolation);
  }
  for (const std::uint32_t group : plan.order) bytes.number(group);
  for (const Part& part : plan.parts) {
    bytes.text(part.name);
    bytes.number(part.end);
  }
  for (const Barrier& barrier : plan.barriers) bytes.text(barrier.name);
  for (const Gate& gate : plan.gates) {
    for (const auto& barriers : {gate.waits_for, gate.member_of}) {
      bytes.number(static_cast<std::uint32_t>(barriers.size()));
      for (const std::uint32_t barrier : barriers) bytes.number(barrier);
    }
  }
  return identity_of("plan", bytes.bytes(), "", 0);
}

class Planner {
 public:
  Planner(const TestList& list, const PlanInput& input) : list_(list), input_(input) {}

  Plan run() {
    plan_.barriers = input_.barriers.all;
    plan_.gates.emplace_back();
    gate_numbers_.emplace(Gate{}, 0);
    const auto dealt = deal();
    measure(dealt.at("parallel"));
    for (const std::string& name : part_names()) {
      Part part{name, static_cast<std::uint32_t>(plan_.groups.size()), 0};
      const auto members = dealt.find(name);
      for (std::uint32_t repetition = 0; members != dealt.end() && repetition < most_times(); ++repetition) {
        add_repetition(members->second, repetition);
      }
      part.end = static_cast<std::uint32_t>(plan_.groups.size());
      plan_.parts.push_back(std::move(part));
    }
    put_in_order();
    plan_.checksum = checksum(plan_);
    return std::move(plan_);
  }

 private:
  std::vector<std::string> part_names() const {
    std::vector<std::string> names{"parallel"};
    for (const std::string& lock : input_.resource_locks) names.push_back("lock-" + lock);
    if (input_.resource_locks.size() > 1) names.emplace_back("locks");
    names.emplace_back("serial");
    return names;
  }

  /// The selected tests in running order, by part.
  std::map<std::string, std::vector<std::uint32_t>> deal() const {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < list_.tests.size(); ++i) {
      if (list_.tests[i].selected) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(batch_of(a), list_.tests[a].position) < std::pair(batch_of(b), list_.tests[b].position);
    });
    std::map<std::string, std::vector<std::uint32_t>> dealt{{"parallel", {}}};
    auto part = dealt.begin();  // Of the test before, which is mostly that of the next.
    for (const std::uint32_t index : order) {
      std::string name = part_of(input_.constraints[index], input_.resource_locks);
      if (name != part->first) part = dealt.try_emplace(std::move(name)).first;
      part->second.push_back(index);
    }
    return dealt;
  }

  std::uint32_t times_of(std::uint32_t index) const {
    return input_.times.empty() ? static_cast<std::uint32_t>(list_.repeat) : input_.times[index];
  }
  std::uint32_t most_times() const {
    if (input_.times.empty()) return static_cast<std::uint32_t>(list_.repeat);
    return *std::max_element(input_.times.begin(), input_.times.end());
  }
  std::uint32_t batch_of(std::uint32_t index) const { return input_.batch_of.empty() ? 0 : input_.batch_of[index]; }
  nanoseconds expected(std::uint32_t index) const {
    return index < input_.costs.test.size() ? input_.costs.test[index] : nanoseconds(0);
  }
  nanoseconds start_cost() const {
    return input_.costs.process_start.count() > 0 ? input_.costs.process_start : kUsualStart;
  }
  nanoseconds set_up_of(const std::string& suite) const {
    const auto found = input_.costs.suite_set_up.find(suite);
    return found == input_.costs.suite_set_up.end() ? nanoseconds(0) : found->second;
  }

  /// From which duration on something is big, or long.
  void measure(const std::vector<std::uint32_t>& parallel) {
    nanoseconds sum{};
    nanoseconds longest{};
    for (const std::uint32_t index : parallel) {
      sum += expected(index) * times_of(index);
      longest = std::max(longest, expected(index));
    }
    const nanoseconds bound = std::max(sum / std::max(1U, input_.lanes), longest);
    const nanoseconds least = start_cost() * kStartsInABigGroup;
    big_ = std::max(bound / kBigGroupsInTheBound, least);
    long_ = std::max(bound / kLongTestsInTheBound, least);
    // A given company and order is kept, however long it takes.
    if (!input_.batch_of.empty()) big_ = long_ = nanoseconds::max();
  }

  bool is_alone(std::uint32_t index) const {
    return expected(index) >= long_ && set_up_of(list_.tests[index].suite) * kSetUpsInALongTest <= expected(index);
  }

  std::uint32_t gate_of(std::uint32_t index) {
    if (input_.barriers.waits_for.empty()) return 0;
    Gate gate{input_.barriers.waits_for[index], input_.barriers.member_of[index]};
    const auto [place, added] = gate_numbers_.emplace(gate, static_cast<std::uint32_t>(plan_.gates.size()));
    if (added) plan_.gates.push_back(std::move(gate));
    return place->second;
  }

  /// What must be equal for two neighbours of one suite to be in one group.
  struct Kind {
    std::uint32_t gate;
    std::uint32_t weight;
    std::uint64_t memory;
    std::int32_t priority;
    Isolation isolation;
    bool alone;
    friend bool operator==(const Kind&, const Kind&) = default;
  };

  void add_repetition(const std::vector<std::uint32_t>& members, std::uint32_t repetition) {
    const std::string* suite = nullptr;
    std::uint32_t batch = 0;
    Kind last{};
    for (const std::uint32_t index : members) {
      if (times_of(index) <= repetition) continue;
      const TestCase& test = list_.tests[index];
      const Constraints& constraints = input_.constraints[index];
      const auto next = static_cast<std::uint32_t>(plan_.items.size());
      const Kind kind{gate_of(index),       constraints.weight,    constraints.memory,
                      constraints.priority, constraints.isolation, is_alone(index)};
      bool same_suite = list_.groups_matter && suite != nullptr && *suite == test.suite;
      if (!input_.batch_of.empty()) same_suite = suite != nullptr && batch == batch_of(index);
      batch = batch_of(index);
      if (!same_suite) ++suites_;
      if (!same_suite || kind != last || kind.alone) {
        plan_.groups.push_back(Group{next, next, suites_, kind.gate, constraints.weight, constraints.memory,
                                     constraints.isolation, false, nanoseconds(0),
                                     list_.groups_matter ? set_up_of(test.suite) : nanoseconds(0)});
        priorities_.push_back(constraints.priority);
        failed_.push_back(false);
      }
      suite = &test.suite;
      last = kind;
      plan_.items.push_back(Item{index, repetition});
      plan_.expected.push_back(expected(index));
      Group& group = plan_.groups.back();
      group.end = next + 1;
      group.expected += expected(index);
      group.big = group.expected >= big_;
      if (index < input_.costs.failed_last.size() && input_.costs.failed_last[index]) failed_.back() = true;
    }
  }

  /// How long the run goes on at least once a group began: in time, or in tests where no time is known.
  nanoseconds way_through(const Group& group) const {
    nanoseconds longest{1};
    for (std::uint32_t item = group.begin; item < group.end; ++item) longest = std::max(longest, plan_.expected[item]);
    return std::max(longest, group.expected / std::max(1U, input_.lanes));
  }

  /// For every barrier the longest way through what waits there to the end of the run. The barriers form no circle.
  std::vector<nanoseconds> ways_behind() const {
    std::vector<nanoseconds> ways(plan_.barriers.size(), nanoseconds(-1));
    std::vector<std::vector<std::uint32_t>> waiting(plan_.barriers.size());
    for (std::uint32_t g = 0; g < plan_.groups.size(); ++g) {
      for (const std::uint32_t barrier : plan_.gates[plan_.groups[g].gate].waits_for) waiting[barrier].push_back(g);
    }
    // Depth first, without recursion: a chain may be as long as the list of tests.
    std::vector<std::pair<std::uint32_t, bool>> stack;
    for (std::uint32_t barrier = 0; barrier < ways.size(); ++barrier) stack.emplace_back(barrier, false);
    while (!stack.empty()) {
      const auto [barrier, children_known] = stack.back();
      stack.pop_back();
      if (ways[barrier].count() >= 0) continue;
      if (!children_known) stack.emplace_back(barrier, true);
      nanoseconds longest{};
      for (const std::uint32_t g : waiting[barrier]) {
        if (children_known) {
          longest = std::max(longest, way_through(plan_.groups[g]) + behind(plan_.groups[g], ways));
          continue;
        }
        for (const std::uint32_t next : plan_.gates[plan_.groups[g].gate].member_of) {
          if (ways[next].count() < 0) stack.emplace_back(next, false);
        }
      }
      if (children_known) ways[barrier] = longest;
    }
    return ways;
  }
  nanoseconds behind(const Group& group, const std::vector<nanoseconds>& ways) const {
    nanoseconds longest{};
    for (const std::uint32_t barrier : plan_.gates[group.gate].member_of) longest = std::max(longest, ways[barrier]);
    return longest;
  }

  void put_in_order() {
    const std::vector<nanoseconds> ways = ways_behind();
    using Key = std::tuple<std::int32_t, bool, bool, std::int64_t, std::uint32_t>;
    std::vector<Key> keys;
    for (std::uint32_t g = 0; g < plan_.groups.size(); ++g) {
      const Group& group = plan_.groups[g];
      const nanoseconds tail = behind(group, ways);
      const nanoseconds length = (group.big ? group.expected * group.weight : nanoseconds(0)) + tail;
      keys.emplace_back(-priorities_[g], !failed_[g], length.count() == 0, -length.count(), g);
    }
    for (std::uint32_t g = 0; g < plan_.groups.size(); ++g) plan_.order.push_back(g);
    for (const Part& part : plan_.parts) {
      std::sort(plan_.order.begin() + part.begin, plan_.order.begin() + part.end,
                [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
    }
  }

  const TestList& list_;
  const PlanInput& input_;
  Plan plan_;
  nanoseconds big_{};   ///< From here on a group is big,
  nanoseconds long_{};  ///< and a test is a group of its own.
  std::uint32_t suites_ = 0;
  std::map<Gate, std::uint32_t> gate_numbers_;
  std::vector<std::int32_t> priorities_;  ///< By group, as the next.
  std::vector<bool> failed_;
};

}  // namespace

const Part* Plan::part(std::string_view name) const {
  const auto place = std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return place == parts.end() ? nullptr : &*place;
}

std::uint32_t Plan::items_of(const Part& part) const {
  return part.begin == part.end ? 0 : groups[part.end - 1].end - groups[part.begin].begin;
}

std::uint32_t Plan::group_of(std::uint32_t item) const {
  const auto place = std::upper_bound(groups.begin(), groups.end(), item,
                                      [](std::uint32_t value, const Group& group) { return value < group.end; });
  return static_cast<std::uint32_t>(place - groups.begin());
}

std::uint32_t Plan::part_of(std::uint32_t group) const {
  std::uint32_t part = 0;
  while (part + 1 < parts.size() && group >= parts[part].end) ++part;
  return part;
}

bool Plan::crosses_parts() const {
  std::vector<std::vector<bool>> members(barriers.size(), std::vector<bool>(parts.size(), false));
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    for (const std::uint32_t barrier : gates[groups[g].gate].member_of) members[barrier][part_of(g)] = true;
  }
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    for (const std::uint32_t barrier : gates[groups[g].gate].waits_for) {
      for (std::uint32_t part = 0; part < parts.size(); ++part) {
        if (members[barrier][part] && part != part_of(g)) return true;
      }
    }
  }
  return false;
}

Plan make_plan(const TestList& list, const PlanInput& input) { return Planner(list, input).run(); }

}  // namespace cleave::plan
