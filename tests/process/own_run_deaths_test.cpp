#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

/// A sanitizer catches a fault, and ends the process behind its report.
constexpr const char* kFault = kSanitized ? "exited with status" : "killed by SIGSEGV";

class Deaths : public EachFramework {
 protected:
  /// Every test of `crashes` that dies, and how.
  std::map<std::string, std::string> deaths() const {
    if (!is_gtest()) {
      return {{"reads from address zero", kFault},
              {"fails, then aborts", "killed by SIGABRT"},
              {"calls exit(0)", "exited with status 0 while the test ran"},
              {"calls _exit(0)", "exited with status 0 while the test ran"},
              {"overflows its stack", kFault},
              {"terminates", "killed by SIGABRT"},
              {"is killed", "killed by SIGKILL"}};
    }
    return {{"Crashes.B_Segfaults", "killed by SIGSEGV"},
            {"Crashes.D_Aborts", "killed by SIGABRT"},
            {"Crashes.F_ExitsWithZero", "exited with status 0 while the test ran"},
            {"Crashes.H_LeavesWithZero", "exited with status 0 while the test ran"},
            {"Crashes.J_ExitsWithSeven", "exited with status 7 while the test ran"},
            {"Crashes.L_Terminates", "killed by SIGABRT"},
            {"Crashes.N_ThrowsInAnotherThread", "killed by SIGABRT"},
            {"Crashes.O_ThrowsThroughNoexcept", "killed by SIGABRT"},
            {"Crashes.Q_OverflowsTheStack", kFault},
            {"Crashes.S_KillsItself", "killed by SIGKILL"},
            {"Crashes.U_FailsThenCrashes", "killed by SIGABRT"},
            {"LastWords.A_PrintsThenCrashes", "killed by SIGKILL"}};
  }
};

// R20: the one that died is named with the way it died, runs once, and takes no neighbour with it.
TEST_P(Deaths, EachIsNamedAndTheRestRuns) {
  for (const unsigned jobs : {1U, 3U}) {
    const Finished run = box_.sharded(of("crashes"), jobs);
    EXPECT_EQ(run.code, 1) << run.told();
    const Json report = box_.report(of("crashes"));
    auto expected = deaths();
    for (const Json& test : report["tests"]) {
      const std::string name = test["full_name"].get<std::string>();
      ASSERT_EQ(test["attempts"].size(), 1U) << name << ", " << jobs << " shards";
      const auto death = expected.find(name);
      if (death == expected.end()) {
        EXPECT_EQ(test["outcome"], "passed") << name << ", " << jobs << " shards";
        continue;
      }
      EXPECT_EQ(test["outcome"], "crashed") << name;
      const std::string reason = test["attempts"][0]["reason"].get<std::string>();
      EXPECT_NE(reason.find(death->second), std::string::npos) << name << ": " << reason;
      EXPECT_NE(run.out.find(name), std::string::npos) << name;
      expected.erase(death);
    }
    EXPECT_TRUE(expected.empty()) << testing::PrintToString(expected);
    EXPECT_EQ(report["totals"]["passed"], choose(12, 8));
  }
  EXPECT_TRUE(box_.all_processes_end());
}

// R20: a limit ends the test and all that it started, and the rest goes on.
TEST_P(Deaths, AHangIsKilledWithItsChildrenAfterTheLimit) {
  const Finished run = box_.sharded(of("hangs"), 3, {"--cleave-timeout=500ms"});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_FALSE(run.timed_out);
  const Json report = box_.report(of("hangs"));
  std::vector<std::string> hung;
  for (const auto& [name, outcomes] : outcomes_by_name(report)) {
    if (outcomes == std::vector<std::string>{"timed_out"}) {
      hung.push_back(name);
    } else {
      EXPECT_EQ(outcomes, std::vector<std::string>{"passed"}) << name;
    }
  }
  const std::vector<std::string> gtest{"Hangs.B_SleepsForEver", "Hangs.C_IgnoresSigtermWithAChild", "Hangs.D_Spins",
                                       "Hangs.E_StopsItself"};
  const std::vector<std::string> catch2{"hangs", "hangs, ignores SIGTERM and has a child that does the same"};
  EXPECT_EQ(hung, choose(gtest, catch2));
  for (const std::string& name : hung) {
    const std::string reason = test_named(report, name)["attempts"][0]["reason"].get<std::string>();
    EXPECT_NE(reason.find("500 ms"), std::string::npos) << reason;
  }
  // Sent SIGKILL already: at once, as far as the kernel is concerned.
  EXPECT_TRUE(box_.processes().empty()) << testing::PrintToString(box_.processes());
}

// R20, R21: a grandchild in another session delays nobody, is told of, and is ended.
TEST_P(Deaths, AGrandchildThatHoldsStdoutDelaysNobodyAndIsEnded) {
  const std::string test = choose<std::string>("Leaves.A_GrandchildThatHoldsStdout",
                                               "passes, but a grandchild in its own session holds stdout");
  const std::string spec = is_gtest() ? "--gtest_filter=Leaves.*" : "*grandchild*";
  const Finished run = box_.sharded(of("hangs"), 2, {spec});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_FALSE(run.held) << "the output of the run is still open";
  const Json report = box_.report(of("hangs"));
  EXPECT_EQ(test_named(report, test)["outcome"], "passed");
  bool told = false;
  for (const Json& problem : report["problems"]) {
    told = told ||
           (problem["warning"] == true && problem["title"].get<std::string>().find("outlived") != std::string::npos);
  }
  EXPECT_TRUE(told) << report["problems"];
  EXPECT_TRUE(box_.processes().empty());
}

// A run that ran nothing is not green, and says why.
TEST_P(Deaths, AMainThatNeverRunsTestsBreaksTheRun) {
  const Finished run = box_.sharded(of("no_run"), 2);
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE(run.err.find("without running the tests"), std::string::npos) << run.told();
  EXPECT_NE(run.err.find("this main"), std::string::npos) << "what it printed is missing: " << run.told();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Deaths, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

/// What EXIT_CODES chooses, and what the problem's title must tell.
struct EndCase {
  std::string choice;
  std::string title;
};

class BadEnds : public testing::TestWithParam<EndCase> {};

// R12, R20: green tests do not hide a process that ended badly.
TEST_P(BadEnds, AreRedWithARowOfTheirOwn) {
  Sandbox box;
  box.set("EXIT_CODES", GetParam().choice);
  const std::string binary = program("gtest_exit_codes");
  const Finished run = box.sharded(binary, 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box.report(binary);
  EXPECT_EQ(report["exit_code"], 1);
  EXPECT_EQ(report["totals"]["passed"], 3);
  EXPECT_GE(report["totals"]["problems"], 1);
  for (const std::string& title : problem_titles(report)) {
    EXPECT_NE(title.find(GetParam().title), std::string::npos) << title;
  }
  const std::string junit = box.read(box.home_of(binary) + "/latest/junit.xml");
  EXPECT_NE(junit.find(GetParam().title), std::string::npos) << junit;
}

INSTANTIATE_TEST_SUITE_P(, BadEnds,
                         testing::Values(EndCase{"main", "exited with status 23"},
                                         EndCase{"static", "killed by SIGABRT"},
                                         EndCase{"leak", "exited with status 24"}),
                         [](const testing::TestParamInfo<EndCase>& one) { return one.param.choice; });

// The plan and the workers must speak of the same tests.
TEST(WanderingTests, BreakTheRunInsteadOfRunningOthers) {
  Sandbox box;
  const Finished run = box.sharded(program("gtest_own_main"), 2, {"--wander"});
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE(run.out.find("Wandering"), std::string::npos) << run.told();
}

// R26: a second RUN_ALL_TESTS() would run everything again in every shard.
TEST(ASecondRunAllTests, BreaksTheRunWithAReason) {
  Sandbox box;
  const Finished run = box.sharded(program("gtest_own_main"), 2, {"--twice"});
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_NE(run.out.find("RUN_ALL_TESTS"), std::string::npos) << run.told();
}

}  // namespace
}  // namespace cleave::test
