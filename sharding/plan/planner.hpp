#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// Items that are kept together because they share a set-up: [begin, end) of Plan::items.
struct Group {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What one kind of CTest entry runs: [begin, end) of Plan::groups.
struct Part {
  std::string name;  ///< "parallel", "serial", "lock-NAME", "locks".
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What will be run, in which order, by whom. The same list, constraints and settings give the same plan in every
/// process.
struct Plan {
  std::vector<Item> items;
  std::vector<Group> groups;
  std::vector<Part> parts;  ///< "parallel" first, "serial" last; empty ones are there too.
  /// FNV-1a over all of the above: equal when two processes mean the same by the number of an item.
  std::uint64_t checksum = 0;

  const Part* part(std::string_view name) const;
  std::uint32_t items_of(const Part& part) const;
};

/// Orders the selected tests by repetition, then by running order, groups the tests of a suite where that matters, and
/// deals them to the parts. Tests that hold a lock named in `resource_locks` go to the part "lock-NAME", those that
/// hold several such to "locks"; with no `resource_locks` all of them stay in "parallel". Serial wins over locks.
/// @pre list.repeat >= 0.
Plan make_plan(const TestList& list, const std::vector<Constraints>& constraints,
               const std::vector<std::string>& resource_locks);

}  // namespace cleave::plan
