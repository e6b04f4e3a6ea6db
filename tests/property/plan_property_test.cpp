// Any list of tests, any number of lanes, any interleaving, any deaths: what the plan owes is done once and told once.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "../support/lane_model.hpp"
#include "../support/property.hpp"
#include "plan/glob.hpp"
#include "plan/identity.hpp"
#include "plan/lane.hpp"
#include "plan/planner.hpp"

namespace cleave::plan {
namespace {

using test::Choices;
using test::Model;
using test::random_input;
using test::random_list;
using test::RunState;

// R26: once per attempt, whatever the names, the number of lanes and the order in which lanes come by.
TEST(PlanProperties, ClaimsOfAllLanesAreThePlanAndNothingTwice) {
  for (const std::uint64_t seed : test::seeds({}, 400)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const TestList list = random_list(choices, 10000);
    PlanInput input = random_input(choices, list);
    input.barriers = {};
    const Plan plan = make_plan(list, input);
    const std::uint32_t lanes = choices.number(1, 64);
    RunState board(plan, input.constraints, lanes);
    std::vector<std::int64_t> after(lanes, kFromStart);
    std::set<std::uint32_t> claimed;
    for (std::uint32_t part = 0; part < plan.parts.size(); ++part) {
      std::fill(after.begin(), after.end(), kFromStart);
      while (board.free(part) > 0) {
        const std::uint32_t lane = choices.number(0, lanes - 1);
        const Isolation isolation = choices.chance(20) ? Isolation::suite : Isolation::shard;
        const Claim claim = board.claim({part, lane, after[lane], choices.number(1, 40), 0, isolation});
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
    const PlanInput input = random_input(choices, list);
    const Plan plan = make_plan(list, input);
    const std::uint32_t lanes = choices.number(1, 16);
    Model model(choices, list, plan, input.constraints, lanes);
    ASSERT_TRUE(model.run()) << "a lane is stuck";
    ASSERT_EQ(model.wrong, "");
    const auto owed = static_cast<std::uint32_t>(plan.items.size());
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
    PlanInput input = random_input(choices, list);
    input.resource_locks = {"a", "b"};
    const std::vector<Constraints>& constraints = input.constraints;
    const Plan plan = make_plan(list, input);
    ASSERT_EQ(plan.checksum, make_plan(list, input).checksum);
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
