// Phases and failure policy under a real ctest, where each part of a run is an entry of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

class CTestPhases : public testing::Test {
 protected:
  void configure(const std::string& config) {
    tree_.write("cleave.json", config);
    tree_.add_setting("frail", "frail", "config\t" + tree_.path("cleave.json"));
  }
  std::pair<std::size_t, std::size_t> span_of(const std::string& beginning) const {
    const auto lines = tree_.log();
    std::size_t first = lines.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].test.starts_with(beginning)) continue;
      first = std::min(first, i);
      last = i;
    }
    return {first, last};
  }
  CTestTree tree_{{"frail"}};
};

// R01: a shard for which there is nothing until the checkpoint keeps its process.
TEST_F(CTestPhases, AWorkerWaitsAtACheckpointForWhatComesBehindIt) {
  configure(
      R"({"phases": [{"name": "a", "tests": ["Many/Store.Keeps/?"]}, {"name": "b", "tests": ["Many/Store.Keeps/1?"]}]})");
  const Finished run = tree_.ctest({"-j3", "-E", "serial"});
  EXPECT_EQ(run.code, 0) << run.told();
  std::set<std::string> processes;
  for (const LogLine& line : tree_.log()) processes.insert(line.values.at("pid"));
  EXPECT_EQ(starts(tree_.log()).size(), 12U);
  EXPECT_LE(processes.size(), 3U);
}

// R02, R43: CTest starts the serial entry once, before or after the shards; all is done in order all the same.
TEST_F(CTestPhases, SerialTestsOfAnEarlierPhaseRunBeforeTheOthers) {
  configure(R"({"phases": [{"name": "stop", "tests": ["Shutdown.*"]}, {"name": "use", "tests": ["Many/*"]}]})");
  for (const char* jobs : {"-j1", "-j4"}) {
    tree_.clear_log();
    const Finished run = tree_.ctest({jobs});
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
    EXPECT_LT(span_of("Shutdown.").second, span_of("Many/").first);
  }
}

TEST_F(CTestPhases, SerialTestsOfALaterPhaseRunBehindTheOthers) {
  configure(R"({"phases": [{"name": "use", "tests": ["Many/*"]}, {"name": "stop", "tests": ["Shutdown.*"]}]})");
  for (const char* jobs : {"-j1", "-j4"}) {
    tree_.clear_log();
    const Finished run = tree_.ctest({jobs});
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
    EXPECT_LT(span_of("Many/").second, span_of("Shutdown.").first);
  }
}

// Never a false green: the serial entry ran what was left, and CTest hears what came of it.
TEST_F(CTestPhases, AFailureOfWhatTheSerialEntryRunsForOthersIsRed) {
  configure(R"({"phases": [{"name": "stop", "tests": ["Shutdown.*"]}, {"name": "use", "tests": ["Many/*"]}]})");
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/3");
  const Finished run = tree_.ctest({"-j4"});
  EXPECT_NE(run.code, 0) << run.told();
}

TEST_F(CTestPhases, ASubsetThatCannotReachItsPhaseIsRedAndSaysWhy) {
  configure(R"({"phases": [{"name": "stop", "tests": ["Shutdown.*"]}, {"name": "use", "tests": ["Many/*"]}]})");
  const Finished run = tree_.ctest({"-R", "shard-0", "-FA", "frail"});
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_TRUE(starts(tree_.log()).empty());
  const auto reports = tree_.all_reports("frail");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]["totals"]["not_run"], 12);
  EXPECT_THAT(reports[0].dump(), testing::HasSubstr("it comes after checkpoint stop, which was not reached"));
}

// R02, R24: CTest repeats the entries that were red; what they run again keeps to the phases, and nothing is left out.
TEST_F(CTestPhases, RepeatedEntriesKeepToTheOrder) {
  configure(
      R"({"phases": [{"name": "last", "tests": ["Many/Store.Keeps/1?"]}, {"name": "use", "tests": ["Many/Store.Keeps/?"]}]})");
  tree_.set("CLEAVE_TEST_FAIL_ONCE", "Many/Store.Keeps/10");
  const Finished run = tree_.ctest({"-j4", "--repeat", "until-pass:5"});
  EXPECT_EQ(run.code, 0) << run.told();
  auto expected = each(frail_tests());
  expected["Many/Store.Keeps/10"] = 2;
  EXPECT_EQ(starts(tree_.log()), expected);
  int times = 0;
  for (const LogLine& line : tree_.log()) {
    if (line.test == "Many/Store.Keeps/10" && line.what == "start") ++times;
    if (line.test.starts_with("Many/Store.Keeps/") && line.test.size() == 18) {
      EXPECT_EQ(times, 2) << line.test << " ran before what it waits for had passed";
    }
  }
  const auto reports = tree_.all_reports("frail");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]["exit_code"], 0);
}

// What fails again leaves the later phase not run.
TEST_F(CTestPhases, RepeatedEntriesStopAtACheckpointThatFailsAgain) {
  configure(
      R"({"phases": [{"name": "last", "tests": ["Many/Store.Keeps/1?"]}, {"name": "use", "tests": ["Many/Store.Keeps/?"]}]})");
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/10");
  const Finished run = tree_.ctest({"-j4", "--repeat", "until-pass:3"});
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_EQ(starts(tree_.log())["Many/Store.Keeps/3"], 0);
  const auto reports = tree_.all_reports("frail");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(outcomes(reports[0])["Many/Store.Keeps/3"], "not_run");
}

// R24
TEST_F(CTestPhases, RetriesOfTheSettingsMakeAFlakyTestGreen) {
  tree_.add_setting("frail", "frail", "retries\t2");
  tree_.set("CLEAVE_TEST_FAIL_ONCE", "Many/Store.Keeps/3");
  const Finished run = tree_.ctest({"-j4"});
  EXPECT_EQ(run.code, 0) << run.told();
  const auto reports = tree_.all_reports("frail");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]["totals"]["flaky"], 1);
  EXPECT_EQ(starts(tree_.log())["Many/Store.Keeps/3"], 2);
}

TEST_F(CTestPhases, FailFastOfTheSettingsStopsAllShards) {
  tree_.add_setting("frail", "frail", "fail-fast\t1");
  tree_.set("CLEAVE_TEST_FAIL", "Many/Store.Keeps/0");
  const Finished run = tree_.ctest({"-j1"});
  EXPECT_NE(run.code, 0) << run.told();
  const auto reports = tree_.all_reports("frail");
  ASSERT_FALSE(reports.empty());
  EXPECT_GT(reports.back()["totals"]["not_run"], 0) << run.told();
}

}  // namespace
}  // namespace cleave::test
