// RETRIES, FAIL_FAST and CONFIG of cleave_add_shards() under a real ctest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

/// A tree of one framework, with the names of tests in it.
struct Policy {
  std::string tree;
  Names tests;
  std::string any;     ///< A test of the parallel part.
  std::string serial;  ///< One of the serial part.
  std::string borne;   ///< In quarantine.
  std::string over;    ///< In one that is over.
};

class CTestPolicy : public testing::TestWithParam<Policy> {
 protected:
  Finished ctest(Sandbox::Arguments arguments) {
    arguments.insert(arguments.end(), {"-j3", "--output-on-failure"});
    return tree_.ctest(arguments);
  }
  Json report() const { return tree_.report(name()); }
  Json named(const std::string& test) const { return test_named(report(), test); }
  const std::string& name() const { return GetParam().tree; }
  CTestTree tree_{{GetParam().tree}};
};

std::vector<int> numbers_of(const Json& test) {
  std::vector<int> numbers;
  for (const Json& attempt : test["attempts"]) numbers.push_back(attempt["attempt"]);
  return numbers;
}

// R24: by RETRIES of CMake; the entries are green.
TEST_P(CTestPolicy, AFlakyTestLeavesItsEntryGreen) {
  tree_.set("CLEAVE_TEST_FAIL_ONCE", GetParam().any + "," + GetParam().serial);
  const Finished ended = ctest({});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed"), 0) << ended.out;
  const Json told = report();
  EXPECT_EQ(told["totals"]["flaky"], 2);
  EXPECT_EQ(told["totals"]["passed"], GetParam().tests.size());
  EXPECT_EQ(named(GetParam().any)["flaky"], true);
  EXPECT_NE(named(GetParam().any)["cause"], "");
  EXPECT_THAT(tree_.file_of_latest(name(), "junit.xml"), HasSubstr("<flakyFailure"));
}

// R24
TEST_P(CTestPolicy, AFlakyTestMakesItsEntryRedWhenToldSo) {
  tree_.set("CLEAVE_TEST_FAIL_ONCE", GetParam().any);
  tree_.set("CLEAVE_FLAKY", "fail");
  const Finished ended = ctest({});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".shard-"), 1) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed"), 1) << ended.out;
  EXPECT_EQ(report()["exit_code"], 1);
}

// R24
TEST_P(CTestPolicy, ATestThatNeverPassesUsesAllAttempts) {
  tree_.set("CLEAVE_TEST_FAIL", GetParam().serial);
  const Finished ended = ctest({});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".serial"), 1) << ended.out;
  std::map<std::string, int> expected = each(GetParam().tests);
  expected[GetParam().serial] = 4;
  EXPECT_EQ(starts(tree_.log()), expected);
}

// R24: CTest executes the entry again; no attempt has the number of another one.
TEST_P(CTestPolicy, RepeatedEntriesNumberTheirAttemptsOnwards) {
  tree_.set("CLEAVE_TEST_FAIL", GetParam().any);
  const Finished ended = ctest({"--repeat", "until-pass:2"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  std::map<std::string, int> expected = each(GetParam().tests);
  expected[GetParam().any] = 8;
  EXPECT_EQ(starts(tree_.log()), expected);
  EXPECT_EQ(numbers_of(named(GetParam().any)), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(report()["exit_code"], 1);
}

// R24: whoever wants flaky tests red gets them red, also where CTest would be content with the execution that passed.
TEST_P(CTestPolicy, RepeatUntilPassDoesNotHideWhatIsFlaky) {
  tree_.set("CLEAVE_TEST_FAIL_ONCE", GetParam().any);
  tree_.set("CLEAVE_RETRIES", "0");
  tree_.set("CLEAVE_FLAKY", "fail");
  const Finished ended = ctest({"--repeat", "until-pass:3"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(report()["exit_code"], 1);
  EXPECT_EQ(report()["totals"]["flaky"], 1);
}

// R14, R24: by CONFIG of CMake.
TEST_P(CTestPolicy, AFailureInQuarantineLeavesItsEntryGreen) {
  tree_.set("CLEAVE_TEST_FAIL", GetParam().borne);
  const Finished ended = ctest({});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(named(GetParam().borne)["outcome"], "failed");
  EXPECT_EQ(named(GetParam().borne)["quarantine"], "until 9999-12-31: issue 12");
  EXPECT_EQ(report()["totals"]["quarantined"], 1);
}

// R14, R24
TEST_P(CTestPolicy, AQuarantineThatIsOverBearsNothing) {
  tree_.set("CLEAVE_TEST_FAIL", GetParam().over);
  const Finished ended = ctest({});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".shard-"), 1) << ended.out;
  EXPECT_THAT(report()["notes"].dump(), HasSubstr("'" + GetParam().over + "' ended with 2020-02-29"));
}

INSTANTIATE_TEST_SUITE_P(Frameworks, CTestPolicy,
                         testing::Values(Policy{"policy", frail_tests(), "Many/Store.Keeps/3", "Shutdown.FreesThePort",
                                                "Many/Store.Keeps/7", "Many/Store.Keeps/8"},
                                         Policy{"policy_catch2", catch2_all(), "ledger-1", "stop-by-tag", "ledger-4",
                                                "ledger-5"}),
                         [](const auto& each) { return each.param.tree; });

// R24, R25: by FAIL_FAST of CMake; the serial part, which comes last, does not run either, and nothing of it is green.
TEST(CTestFailFast, StopsAllEntries) {
  CTestTree tree{{"fail_fast"}};
  tree.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/0,Many/Store.Keeps/1,Many/Store.Keeps/2");
  const Finished ended = tree.ctest({"-j1", "--output-on-failure"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", ".serial"), 1) << ended.out;
  const Json report = tree.report("fail_fast");
  EXPECT_EQ(report["exit_code"], 1) << ended.out;
  EXPECT_EQ(reason_of(report, "Shutdown.FreesThePort"), "stopped after 1 failed test (fail-fast)");
  EXPECT_EQ(starts(tree.log()).count("Shutdown.FreesThePort"), 0U);
  EXPECT_EQ(outcomes(report)["Many/Store.Keeps/11"], "not_run");
}

// R25: what did not run is run by the next --rerun-failed.
TEST(CTestFailFast, RerunRunsWhatDidNotRun) {
  CTestTree tree{{"fail_fast"}};
  tree.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/0");
  EXPECT_EQ(tree.ctest({"-j1"}).code, 8);
  std::map<std::string, int> expected = each(frail_tests());
  for (const auto& [name, times] : starts(tree.log())) {
    if (name != "Many/Store.Keeps/0") expected.erase(name);
  }
  tree.clear_log();
  tree.unset("CLEAVE_TEST_FAIL");
  const Finished ended = tree.ctest({"-j1", "--rerun-failed"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), expected);
}

}  // namespace
}  // namespace cleave::test
