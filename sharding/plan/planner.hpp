#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/barriers.hpp"
#include "plan/costs.hpp"
#include "plan/settings.hpp"
#include "plan/tags.hpp"
#include "plan/test_case.hpp"

namespace cleave::plan {

/// One execution of one test that the run owes: with --gtest_repeat=3 a test is three items.
struct Item {
  std::uint32_t index = 0;       ///< Into TestList::tests.
  std::uint32_t repetition = 0;  ///< From 0.
  friend bool operator==(const Item&, const Item&) = default;
};

/// Items that are kept together because they share a set-up: [begin, end) of Plan::items. They wait for the same, are
/// waited for by the same, and weigh the same.
struct Group {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t suite = 0;  ///< Neighbours with the same number are of one suite and repetition.
  std::uint32_t gate = 0;   ///< Into Plan::gates.
  std::uint32_t weight = 1;
  std::uint64_t memory = 0;
  /// How much of it one process runs, which then runs nothing else: suite, all of it; test, one item. shard: as the run.
  Isolation isolation = Isolation::shard;
  /// Worth a process of its own: it is started in its turn even where that needs a new worker.
  bool big = false;
  std::chrono::nanoseconds expected{};  ///< Of all its items; zero when nothing is known.
  std::chrono::nanoseconds set_up{};    ///< What a further process pays for running a part of it; the same.
};

/// What one kind of CTest entry runs: [begin, end) of Plan::groups, started in the order of [begin, end) of
/// Plan::order.
struct Part {
  std::string name;  ///< "parallel", "serial", "lock-NAME", "locks".
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// The barriers that a group waits at and those that it holds closed; numbers into Plan::barriers, ascending.
struct Gate {
  std::vector<std::uint32_t> waits_for;
  std::vector<std::uint32_t> member_of;
  friend auto operator<=>(const Gate&, const Gate&) = default;
};

/// What will be run, in which order, by whom. The same list, constraints, settings and costs give the same plan in
/// every process.
struct Plan {
  std::vector<Item> items;           ///< By part; in a part in running order.
  std::vector<Group> groups;         ///< In the order of their items.
  std::vector<Part> parts;           ///< "parallel" first, "serial" last; empty ones are there too.
  std::vector<std::uint32_t> order;  ///< Groups, in each part in the order in which they are to start.
  std::vector<Barrier> barriers;
  std::vector<Gate> gates;  ///< The first is of groups that wait for nothing and are waited for by none.
  std::vector<std::chrono::nanoseconds> expected;  ///< By item; zero when nothing is known.
  /// FNV-1a over all of the above: equal when two processes mean the same by the number of an item.
  std::uint64_t checksum = 0;

  const Part* part(std::string_view name) const;
  std::uint32_t items_of(const Part& part) const;
  /// The place in `groups` of the group with this item.
  std::uint32_t group_of(std::uint32_t item) const;
  /// The place in `parts` of the part with this group.
  std::uint32_t part_of(std::uint32_t group) const;
  /// True when a group waits for tests of another part.
  bool crosses_parts() const;
};

/// What a plan is made of, besides the list.
struct PlanInput {
  std::vector<Constraints> constraints;     ///< By test.
  std::vector<std::string> resource_locks;  ///< Locks whose tests have a part of their own.
  Barriers barriers;
  Costs costs;  ///< May be empty.
  /// By test, how often it runs, or empty: as often as TestList::repeat says.
  std::vector<std::uint32_t> times;
  /// By test, or empty: tests with the same number run in one process, lower numbers first, whatever their suites and
  /// however long.
  std::vector<std::uint32_t> batch_of;
  std::uint32_t lanes = 1;  ///< How many work on the part "parallel".
};

/// Orders the selected tests by repetition, then by running order, groups the tests of a suite where that matters, and
/// deals them to the parts. Tests that hold a lock named in `resource_locks` go to the part "lock-NAME", those that
/// hold several such to "locks"; with no `resource_locks` all of them stay in "parallel". Serial wins over locks.
///
/// The order within a part is: higher `priority:` first, then groups with a test that was red last time, then big ones,
/// those with the longest way to the end of the run first (longest processing time first, with what waits behind the
/// group counted in: Graham, "Bounds on multiprocessing timing anomalies", 1969), then the others in running order. A
/// group is big when it takes more than a fiftieth of the lower bound max(sum / lanes, longest) and ten times what a
/// new worker costs. A test that
/// takes more than a tenth of the bound is a group of its own if its suite's set-up, which is then paid once more,
/// costs less than a quarter of it.
/// @pre list.repeat >= 0; constraints.size() == list.tests.size().
Plan make_plan(const TestList& list, const PlanInput& input);

}  // namespace cleave::plan
