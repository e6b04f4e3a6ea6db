// The ways in which a run goes wrong, a row each: what the program does, and what must come out, in an own run as under
// ctest, for each framework that has the like. README.md has the table for people.

#include "mishap_runs.hpp"

namespace cleave::test {
namespace {

using Outcomes = std::map<std::string, std::string>;

constexpr const char* kAll = "gtest catch2_v2 catch2_v3";
constexpr const char* kCatch2 = "catch2_v2 catch2_v3";

struct Case {
  std::string name;
  std::string frameworks;
  std::string mishap;              ///< The variable MISHAP.
  std::vector<std::string> tests;  ///< Patterns.
  std::size_t count = 0;           ///< So many are reported.
  int exit_code = 0;
  std::string outcome;     ///< Of each of them.
  Outcomes but = {};       ///< Those with another one.
  std::string words = {};  ///< What the report says.
  std::string program = "mishaps";
};

const std::vector<Case> kCases{
    // Before and after the tests.
    {"NoiseBeforeMain", kAll, "noise", {"Quiet.*"}, 4, 0, "passed"},
    {"CrashInTheSetUpOfTheRun", kAll, "crash in set-up", {"Quiet.*"}, 4, 3, "not_run", {}, "SIGABRT"},
    {"CrashInTheTearDownOfTheRun", kAll, "crash in tear-down", {"Quiet.*"}, 4, 1, "passed", {}, "SIGABRT"},
    {"CrashInAStaticDestructor", kAll, "crash at exit", {"Quiet.*"}, 4, 1, "passed", {}, "SIGABRT"},
    {"AllGreenAndABadStatus", kAll, "status", {"Quiet.*"}, 4, 1, "passed", {}, "exited with status 24"},
    {"EmptyFailureOfASuite", "gtest", "", {"EmptyFailure.*"}, 2, 1, "failed", {}, "SetUpTestSuite of Empty"},
    // Sets of tests.
    {"FewerTestsThanShards", kAll, "", {"Quiet.One"}, 1, 0, "passed"},
    {"OnlySerialTests", kAll, "", {"Serial.*"}, 2, 0, "passed"},
    {"OneNameInTwoFiles", "gtest", "", {"Twin.*"}, 2, 1, "failed passed"},
    // What tests leave and hold.
    {"ChildInAGroupOfItsOwn", kAll, "", {"Deed.LeavesAChildInAGroup"}, 1, 0, "passed", {}, "outlived"},
    {"ProcessThatForksAwayFromItsEnd", kAll, "", {"Deed.LeavesAChain"}, 1, 0, "passed", {}, "outlived"},
    {"DaemonThatHoldsTheOutput", "gtest", "", {"Leaves.A*"}, 1, 0, "passed", {}, "outlived", "hangs"},
    {"DaemonThatHoldsTheOutput", kCatch2, "", {"passes*"}, 1, 0, "passed", {}, "outlived", "hangs"},
    {"DeathWithALock", kAll, "", {"Locked.*"}, 2, 1, "passed", {{"Locked.Dies", "crashed"}}, "SIGKILL"},
};

struct Row {
  std::string framework;
  std::string mode;
  const Case* one;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const Case& one : kCases) {
    for (const char* framework : {"gtest", "catch2_v2", "catch2_v3"}) {
      if ((" " + one.frameworks + " ").find(std::string(" ") + framework + " ") == std::string::npos) continue;
      all.push_back({framework, "own", &one});
      // Both versions of Catch2 have one adapter, and ctest knows neither.
      if (std::string(framework) != "catch2_v3") all.push_back({framework, "ctest", &one});
    }
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.one->name; }

class Mishaps : public testing::TestWithParam<Row> {};

// R12, R20, R21: the report is whole and true, the exit code is what it says, and no process is left.
TEST_P(Mishaps, AreToldTruly) {
  const Case& expected = *GetParam().one;
  MishapRun run(GetParam().framework, GetParam().mode);
  if (run.of(expected.program).empty()) GTEST_SKIP() << GetParam().framework << " is not built";
  if (!expected.mishap.empty()) run.box().set("MISHAP", expected.mishap);
  const Told told = run.run(expected.program, run.selecting(expected.tests));
  const std::string context = told.ended.told();
  EXPECT_EQ(told.ended.code, code_of(run, expected.exit_code)) << context;
  EXPECT_FALSE(told.ended.held) << context;
  EXPECT_TRUE(run.box().processes().empty()) << testing::PrintToString(run.box().processes());
  ASSERT_TRUE(told.report.is_object()) << context;
  EXPECT_EQ(told.report["exit_code"], expected.exit_code) << context;

  EXPECT_EQ(told.report["tests"].size(), expected.count) << context;
  for (const auto& [name, outcomes] : outcomes_by_name(told.report)) {
    std::string all;
    for (const std::string& outcome : outcomes) all += (all.empty() ? "" : " ") + outcome;
    const auto other = expected.but.find(name);
    EXPECT_EQ(all, other == expected.but.end() ? expected.outcome : other->second) << name << "\n" << context;
  }
  if (expected.words.empty()) {
    EXPECT_TRUE(told.report["problems"].empty()) << told.report["problems"];
  } else {
    EXPECT_NE(all_words_of(told.report).find(expected.words), std::string::npos) << all_words_of(told.report);
  }

  const auto junit = XmlParser::parse(told.junit);
  ASSERT_TRUE(junit) << told.junit;
  std::vector<const XmlNode*> cases;
  junit->collect("testcase", cases);
  EXPECT_GE(cases.size(), told.report["tests"].size());
}

INSTANTIATE_TEST_SUITE_P(Cases, Mishaps, testing::ValuesIn(rows()), [](const testing::TestParamInfo<Row>& row) {
  return row.param.one->name + "_" + row.param.framework + "_" + row.param.mode;
});

}  // namespace
}  // namespace cleave::test
