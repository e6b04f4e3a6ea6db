// Fixtures that fail, crash, hang or are torn down badly.

#include "fixture_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class FixtureFaults : public FixtureRuns {
 protected:
  /// The tests of the kind have this outcome, and when that is "not_run", each of `parts` in its reason.
  template <class Kind>
  void expect_outcome(const Json& report, const Kind& kind, const std::string& outcome,
                      const std::vector<std::string>& parts = {}) {
    int tests = 0;
    for (const Json& test : report["tests"]) {
      if (!kind(test["full_name"].get<std::string>())) continue;
      ++tests;
      EXPECT_EQ(test["outcome"], outcome) << test["full_name"];
      for (const std::string& part : parts) EXPECT_THAT(reason_in(test), HasSubstr(part)) << test["full_name"];
    }
    EXPECT_GT(tests, 0);
  }
  auto kind_shared() const {
    return [this](const std::string& name) { return is_shared(name); };
  }
  auto kind_own() const {
    return [this](const std::string& name) { return is_own(name); };
  }
  auto kind_alone() const {
    return [this](const std::string& name) { return is_alone(name); };
  }
};

// R36: told once; who needs it is "not run" with the reason, and the rest runs.
TEST_P(FixtureFaults, ASetUpThatFailsIsToldOnceAndItsDependantsDoNotRun) {
  for (const unsigned jobs : {1U, 4U}) {
    clear_log();
    box_.set("FIXTURES_FAIL", "top");
    const Finished run = box_.sharded(binary_, jobs);
    EXPECT_EQ(run.code, 1) << run.told();
    const Json report = box_.report(binary_);
    ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
    EXPECT_THAT(report["problems"][0]["title"], HasSubstr("fixture 'top' could not be set up"));
    EXPECT_THAT(report["problems"][0]["detail"], HasSubstr("the disk is on fire"));
    expect_outcome(report, kind_shared(), "not_run", {"fixture 'top'", "the disk is on fire"});
    expect_outcome(report, kind_own(), "passed");
    expect_outcome(report, kind_alone(), "passed");
    EXPECT_THAT(run.out, HasSubstr("the disk is on fire"));
    // What it had begun is undone, and what it needs goes at the end.
    EXPECT_EQ(log().of_run(), kWholeLife);
    EXPECT_LT(log().first("tear_down top"), log().last("saw instance"));
    expect_nothing_left();
  }
}

TEST_P(FixtureFaults, WhatNeedsAFailedFixtureIsNotSetUp) {
  box_.set("FIXTURES_FAIL", "base");
  const Finished run = box_.sharded(binary_, 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_THAT(report["problems"][0]["title"], HasSubstr("'base'"));
  expect_outcome(report, kind_shared(), "not_run", {"the disk is on fire"});
  expect_outcome(report, kind_own(), "not_run", {"fixture 'base'", "the disk is on fire"});
  expect_outcome(report, kind_alone(), "passed");
  EXPECT_EQ(log().count("set_up base"), 1U);
  EXPECT_EQ(log().count("set_up top"), 0U);
  EXPECT_EQ(log().count("set_up instance"), 0U);
  expect_nothing_left();
}

// R40: the tests that ask for their shard's instance fail with the reason; nobody asks twice.
TEST_P(FixtureFaults, AnInstanceThatFailsFailsTheTestsThatAskForIt) {
  box_.set("FIXTURES_FAIL", "instance");
  const Finished run = box_.sharded(binary_, 2, {only_own()});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  expect_outcome(report, kind_own(), "failed");
  for (const Json& test : report["tests"]) EXPECT_THAT(test.dump(), HasSubstr("the disk is on fire"));
  EXPECT_LE(log().count("set_up instance"), 2U);
  EXPECT_EQ(report["problems"].size(), log().count("set_up instance")) << report["problems"];
  expect_nothing_left();
}

TEST_P(FixtureFaults, ACrashInASetUpIsToldWithTheFixtureAndTheSignal) {
  box_.set("FIXTURES_CRASH", "base");
  const Finished run = box_.sharded(binary_, 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_THAT(report["problems"][0]["title"], HasSubstr("fixture 'base' could not be set up"));
  EXPECT_THAT(report["problems"][0]["detail"], HasSubstr("SIGABRT"));
  expect_outcome(report, kind_shared(), "not_run", {"SIGABRT"});
  expect_outcome(report, kind_own(), "not_run", {"fixture 'base'", "SIGABRT"});
  expect_outcome(report, kind_alone(), "passed");
  EXPECT_EQ(log().count("set_up base"), 1U);
  expect_nothing_left();
}

// What stood in the same process is gone with it: told, and not mistaken for being there.
TEST_P(FixtureFaults, ACrashInASetUpTakesWhatWasUpInTheSameProcess) {
  box_.set("FIXTURES_CRASH", "top");
  const Finished run = box_.sharded(binary_, 2);
  EXPECT_NE(run.code, 0) << run.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(problems_with(report, "fixture 'top' could not be set up").size(), 1U) << report["problems"];
  expect_outcome(report, kind_shared(), "not_run", {"SIGABRT", "'top'"});
  expect_outcome(report, kind_alone(), "passed");
  EXPECT_EQ(log().count("set_up base"), log().count("set_up top"));
  // The `sleep` that it had started in a session of its own is ended too.
  expect_nothing_left();
}

// R36: the limit of `top` is five seconds.
TEST_P(FixtureFaults, ASetUpThatHangsIsEndedAtItsLimit) {
  box_.set("FIXTURES_HANG", "top");
  const auto before = std::chrono::steady_clock::now();
  const Finished run = box_.sharded(binary_, 2, {only_shared()});
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_GE(took, std::chrono::seconds(5));
  EXPECT_LT(took, std::chrono::seconds(20));
  EXPECT_NE(run.code, 0) << run.told();
  const Json report = box_.report(binary_);
  const auto problems = problems_with(report, "fixture 'top' could not be set up");
  ASSERT_EQ(problems.size(), 1U) << report["problems"];
  EXPECT_THAT(problems[0]["detail"], HasSubstr("limit of 5.00 s"));
  expect_outcome(report, kind_shared(), "not_run", {"limit of 5.00 s", "'top'"});
  expect_nothing_left();
}

TEST_P(FixtureFaults, ATearDownThatFailsMakesAGreenRunRed) {
  box_.set("FIXTURES_FAIL_TEAR_DOWN", "base");
  const Finished run = box_.sharded(binary_, 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["exit_code"], 1);
  EXPECT_EQ(report["totals"]["passed"], 29);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_THAT(report["problems"][0]["title"], HasSubstr("fixture 'base' could not be torn down"));
  EXPECT_THAT(report["problems"][0]["detail"], HasSubstr("it did not want to go"));
  EXPECT_THAT(run.out, HasSubstr("it did not want to go"));
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_nothing_left();
}

// The limit of this tear-down is five seconds, that of `top`, which goes in the same process, 30.
TEST_P(FixtureFaults, ATearDownThatHangsIsEndedAndTold) {
  box_.set("FIXTURES_HANG_TEAR_DOWN", "base");
  const Finished run = box_.sharded(binary_, 2, {only_own()});
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_FALSE(run.timed_out);
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["totals"]["passed"], 12);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_THAT(report["problems"][0].dump(), AllOf(HasSubstr("'base'"), HasSubstr("limit")));
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, FixtureFaults, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
