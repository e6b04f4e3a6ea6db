// The history after runs of a real ctest, whose entries report one run several times.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"
#include "run/history_store.hpp"

namespace cleave::test {
namespace {

class CTestHistory : public testing::Test {
 protected:
  /// "fp" and the like for each test, by full name.
  std::map<std::string, std::string> outcomes_seen() const {
    run::LoadedHistory loaded = run::HistoryStore(tree_.home_of("frail")).load();
    EXPECT_EQ(loaded.warning, "");
    std::map<std::string, std::string> all;
    for (const auto& [key, seen] : loaded.history.tests) all[key.suite + "." + key.name] = seen.outcomes;
    return all;
  }
  static std::map<std::string, std::string> each_with(const Names& names, const std::string& outcomes) {
    std::map<std::string, std::string> all;
    for (const std::string& name : names) all[name] = outcomes;
    return all;
  }
  CTestTree tree_{{"frail"}};
};

// One shard after the other, each the last one out: each reports the run anew, and the end does so once more.
TEST_F(CTestHistory, CountsEachAttemptOnceThoughTheRunIsReportedAgainAndAgain) {
  ASSERT_EQ(tree_.ctest({"-j1"}).code, 0);
  EXPECT_EQ(outcomes_seen(), each_with(frail_tests(), "p"));
  ASSERT_EQ(tree_.ctest({"-j4"}).code, 0);
  EXPECT_EQ(outcomes_seen(), each_with(frail_tests(), "pp"));
}

// R24
TEST_F(CTestHistory, HasBothAttemptsOfATestThatPassedWhenItWasRepeated) {
  tree_.set("CLEAVE_TEST_FAIL_ONCE", "Many/Store.Keeps/3");
  ASSERT_EQ(tree_.ctest({"-j2", "--repeat", "until-pass:3"}).code, 0);
  auto expected = each_with(frail_tests(), "p");
  expected["Many/Store.Keeps/3"] = "fp";
  EXPECT_EQ(outcomes_seen(), expected);
  const plan::History history = run::HistoryStore(tree_.home_of("frail")).load().history;
  EXPECT_EQ(history.tests.at({"Many/Store", "Keeps/3", ""}).flaky, 1U);
}

TEST_F(CTestHistory, HasWhatASubsetRanWithoutItsEnd) {
  ASSERT_EQ(tree_.ctest({"-R", "serial", "-FA", "frail"}).code, 0);
  EXPECT_THAT(outcomes_seen(), testing::Not(testing::IsEmpty()));
  for (const auto& [name, outcomes] : outcomes_seen()) EXPECT_EQ(outcomes, "p") << name;
}

}  // namespace
}  // namespace cleave::test
