// Random graphs of fixtures: the order of set-ups, and the search for cycles.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "plan/fixtures.hpp"
#include "property.hpp"

namespace cleave::plan {
namespace {

using test::Choices;

/// Without a cycle: each fixture only needs ones that come before it in a hidden order.
std::vector<FixtureSpec> random_dag(Choices& choices) {
  const std::uint32_t count = choices.number(1, 14);
  std::vector<std::uint32_t> hidden(count);
  for (std::uint32_t i = 0; i < count; ++i) hidden[i] = i;
  for (std::uint32_t i = count; i > 1; --i) std::swap(hidden[i - 1], hidden[choices.number(0, i - 1)]);
  std::vector<FixtureSpec> fixtures(count);
  const std::uint32_t density = choices.number(0, 60);
  for (std::uint32_t i = 0; i < count; ++i) {
    FixtureSpec& fixture = fixtures[hidden[i]];
    fixture.name = "f" + std::to_string(hidden[i]);
    fixture.place = "f.cpp:" + std::to_string(hidden[i] + 1);
    fixture.per_shard = choices.chance(30);
    for (std::uint32_t below = 0; below < i; ++below) {
      const FixtureSpec& other = fixtures[hidden[below]];
      if (choices.chance(density) && (fixture.per_shard || !other.per_shard)) fixture.needs.push_back(other.name);
    }
  }
  return fixtures;
}

std::uint32_t index_of(const std::vector<FixtureSpec>& fixtures, const std::string& name) {
  return static_cast<std::uint32_t>(
      std::find_if(fixtures.begin(), fixtures.end(), [&](const FixtureSpec& each) { return each.name == name; }) -
      fixtures.begin());
}

/// All that is reached along needs, found in another way than by depth-first search.
std::set<std::uint32_t> closure(const std::vector<FixtureSpec>& fixtures, const std::vector<std::string>& wanted) {
  std::set<std::uint32_t> found;
  for (const std::string& name : wanted) found.insert(index_of(fixtures, name));
  for (std::size_t before = 0; before != found.size();) {
    before = found.size();
    for (const std::uint32_t each : std::set<std::uint32_t>(found)) {
      for (const std::string& need : fixtures[each].needs) found.insert(index_of(fixtures, need));
    }
  }
  return found;
}

// R36: each once, what is needed first, and nothing that nobody needs.
TEST(FixtureProperty, TheOrderHoldsTheClosureWithWhatIsNeededFirst) {
  for (const std::uint64_t seed : test::seeds({}, 500)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::vector<FixtureSpec> fixtures = random_dag(choices);
    const auto good = check_fixtures(fixtures);
    ASSERT_TRUE(good) << good.error().what;
    std::vector<std::string> wanted;
    for (const FixtureSpec& fixture : fixtures) {
      if (choices.chance(30)) wanted.push_back(fixture.name);
    }
    const std::vector<std::uint32_t> order = set_up_order(fixtures, wanted);
    EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()), closure(fixtures, wanted));
    std::set<std::string> up;
    for (const std::uint32_t each : order) {
      for (const std::string& need : fixtures[each].needs) EXPECT_EQ(up.count(need), 1U) << fixtures[each].name << need;
      EXPECT_TRUE(up.insert(fixtures[each].name).second) << fixtures[each].name << " twice";
    }
    // How often and in which order something is asked for changes nothing.
    std::vector<std::string> again(wanted.rbegin(), wanted.rend());
    again.insert(again.end(), wanted.begin(), wanted.end());
    EXPECT_EQ(set_up_order(fixtures, again), order);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(FixtureProperty, ACycleIsRefusedAndTheWayAroundIsReal) {
  for (const std::uint64_t seed : test::seeds({}, 500)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    std::vector<FixtureSpec> fixtures = random_dag(choices);
    for (FixtureSpec& fixture : fixtures) fixture.per_shard = false;
    // A way from one fixture to another and back: both ends are found in the closure of some fixture.
    const std::uint32_t from = choices.number(0, static_cast<std::uint32_t>(fixtures.size()) - 1);
    const std::set<std::uint32_t> below = closure(fixtures, {fixtures[from].name});
    const std::uint32_t to = choices.one_of(std::vector<std::uint32_t>(below.begin(), below.end()));
    fixtures[to].needs.push_back(fixtures[from].name);
    const auto checked = check_fixtures(fixtures);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, Errc::usage);
    // "… needs itself: 'a' → 'b' → 'a'"
    std::vector<std::string> around;
    std::string_view rest(checked.error().what);
    rest.remove_prefix(rest.find("needs itself: ") + 14);
    for (std::size_t at = rest.find('\''); at != std::string_view::npos; at = rest.find('\'')) {
      rest.remove_prefix(at + 1);
      around.emplace_back(rest.substr(0, rest.find('\'')));
      rest.remove_prefix(rest.find('\'') + 1);
    }
    ASSERT_GE(around.size(), 2U) << checked.error().what;
    EXPECT_EQ(around.front(), around.back());
    for (std::size_t i = 0; i + 1 < around.size(); ++i) {
      const auto& needs = fixtures[index_of(fixtures, around[i])].needs;
      EXPECT_NE(std::find(needs.begin(), needs.end(), around[i + 1]), needs.end()) << checked.error().what;
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace cleave::plan
