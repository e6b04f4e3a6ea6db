// Whole runs of a real ctest over two sharded binaries and plain tests beside them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct WholeRun {
  std::unique_ptr<CTestTree> tree = std::make_unique<CTestTree>(std::vector<std::string>{"mixed"});
  Finished ended;
};

/// The claims below are about one run each of -j1, -j2 and -j8.
class CTestJobs : public testing::TestWithParam<int> {
 protected:
  static void TearDownTestSuite() { runs_.clear(); }
  static const WholeRun& run() {
    WholeRun& made = runs_[GetParam()];
    if (made.ended.out.empty()) made.ended = made.tree->ctest({"-j" + std::to_string(GetParam())});
    return made;
  }

 private:
  static inline std::map<int, WholeRun> runs_;
};

// R26, R43
TEST_P(CTestJobs, RunEveryTestOnce) {
  EXPECT_EQ(run().ended.code, 0) << run().ended.out;
  EXPECT_EQ(starts(run().tree->log()), each(gtest_all() + catch2_all() + plain_tests()));
}

// R38: also against the tests of the other binary and those that know nothing of Cleave.
TEST_P(CTestJobs, KeepSerialTestsAlone) {
  EXPECT_THAT(overlaps(run().tree->log(),
                       [](const auto& one, const auto& other) { return is_serial(one) || is_serial(other); }),
              IsEmpty());
}

// R05: the lock `cache` is Cleave's own over both binaries, `db` and `queue` are CTest's, which keeps plain-db out too.
TEST_P(CTestJobs, KeepTestsWithOneLockApart) { EXPECT_THAT(overlaps(run().tree->log(), conflict), IsEmpty()); }

TEST_P(CTestJobs, EndGreenWithBothEndEntries) {
  EXPECT_EQ(entries_with(run().ended.out, "Passed", ".end "), 2) << run().ended.out;
  EXPECT_EQ(entries_with(run().ended.out, "Passed"), 20) << run().ended.out;
}

// R12
TEST_P(CTestJobs, ReportEveryTestOnceAndPassed) {
  for (const auto& [name, tests] : {std::pair{"mixed_gtest", gtest_all()}, std::pair{"mixed_catch2", catch2_all()}}) {
    const auto report = run().tree->report(name);
    ASSERT_TRUE(report.is_object()) << name;
    std::map<std::string, std::string> expected;
    for (const std::string& test : tests) expected[test] = "passed";
    EXPECT_EQ(outcomes(report), expected);
    for (const auto& test : report["tests"]) EXPECT_EQ(test["attempts"].size(), 1U) << test["full_name"];
    EXPECT_EQ(report["exit_code"], 0);
    EXPECT_THAT(report["problems"], IsEmpty());
    EXPECT_THAT(report["notes"], IsEmpty());
    EXPECT_THAT(run().tree->file_of_latest(name, "junit.xml"), HasSubstr("<testsuites"));
  }
}

// R03, R04: what one shard has is no other's, of the same binary or of another one.
// R15: over as many lanes as CTest let work at once, and without the time in which others ran.
TEST_P(CTestJobs, CompareTheTimeWithWhatNoScheduleBeats) {
  for (const char* const name : {"mixed_gtest", "mixed_catch2"}) {
    const auto report = run().tree->report(name);
    ASSERT_TRUE(report.contains("efficiency")) << name;
    const auto& efficiency = report["efficiency"];
    EXPECT_GE(efficiency["lanes"], 1) << name;
    EXPECT_LE(efficiency["lanes"], GetParam()) << name;
    EXPECT_GT(efficiency["bound_seconds"], 0.0) << name;
    EXPECT_LE(efficiency["bound_seconds"].get<double>(), efficiency["took_seconds"].get<double>() + 0.001)
        << efficiency;
    EXPECT_LE(efficiency["took_seconds"].get<double>(), report["wall_seconds"].get<double>() + 0.001) << efficiency;
  }
}

TEST_P(CTestJobs, GiveEachShardItsOwnPrefixAndPort) {
  for (const char* variable : {"prefix", "port", "database"}) {
    std::map<std::string, std::set<std::string>> owners;
    std::map<std::string, std::set<std::string>> values;
    for (const LogLine& line : run().tree->log()) {
      if (line.test.starts_with("plain-")) continue;
      const std::string owner = line.values.at("run") + " " + line.values.at("shard");
      owners[line.values.at(variable)].insert(owner);
      values[owner].insert(line.values.at(variable));
    }
    EXPECT_EQ(owners.count("-"), 0U) << variable;
    for (const auto& [value, who] : owners) EXPECT_EQ(who.size(), 1U) << variable << " " << value;
    for (const auto& [who, what] : values) EXPECT_EQ(what.size(), 1U) << variable << " of " << who;
  }
  for (const LogLine& line : run().tree->log()) {
    if (line.test.starts_with("plain-")) continue;
    EXPECT_EQ(line.values.at("database"), line.values.at("prefix") + "db");
  }
}

TEST_P(CTestJobs, LeaveNoProcess) { EXPECT_THAT((run(), run().tree->processes()), IsEmpty()); }

INSTANTIATE_TEST_SUITE_P(CTest, CTestJobs, testing::Values(1, 2, 8));

// The settings of the call are compiled into the binary: SERIAL, LOCK and ENVIRONMENT hold without ctest too.
TEST(CTestSettings, HoldInARunOfTheBinaryItself) {
  CTestTree tree({"mixed"});
  const Finished ended = tree.run({CLEAVE_CTEST_TREES "/ctest_gtest", "--cleave-jobs=4"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(gtest_all()));
  EXPECT_THAT(overlaps(tree.log(), conflict), IsEmpty());
  for (const LogLine& line : tree.log()) EXPECT_EQ(line.values.at("database"), line.values.at("prefix") + "db");
  EXPECT_EQ(tree.report("mixed_gtest")["exit_code"], 0);
}

// Two runs at once in one tree, with one folder for the reports.
TEST(CTestRuns, AtTheSameTimeShareNothing) {
  CTestTree tree({"frail"});
  Running one = tree.start_ctest({"-j2"});
  Running other = tree.start_ctest({"-j2"});
  EXPECT_EQ(one.wait().code, 0);
  EXPECT_EQ(other.wait().code, 0);
  std::map<std::string, std::vector<LogLine>> by_run;
  std::map<std::string, std::string> run_of_prefix;
  for (const LogLine& line : tree.log()) {
    by_run[line.values.at("run")].push_back(line);
    EXPECT_EQ(run_of_prefix.emplace(line.values.at("prefix"), line.values.at("run")).first->second,
              line.values.at("run"));
  }
  ASSERT_EQ(by_run.size(), 2U);
  for (const auto& [run, log] : by_run) EXPECT_EQ(starts(log), each(frail_tests())) << run;
  const auto reports = tree.all_reports("frail");
  ASSERT_EQ(reports.size(), 2U);
  for (const auto& report : reports) {
    EXPECT_EQ(by_run.count(report["run_id"]), 1U);
    EXPECT_EQ(report["totals"]["passed"], 14);
  }
}

TEST(CTestShards, MoreThanTestsAndNoSerialTestAreGreen) {
  CTestTree tree({"few"});
  const Finished ended = tree.ctest({"-j8"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(starts(tree.log()), each(few_tests()));
  EXPECT_EQ(tree.report("few")["totals"]["passed"], 2);
  EXPECT_THAT(tree.report("few")["notes"], IsEmpty());
}

// Exit status 4, so that no CI takes "nothing ran" for "all is well".
TEST(CTestBegin, IsRedWhenTheFilterSelectsNothing) {
  CTestTree tree({"nothing"});
  const Finished ended = tree.ctest({"-j2", "--output-on-failure"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", "nothing.begin"), 1) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Passed"), 0) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("the filter selects none of the 26 tests"));
  const Finished begin = tree.run(tree.command_of("nothing.begin"));
  EXPECT_EQ(begin.code, 4) << begin.out;
}

TEST(CTestBegin, IsRedWhenAPatternFitsNoTest) {
  CTestTree tree({"misspelt"});
  const Finished ended = tree.ctest({"-j2", "--output-on-failure"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed", "misspelt.begin"), 1) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("Shutdwon.*"));
  EXPECT_THAT(ended.out, HasSubstr("ctest_tree/misspelt/CMakeLists.txt"));
  EXPECT_THAT(starts(tree.log()), IsEmpty());
  EXPECT_EQ(tree.run(tree.command_of("misspelt.begin")).code, 2);
}

}  // namespace
}  // namespace cleave::test
