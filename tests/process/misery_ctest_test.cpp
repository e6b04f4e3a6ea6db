// What limits, signals and hostile tests do to a real ctest over the shards of a program. All that ends no run is done
// in one: each of its tests misbehaves, in a process of its own.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <tuple>

#include "ctest_tree.hpp"
#include "misery.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

struct Framework {
  std::string folder;
  std::string program;
};
const std::vector<std::string> kFrameworks{"gtest", "catch2_v2"};

Framework framework_of(const std::string& name) {
  return name == "gtest" ? Framework{"misery", "gtest_misery"} : Framework{"misery_catch2", "catch2_v2_misery"};
}

/// The ctest in which every test misbehaves that breaks no run.
struct AllAtOnce {
  explicit AllAtOnce(const Framework& framework) : tree({framework.folder}) {
    std::string names;
    for (const MiseryCase& each : miseries()) {
      if (each.expected_code() < 3) names += each.name + ",";
    }
    tree.set("MISERY", names);
    tree.set("CLEAVE_ISOLATION", "test");
    tree.set("CLEAVE_STACKS", "off");
    run = tree.ctest({"-j2"});
    report = tree.report(framework.program);
  }
  CTestTree tree;
  Finished run;
  Json report;
};

class CTestMisery : public testing::TestWithParam<std::tuple<std::string, MiseryCase>> {
 public:
  static void TearDownTestSuite() { all().clear(); }

 protected:
  static std::map<std::string, std::unique_ptr<AllAtOnce>>& all() {
    static std::map<std::string, std::unique_ptr<AllAtOnce>> runs;
    return runs;
  }
};

// R12, R20, R21, R26
TEST_P(CTestMisery, OfOneTestHasOneTruthfulOutcome) {
  const auto& [name, one] = GetParam();
  if (const std::string why = impossible_here(one); !why.empty()) GTEST_SKIP() << why;
  const Framework framework = framework_of(name);
  if (one.expected_code() == 3) {
    CTestTree tree({framework.folder});
    tree.set("MISERY", one.name);
    tree.set("CLEAVE_STACKS", "off");
    const Finished run = tree.ctest({"-j2"});
    EXPECT_EQ(run.code, 8) << run.told();
    const Json report = tree.report(framework.program);
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["exit_code"], 3);
    expect_one_outcome_each(report, tree.read("log"), one);
    expect_told(report, one);
    expect_nothing_left(tree, tree.home_of(framework.program));
    return;
  }
  auto& shared = all()[name];
  if (!shared) shared = std::make_unique<AllAtOnce>(framework);
  ASSERT_TRUE(shared->report.is_object()) << shared->run.told();
  const Json test = test_named(shared->report, misery_test(one));
  ASSERT_FALSE(test.is_null());
  EXPECT_EQ(test["outcome"], one.outcome) << test["attempts"];
  ASSERT_EQ(test["attempts"].size(), 1U);
  EXPECT_NE(told_of(test["attempts"][0]).find(one.reason), std::string::npos) << told_of(test["attempts"][0]);
  EXPECT_TRUE(one.problem.empty() || has_problem(shared->report, one.problem)) << shared->report["problems"];
}

INSTANTIATE_TEST_SUITE_P(, CTestMisery, testing::Combine(testing::ValuesIn(kFrameworks), testing::ValuesIn(miseries())),
                         [](const auto& one) { return std::get<0>(one.param) + "_" + std::get<1>(one.param).name; });

class CTestLimits : public testing::TestWithParam<std::string> {
 protected:
  /// ctest becomes what the script's "$@" is.
  Finished ctest_by(const std::string& script) const {
    return tree_.run({"/bin/sh", "-c", script, "sh", CLEAVE_CTEST_COMMAND, "--test-dir", tree_.folder(), "-j2",
                      "--output-on-failure"});
  }
  Json report() const { return tree_.report(framework_.program); }
  void expect_green(const Finished& run) const {
    EXPECT_EQ(run.code, 0) << run.told();
    const Json told = report();
    ASSERT_TRUE(told.is_object());
    EXPECT_GT(told["totals"]["selected"], 30);
    EXPECT_EQ(told["totals"]["passed"], told["totals"]["selected"]);
    EXPECT_LT(told["wall_seconds"].get<double>(), 60);
    expect_nothing_left(tree_, tree_.home_of(framework_.program));
  }

  /// Red, with the reason; each test passed or did not run.
  void expect_broken(const Finished& run, const std::string& why) const {
    EXPECT_EQ(run.code, 8) << run.told();
    EXPECT_NE(run.out.find(why), std::string::npos) << run.told();
    const Json told = report();
    ASSERT_TRUE(told.is_object());
    EXPECT_EQ(told["exit_code"], 3);
    for (const auto& [test, outcomes] : outcomes_by_name(told)) {
      ASSERT_EQ(outcomes.size(), 1U) << test;
      EXPECT_TRUE(outcomes[0] == "passed" || outcomes[0] == "not_run") << test << " " << outcomes[0];
    }
    EXPECT_TRUE(tree_.all_processes_end());
  }

  const Framework framework_ = framework_of(GetParam());
  CTestTree tree_{{framework_.folder}};
};

// R12, R26
TEST_P(CTestLimits, AllMiseriesAtOnceLeaveNothingBehindAndTellEachTestOnce) {
  AllAtOnce all(framework_);
  EXPECT_EQ(all.run.code, 8) << all.run.told();
  EXPECT_EQ(all.report["exit_code"], 1) << all.report["problems"];
  for (const auto& [test, outcomes] : outcomes_by_name(all.report)) EXPECT_EQ(outcomes.size(), 1U) << test;
  for (const auto& [test, times] : runs_by_name(all.report)) EXPECT_EQ(times, 1) << test;
  for (const auto& [test, times] : starts(all.tree.log())) EXPECT_EQ(times, 1) << test;
  expect_nothing_left(all.tree, all.tree.home_of(framework_.program));
}

// R26: ctest itself stands still, and later nothing is missing.
TEST_P(CTestLimits, ACTestThatIsStoppedAndGoesOnIsGreen) {
  Running ctest = tree_.start_ctest({"-j2"});
  ASSERT_TRUE(soon([&] { return tree_.processes().size() > 1; }));
  ctest.signal(SIGSTOP);
  // What it had started comes to its end without it.
  ASSERT_TRUE(soon([&] { return tree_.processes().size() <= 1; }));
  ctest.signal(SIGCONT);
  expect_green(ctest.wait());
}

// R26
TEST_P(CTestLimits, StreamsThatAreClosedAtTheStartChangeNothing) { expect_green(ctest_by("exec \"$@\" <&- >&- 2>&-")); }

// R20: entries are processes of their own, and tell one time.
TEST_P(CTestLimits, TheClockOfTheDayMovesNoTest) {
  tree_.set("CLOCK_STEPS", "1");
  expect_green(ctest_by("exec \"$@\""));
  const Json told = report();
  for (const Json& test : told["tests"]) {
    for (const Json& attempt : test["attempts"]) EXPECT_LT(attempt["seconds"].get<double>(), 60) << test["full_name"];
  }
}

// R26: what has no place on the disk makes the entry red that says so.
TEST_P(CTestLimits, AFullDiskIsRedAndTold) {
  const std::string space = ::geteuid() == 0 ? "unshare -m " : "unshare -rm ";
  std::filesystem::create_directories(tree_.reports());
  const std::string mount = "mount -t tmpfs -o size=32k tmpfs " + tree_.reports();
  const Finished probe = tree_.run({"/bin/sh", "-c", space + mount});
  if (probe.code != 0) GTEST_SKIP() << "no file system can be mounted here: " << probe.told();
  tree_.write("full.sh", mount + " && exec \"$@\"");
  const Finished run = ctest_by(space + "sh ../full.sh \"$@\"");
  EXPECT_EQ(run.code, 8) << run.told();
  EXPECT_NE(run.out.find("No space left on device"), std::string::npos) << run.told();
  EXPECT_TRUE(tree_.all_processes_end());
}

// R26: a shard whose workers cannot be started says so, and what it had is not run.
TEST_P(CTestLimits, DescriptorsThatRunOutAreToldByTheEntryThatNeedsThem) {
  tree_.set("MISERY", "RefusesNewDescriptors");
  tree_.set("CLEAVE_ISOLATION", "test");
  const Finished run = ctest_by("exec \"$@\"");
  expect_broken(run, "Too many open files");
}

// R26: the same for processes. Only the entry whose test took the right away has to do without.
TEST_P(CTestLimits, ProcessesThatAreRefusedAreToldByTheEntryThatNeedsThem) {
  const Somebody somebody{};
  tree_.set("MISERY", "RefusesNewProcesses");
  tree_.set("CLEAVE_ISOLATION", "test");
  if (const std::string why_not = somebody.takes(tree_, CLEAVE_CTEST_TREES "/" + framework_.program);
      !why_not.empty()) {
    GTEST_SKIP() << why_not;
  }
  const Finished run = ctest_by("exec " + somebody.command() + "\"$@\"");
  expect_broken(run, "fork: Resource temporarily unavailable");
}

INSTANTIATE_TEST_SUITE_P(Frameworks, CTestLimits, testing::ValuesIn(kFrameworks),
                         [](const testing::TestParamInfo<std::string>& one) { return one.param; });

}  // namespace
}  // namespace cleave::test
