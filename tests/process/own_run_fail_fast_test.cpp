// Runs that stop when enough tests have failed.

#include <gmock/gmock.h>

#include "own_run.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

/// Over the crowd of the program `retries`: sixty tests of 10 ms.
class FailFast : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    box_.set("RETRIES_FOLDER", box_.folder());
  }
  Finished run_of(const std::vector<std::string>& patterns, Sandbox::Arguments arguments) {
    std::string filter;
    for (const std::string& pattern : patterns) filter += (filter.empty() ? "" : is_gtest() ? ":" : ",") + pattern;
    arguments.push_back(is_gtest() ? "--gtest_filter=" + filter : filter);
    return box_.sharded(of("retries"), 2, arguments);
  }
  Json report() const { return box_.report(of("retries")); }
  int started() const { return count_lines(test_lines(box_.read("log")), "start"); }
  /// All fail: the run stops after `red` of them. Each of the two shards takes at most a quarter of what is left at a
  /// time, so that one that did not stop would be seen.
  void expect_stop_after(int red, const Sandbox::Arguments& arguments) {
    box_.set("RETRIES_CROWD", "red");
    const Finished run = run_of({"All/Crowd*"}, arguments);
    EXPECT_EQ(run.code, 1) << run.told();
    const Json told = report();
    const int failed = told["totals"]["failed"];
    EXPECT_GE(failed, red);
    EXPECT_EQ(started(), failed);
    EXPECT_EQ(told["totals"]["not_run"], 60 - failed);
    EXPECT_GE(told["totals"]["not_run"], 20) << run.told();
    const std::string why =
        "stopped after " + std::to_string(red) + (red == 1 ? " failed test" : " failed tests") + " (fail-fast)";
    for (const Json& test : told["tests"]) {
      if (test["outcome"] == "not_run") {
        EXPECT_EQ(test["attempts"].back()["reason"], why) << test["full_name"];
      }
    }
    EXPECT_THAT(run.out, HasSubstr(std::to_string(60 - failed) + " tests  (" + why + ")"));
  }
};

// R24, R25
TEST_P(FailFast, StopsAllShardsAfterTheFirst) { expect_stop_after(1, {"--cleave-fail-fast"}); }
TEST_P(FailFast, StopsAllShardsAfterSoMany) { expect_stop_after(3, {"--cleave-fail-fast=3"}); }
TEST_P(FailFast, StopsAllShardsAfterSuchAShare) { expect_stop_after(6, {"--cleave-fail-fast=10%"}); }

// R24, R25: what did not run is what the next run is asked to run.
TEST_P(FailFast, WhatDidNotRunIsRememberedAsFailed) {
  expect_stop_after(1, {"--cleave-fail-fast"});
  const std::string remembered = box_.read(box_.home_of(of("retries")) + "/last-failed");
  EXPECT_EQ(std::count(remembered.begin(), remembered.end(), '\n'), 60) << remembered;
}

// R24
TEST_P(FailFast, BelowTheLimitEverythingRuns) {
  const Finished run = run_of({"Never.*", "All/Crowd*"}, {"--cleave-fail-fast=2"});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(report()["totals"]["failed"], 1);
  EXPECT_EQ(report()["totals"]["passed"], 60);
}

// R24: a test counts once, and only when its last attempt was red.
TEST_P(FailFast, CountsNoTestThatPassesWhenItIsTriedAgain) {
  const Finished run = run_of({"Chance.*", "All/Crowd*"}, {"--cleave-fail-fast", "--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(report()["totals"]["passed"], 61);
  EXPECT_EQ(report()["totals"]["flaky"], 1);
}

// R24
TEST_P(FailFast, CountsATestOnceHoweverOftenItWasTried) {
  const Finished run = run_of({"Never.*", "All/Crowd*"}, {"--cleave-fail-fast=2", "--cleave-retries=3"});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(report()["totals"]["failed"], 1);
  EXPECT_EQ(report()["totals"]["passed"], 60);
}

// R14, R24
TEST_P(FailFast, DoesNotCountWhatIsInQuarantine) {
  box_.write("cleave.json", R"({"fail_fast": 1, "quarantine": [{"tests": ["Never.*"], "until": "9999-12-31"}]})");
  box_.write("settings", "cleave-settings 1\nconfig\t" + box_.path("cleave.json") + "\n");
  const Finished run = run_of({"Never.*", "All/Crowd*"}, {"--cleave-settings=" + box_.path("settings")});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(report()["totals"]["passed"], 60);
  EXPECT_THAT(run.out, Not(HasSubstr("fail-fast")));
}

INSTANTIATE_TEST_SUITE_P(Frameworks, FailFast, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
