// Red tests and what ctest does about them: --rerun-failed and --repeat.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// How often `text` has `part` in it.
std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

/// `names` once, and `more` `times` times.
std::map<std::string, int> each_and(const Names& names, const Names& more, int times) {
  std::map<std::string, int> count = each(names);
  for (const std::string& name : more) count[name] = times;
  return count;
}

class CTestRed : public testing::Test {
 protected:
  /// A run in which these tests fail and nothing else is wrong.
  void fail_with(const std::string& tests) {
    tree_.set("CLEAVE_TEST_FAIL", tests);
    EXPECT_EQ(tree_.ctest({"-j2"}).code, 8);
    EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
    tree_.clear_log();
    tree_.unset("CLEAVE_TEST_FAIL");
  }
  CTestTree tree_{{"frail"}};
};

TEST_F(CTestRed, AFailureMakesOnlyItsShardRed) {
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/5");
  const Finished ended = tree_.ctest({"-j4", "--output-on-failure"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed"), 1) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".shard-"), 1) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Passed", ".end "), 1) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("Many/Store.Keeps/5"));
  EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
  const auto report = tree_.report("frail");
  EXPECT_EQ(report["totals"]["failed"], 1);
  EXPECT_EQ(report["totals"]["passed"], 13);
  EXPECT_EQ(test_named(report, "Many/Store.Keeps/5")["outcome"], "failed");
  EXPECT_EQ(report["exit_code"], 1);
}

// R25
TEST_F(CTestRed, RerunRunsOnlyWhatFailed) {
  fail_with("Many/Store.Keeps/5,Many/Store.Keeps/6,Shutdown.FreesThePort");
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/6");
  const Names failed{"Many/Store.Keeps/5", "Many/Store.Keeps/6", "Shutdown.FreesThePort"};
  EXPECT_EQ(tree_.ctest({"-j2", "--rerun-failed"}).code, 8);
  EXPECT_EQ(starts(tree_.log()), each(failed));

  tree_.unset("CLEAVE_TEST_FAIL");
  tree_.clear_log();
  const Finished ended = tree_.ctest({"-j2", "--rerun-failed"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each({"Many/Store.Keeps/6"}));
  const auto report = tree_.report("frail");
  EXPECT_EQ(report["totals"]["selected"], 1);
  EXPECT_EQ(report["exit_code"], 0);
}

// Where a test stands in the binary says nothing about which one failed.
TEST_F(CTestRed, RerunFindsTheTestByNameInAChangedBinary) {
  fail_with("Many/Store.Keeps/5");
  tree_.set("CLEAVE_TEST_INSERT", "1");
  const Finished ended = tree_.ctest({"-j2", "--rerun-failed"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each({"Many/Store.Keeps/5"}));
}

// FEATURES §4: ctest goes by number, and may rerun another entry after an insertion. That entry must not turn it green.
TEST_F(CTestRed, RerunOfTheWrongEntryIsRed) {
  fail_with("Shutdown.FreesThePort");
  tree_.insert_plain_test();
  const Finished ended = tree_.ctest({"-j2", "--rerun-failed"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".end "), 1) << ended.out;
  EXPECT_EQ(starts(tree_.log()).count("Many/Store.Keeps/0"), 0U);
  EXPECT_EQ(test_named(tree_.report("frail"), "Shutdown.FreesThePort")["outcome"], "not_run");
}

TEST_F(CTestRed, RerunOfATestThatBecameSerialIsNotGreenWithoutIt) {
  fail_with("Many/Store.Keeps/5");
  tree_.add_setting("frail", "frail", "serial\tMany/Store.Keeps/5");
  const Finished rerun = tree_.ctest({"-j2", "--rerun-failed", "--output-on-failure"});
  EXPECT_EQ(rerun.code, 8) << rerun.out;
  EXPECT_THAT(starts(tree_.log()), IsEmpty());
  EXPECT_THAT(rerun.out, HasSubstr("serial"));
  EXPECT_EQ(tree_.ctest({"-j2"}).code, 0);
  EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
}

// A failure in one subset is not forgotten because another one was green since.
TEST_F(CTestRed, IsRememberedOverAGreenRunOfAnotherPart) {
  fail_with("Many/Store.Keeps/5");
  EXPECT_EQ(tree_.ctest({"-R", "serial"}).code, 0);
  tree_.clear_log();
  // ctest itself has forgotten: the entry is named, and asks its own list.
  EXPECT_THAT(tree_.file_of_latest("frail", "../../last-failed"), HasSubstr("Keeps/5"));
}

// R24
TEST_F(CTestRed, RepeatUntilPassRunsOnlyWhatFailedAgain) {
  const Names failed{"Many/Store.Keeps/3", "Shutdown.FreesThePort"};
  tree_.set("CLEAVE_TEST_FAIL_ONCE", failed[0] + "," + failed[1]);
  const Finished ended = tree_.ctest({"-j2", "--repeat", "until-pass:3"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each_and(frail_tests(), failed, 2));
  const auto report = tree_.report("frail");
  EXPECT_EQ(report["totals"]["flaky"], 2);
  EXPECT_EQ(report["totals"]["passed"], 14);
  for (const std::string& name : failed) {
    const auto test = test_named(report, name);
    EXPECT_EQ(test["flaky"], true) << name;
    ASSERT_EQ(test["attempts"].size(), 2U) << name;
    EXPECT_EQ(test["attempts"][0]["outcome"], "failed") << name;
    EXPECT_EQ(test["attempts"][1]["outcome"], "passed") << name;
  }
  EXPECT_EQ(count_of(tree_.file_of_latest("frail", "junit.xml"), "<flakyFailure"), 2U);
}

TEST_F(CTestRed, RepeatUntilPassEndsRedWhenATestNeverPasses) {
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/3");
  const Finished ended = tree_.ctest({"-j2", "--repeat", "until-pass:3"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each_and(frail_tests(), {"Many/Store.Keeps/3"}, 3));
  const auto test = test_named(tree_.report("frail"), "Many/Store.Keeps/3");
  EXPECT_EQ(test["outcome"], "failed");
  EXPECT_EQ(test["attempts"].size(), 3U);
  EXPECT_EQ(count_of(tree_.file_of_latest("frail", "junit.xml"), "<rerunFailure"), 2U);
}

// R23
TEST_F(CTestRed, RepeatUntilFailRunsEveryTestThatOften) {
  const Finished ended = tree_.ctest({"-j2", "--repeat", "until-fail:3"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each(frail_tests(), 3));
  const auto reports = tree_.all_reports("frail");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]["totals"]["passed"], 14);
  for (const auto& test : reports[0]["tests"]) EXPECT_EQ(test["attempts"].size(), 3U) << test["full_name"];
}

TEST_F(CTestRed, RepeatUntilFailStopsAtAFailure) {
  tree_.set("CLEAVE_TEST_FAIL", "Shutdown.StopsTheServer");
  const Finished ended = tree_.ctest({"-j2", "-R", "serial", "--repeat", "until-fail:3"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each(shutdown_tests()));
  EXPECT_EQ(tree_.report("frail")["totals"]["failed"], 1);
}

// The shard was killed by ctest: the test that hung is run again, and so is what the shard had taken, but nothing that
// already passed.
TEST_F(CTestRed, RepeatAfterTimeoutRunsAgainWhatTheKilledShardLeft) {
  tree_.set("CLEAVE_TEST_HANG_ONCE", "Many/Store.Keeps/3");
  const Finished ended = tree_.ctest({"-j2", "--repeat", "after-timeout:3"});
  EXPECT_EQ(entries_with(ended.out, "Timeout"), 1) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each_and(frail_tests(), {"Many/Store.Keeps/3"}, 2));
  EXPECT_EQ(ended.code, 0) << ended.out;
  const auto report = tree_.report("frail");
  EXPECT_EQ(report["totals"]["passed"], 14);
  const auto test = test_named(report, "Many/Store.Keeps/3");
  EXPECT_EQ(test["outcome"], "passed");
  EXPECT_EQ(test["flaky"], true);
  EXPECT_TRUE(tree_.all_processes_end());
}

}  // namespace
}  // namespace cleave::test
