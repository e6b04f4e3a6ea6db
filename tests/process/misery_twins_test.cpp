// Whatever a program does, ctest's run of it reports what an own run reports: the tests of own runs, which say what is
// true for each way to fail, hold for both modes.

#include <regex>

#include "mishap_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

struct Twin {
  std::string name;
  std::string frameworks;
  std::string program;
  std::map<std::string, std::string> environment = {};
  std::vector<std::string> tests = {};
  std::size_t at_least = 1;  ///< So many tests, or the program is not what it was.
  bool by_chance = false;    ///< Which tests each shard has begun when all end decides what becomes of them.
};

constexpr const char* kAll = "gtest catch2_v2 catch2_v3";
constexpr const char* kGtest = "gtest";

const std::vector<Twin> kTwins{
    {"EveryOrdinaryTest", kAll, "basics", {}, {}, 20},
    {"EveryDeath", kAll, "crashes", {}, {}, 15},
    {"HostileNames", "catch2_v2 catch2_v3", "hostile_names", {}, {}, 50},
    // The end of a process has the same limit, and a sanitizer's search for leaks can take longer.
    {"Hangs", kAll, "hangs", {{"CLEAVE_TIMEOUT", "300ms"}, {"ASAN_OPTIONS", "detect_leaks=0"}}, {}, 6},
    {"MainThatRunsNothing", kAll, "no_run"},
    {"LeaderThatDiesInASetUp", kAll, "fixtures", {{"FIXTURES_CRASH", "base"}}, {}, 20},
    {"WorkerThatDiesWithAFixture",
     kGtest,
     "fixtures",
     {{"FIXTURES_DEED", "Shared1"}, {"FIXTURES_DEED_IS", "kill self"}},
     {},
     20},
    {"SuitesThatCannotBeSetUp", kGtest, "setup_failures", {}, {}, 10},
    {"FatalSetUpOfTheRun", kGtest, "setup_failures", {{"SETUP_FAILURES", "fatal"}}, {}, 10, true},
    {"FailedSetUpOfTheRun", kGtest, "setup_failures", {{"SETUP_FAILURES", "nonfatal"}}},
    {"SkippedSetUpOfTheRun", kGtest, "setup_failures", {{"SETUP_FAILURES", "skip"}}},
    {"SetUpOfTheRunThatThrows", kGtest, "setup_failures", {{"SETUP_FAILURES", "throw"}}, {}, 10, true},
    {"TearDownOfTheRunThatFails", kGtest, "setup_failures", {{"SETUP_FAILURES", "tear_down"}}},
    {"CrashInTheTearDownOfASuite", kGtest, "setup_failures", {{"SETUP_FAILURES", "suite_crash"}}},
    {"FailureInMain", kGtest, "setup_failures", {{"SETUP_FAILURES", "main"}}, {}, 10, true},
    {"AnyStatusOfMain", kGtest, "exit_codes", {{"EXIT_CODES", "main"}}},
    {"Repetitions", kGtest, "mishaps", {{"GTEST_REPEAT", "3"}}, {"Quiet.*"}, 4},
    {"ShuffledOrder", kGtest, "basics", {{"GTEST_SHUFFLE", "1"}, {"GTEST_RANDOM_SEED", "7"}}, {}, 20},
    {"OuterShardOfGoogleTest", kGtest, "basics", {{"GTEST_TOTAL_SHARDS", "3"}, {"GTEST_SHARD_INDEX", "1"}}, {}, 10},
    {"LeakCheckAtTheEnd", kGtest, "exit_codes", {{"EXIT_CODES", "leak"}}},
};

struct Row {
  std::string framework;
  const Twin* twin;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.twin->name; }

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const Twin& twin : kTwins) {
    for (const char* framework : {"gtest", "catch2_v2", "catch2_v3"}) {
      if (twin.frameworks.find(framework) != std::string::npos) all.push_back({framework, &twin});
    }
  }
  return all;
}

std::set<std::string> passed_in(const Json& report) {
  std::set<std::string> names;
  for (const auto& [name, outcomes] : outcomes_by_name(report)) {
    if (outcomes.back() == "passed") names.insert(name);
  }
  return names;
}

/// Each test's outcomes, and why it has them.
std::map<std::string, std::multiset<std::string>> story_of(const Json& report) {
  std::map<std::string, std::multiset<std::string>> all;
  if (!report.contains("tests")) return all;
  for (const Json& test : report["tests"]) {
    std::string told = test["outcome"].get<std::string>();
    for (const Json& attempt : test["attempts"]) told += "; " + attempt["reason"].get<std::string>();
    all[test["full_name"].get<std::string>()].insert(told);
  }
  return all;
}

/// The titles without the shards and workers that they name: who runs what is not the same in two runs.
std::set<std::string> problems_of(const Json& report) {
  std::set<std::string> titles;
  for (const std::string& title : problem_titles(report)) {
    // Whether one shard has five of them in a row is chance.
    if (title.ends_with(" crashes in a row; other shards go on")) continue;
    titles.insert(
        std::regex_replace(title, std::regex("^shard-\\d+: |(their tests|worker \\d+)(?= and were ended)"), ""));
  }
  return titles;
}

class CTestTwins : public testing::TestWithParam<Row> {
 protected:
  Told run(MishapRun& run) const {
    for (const auto& [name, value] : GetParam().twin->environment) run.box().set(name, value);
    run.box().set("FIXTURES_LOG", run.box().path("fixture-log"));
    return run.run(GetParam().twin->program, run.selecting(GetParam().twin->tests));
  }
};

// R12, R20: the same outcomes, reasons, problems and exit code.
TEST_P(CTestTwins, ReportWhatAnOwnRunReports) {
  MishapRun own(GetParam().framework, "own");
  MishapRun ctest(GetParam().framework, "ctest");
  if (own.of(GetParam().twin->program).empty()) GTEST_SKIP() << GetParam().framework << " is not built";
  const Told ours = run(own);
  const Told theirs = run(ctest);
  EXPECT_TRUE(ctest.box().processes().empty()) << testing::PrintToString(ctest.box().processes());
  EXPECT_FALSE(theirs.ended.held);
  EXPECT_EQ(theirs.ended.code, code_of(ctest, ours.ended.code)) << theirs.ended.told();
  ASSERT_EQ(ours.report.is_object(), theirs.report.is_object()) << ours.ended.told() << theirs.ended.told();
  if (!ours.report.is_object()) return;
  EXPECT_GE(story_of(ours.report).size(), GetParam().twin->at_least);
  EXPECT_EQ(passed_in(theirs.report), passed_in(ours.report));
  if (!GetParam().twin->by_chance) {
    EXPECT_EQ(story_of(theirs.report), story_of(ours.report));
  }
  EXPECT_EQ(problems_of(theirs.report), problems_of(ours.report));
  EXPECT_EQ(theirs.report["exit_code"], ours.ended.code);
}

INSTANTIATE_TEST_SUITE_P(Of, CTestTwins, testing::ValuesIn(rows()), [](const testing::TestParamInfo<Row>& row) {
  return row.param.twin->name + "_" + row.param.framework;
});

}  // namespace
}  // namespace cleave::test
