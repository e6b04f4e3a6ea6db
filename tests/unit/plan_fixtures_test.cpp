#include "plan/fixtures.hpp"

#include <gtest/gtest.h>

namespace cleave::plan {
namespace {

FixtureSpec run_fixture(std::string name, std::vector<std::string> needs = {}, int line = 1) {
  return {std::move(name), false, std::move(needs), "f.cpp:" + std::to_string(line)};
}

FixtureSpec shard_fixture(std::string name, std::vector<std::string> needs = {}) {
  return {std::move(name), true, std::move(needs), "f.cpp:9"};
}

std::vector<std::string> names(const std::vector<FixtureSpec>& fixtures, const std::vector<std::uint32_t>& order) {
  std::vector<std::string> found;
  for (const std::uint32_t each : order) found.push_back(fixtures[each].name);
  return found;
}

using Names = std::vector<std::string>;

void expect_refused(const std::vector<FixtureSpec>& fixtures, const std::string& what) {
  const auto checked = check_fixtures(fixtures);
  ASSERT_FALSE(checked) << what;
  EXPECT_EQ(checked.error().kind, Errc::usage);
  EXPECT_EQ(checked.error().what, what);
}

// R36: what cannot be right is told with the place of the declaration.
TEST(Fixtures, WithAnIllegalNameAreRefused) {
  for (const char* name : {"", "a b", "../x", ".hidden", "a/b", "a\nb"}) {
    const auto checked = check_fixtures(std::vector<FixtureSpec>{run_fixture(name)});
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().kind, Errc::usage);
    EXPECT_EQ(checked.error().what.find("f.cpp:1: fixture '" + std::string(name) + "' has no legal name"), 0U)
        << checked.error().what;
  }
  EXPECT_FALSE(check_fixtures(std::vector<FixtureSpec>{run_fixture(std::string(65, 'a'))}));
  EXPECT_TRUE(check_fixtures(std::vector<FixtureSpec>{run_fixture(std::string(64, 'a')), run_fixture("A.b-c_9")}));
  expect_refused({run_fixture("none")},
                 "f.cpp:1: fixture 'none' has a name that is taken: 'needs:none' means no fixture");
}

TEST(Fixtures, OfOneNameAreRefusedWithBothPlaces) {
  expect_refused({run_fixture("db", {}, 3), run_fixture("db", {}, 7)},
                 "f.cpp:7: fixture 'db' is declared twice: first at f.cpp:3");
}

TEST(Fixtures, ThatNeedAnUnknownOneNameTheNearest) {
  expect_refused({run_fixture("postgres"), run_fixture("schema", {"postgers"}, 4)},
                 "f.cpp:4: fixture 'schema' needs 'postgers', which this binary does not declare; did you mean "
                 "'postgres'?");
  expect_refused({run_fixture("a", {"something-else"})},
                 "f.cpp:1: fixture 'a' needs 'something-else', which this binary does not declare");
}

TEST(Fixtures, ThatNeedEachOtherAreRefusedWithTheWayAround) {
  expect_refused({run_fixture("a", {"a"})}, "f.cpp:1: fixture 'a' needs itself: 'a' → 'a'");
  expect_refused(
      {run_fixture("x", {"a"}, 1), run_fixture("a", {"b"}, 2), run_fixture("b", {"c"}, 3), run_fixture("c", {"a"}, 4)},
      "f.cpp:2: fixture 'a' needs itself: 'a' → 'b' → 'c' → 'a'");
}

TEST(Fixtures, OfARunCannotNeedThoseOfAShard) {
  expect_refused(
      {shard_fixture("mine"), run_fixture("all", {"mine"})},
      "f.cpp:1: fixture 'all' is set up once per run and cannot need 'mine', of which each shard has its own");
  EXPECT_TRUE(check_fixtures(std::vector<FixtureSpec>{run_fixture("all"), shard_fixture("mine", {"all"})}));
  EXPECT_TRUE(check_fixtures(std::vector<FixtureSpec>{}));
}

TEST(SetUpOrder, PutsWhatIsNeededFirstAndLeavesOutTheRest) {
  const std::vector<FixtureSpec> fixtures{run_fixture("top", {"left", "right"}), run_fixture("left", {"base"}),
                                          run_fixture("right", {"base"}), run_fixture("other"), run_fixture("base")};
  EXPECT_EQ(names(fixtures, set_up_order(fixtures, Names{"top"})), (Names{"base", "left", "right", "top"}));
  EXPECT_EQ(names(fixtures, set_up_order(fixtures, Names{"right"})), (Names{"base", "right"}));
  EXPECT_EQ(names(fixtures, set_up_order(fixtures, Names{"other", "base"})), (Names{"other", "base"}));
  EXPECT_EQ(names(fixtures, set_up_order(fixtures, Names{"base", "other", "base"})), (Names{"other", "base"}));
  EXPECT_TRUE(set_up_order(fixtures, Names{}).empty());
}

// R36: by tag; without one all run fixtures; `needs:none` is a tag that names none.
TEST(FixturesOfATest, FollowFromItsTags) {
  const std::vector<FixtureSpec> fixtures{run_fixture("top", {"base"}), run_fixture("base"),
                                          shard_fixture("mine", {"base"}), run_fixture("other")};
  Constraints constraints;
  EXPECT_EQ(names(fixtures, fixtures_of(fixtures, constraints)), (Names{"base", "top", "other"}));
  ASSERT_TRUE(apply_tag("needs:none", constraints));
  EXPECT_TRUE(fixtures_of(fixtures, constraints).empty());
  ASSERT_TRUE(apply_tag("needs:mine", constraints));
  EXPECT_EQ(names(fixtures, fixtures_of(fixtures, constraints)), (Names{"base", "mine"}));
  ASSERT_TRUE(apply_tag("needs:other", constraints));
  EXPECT_EQ(names(fixtures, fixtures_of(fixtures, constraints)), (Names{"base", "mine", "other"}));
}

TestList list_of(const char* framework, std::vector<std::string> tags = {}) {
  TestCase test;
  test.suite = "Store";
  test.name = "x";
  test.file = "t.cpp";
  test.line = 7;
  test.tags = std::move(tags);
  test.selected = true;
  TestList list;
  list.framework = framework;
  list.tests = {test};
  return list;
}

TEST(NeedsTags, OfGoogleTestNameThePlaceAndTheNearestFixture) {
  const TestList list = list_of("gtest");
  const auto good = constraints_of(
      list, {{"Store", "", "needs:db", "f.cpp", 3}, {"Store", "x", "needs:db", "f.cpp", 4}}, {}, {"db", "queue"});
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_TRUE((*good)[0].says_needs);
  EXPECT_EQ((*good)[0].needs, Names{"db"});

  const auto unknown = constraints_of(list, {{"Store", "", "needs:qeue", "f.cpp", 5}}, {}, {"db", "queue"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, Errc::usage);
  EXPECT_EQ(unknown.error().what,
            "f.cpp:5: tag 'needs:qeue': this binary declares no fixture 'qeue'; did you mean 'queue'?");
  // Here nobody but Cleave gives the tag a meaning, so that it is an error also where there are no fixtures.
  const auto none = constraints_of(list, {{"Store", "", "needs:db", "f.cpp", 5}}, {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "f.cpp:5: tag 'needs:db': this binary declares no fixture 'db'");
  const auto illegal = constraints_of(list, {{"Store", "", "needs:", "f.cpp", 6}}, {}, {"db"});
  ASSERT_FALSE(illegal);
  EXPECT_EQ(illegal.error().what.find("f.cpp:6: tag 'needs:'"), 0U) << illegal.error().what;
}

TEST(NeedsTags, OfCatch2AreTheUsersOwnInABinaryWithoutFixtures) {
  const TestList list = list_of("catch2", {"needs:db", "needs:"});
  const auto own = constraints_of(list, {}, {}, {});
  ASSERT_TRUE(own) << own.error().what;
  EXPECT_FALSE((*own)[0].says_needs);
  EXPECT_TRUE((*own)[0].needs.empty());
}

TEST(NeedsTags, OfCatch2NameThePlaceAndTheNearestFixture) {
  const auto good = constraints_of(list_of("catch2", {"slow", "needs:db", "needs:none"}), {}, {}, {"db"});
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_TRUE((*good)[0].says_needs);
  EXPECT_EQ((*good)[0].needs, Names{"db"});
  const auto unknown = constraints_of(list_of("catch2", {"needs:bd"}), {}, {}, {"db", "queue"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what, "t.cpp:7: tag 'needs:bd': this binary declares no fixture 'bd'; did you mean 'db'?");
}

}  // namespace
}  // namespace cleave::plan
