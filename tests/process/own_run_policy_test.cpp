// What happens when tests fail: other attempts, and what the one that passes says; an end; or nothing, in quarantine.
#include <fstream>
#include <iterator>

#include "own_run.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

class FailurePolicy : public testing::Test {
 protected:
  void SetUp() override {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.set("POLICY_FOLDER", box_.path("."));
  }
  Finished run(unsigned jobs, const std::string& filter, std::vector<std::string> arguments = {}) {
    box_.write("log", "");
    arguments.insert(arguments.begin(), "--gtest_filter=" + filter);
    return box_.sharded(program("gtest_policy"), jobs, arguments);
  }
  Json report() const { return box_.report(program("gtest_policy")); }
  Json test(const std::string& name) const { return test_named(report(), name); }
  std::vector<std::string> rungs_of(const std::string& name) const {
    std::vector<std::string> rungs;
    const Json one = test(name);
    for (const Json& attempt : one["attempts"]) rungs.push_back(attempt["rung"]);
    if (rungs.empty()) rungs.emplace_back("none");
    return rungs;
  }
  int times(const std::string& name) const {
    std::istringstream lines(box_.read("log"));
    int count = 0;
    for (std::string line; std::getline(lines, line);) count += line == name ? 1 : 0;
    return count;
  }
  std::string quarantine(const std::string& pattern, const std::string& until) {
    box_.write("cleave.json", R"({"quarantine": [{"tests": [")" + pattern + R"("], "until": ")" + until +
                                  R"(", "reason": "waits for the new driver"}]})");
    box_.write("settings", "cleave-settings 1\nconfig\t" + box_.path("cleave.json") + "\n");
    return "--cleave-settings=" + box_.path("settings");
  }
  Sandbox box_;
};

// R24, R29
TEST_F(FailurePolicy, ATestThatNeedsACleanProcessPassesInOneAndTheCauseIsNamed) {
  const Finished ran = run(1, "Dirty.*", {"--cleave-retries=3"});
  EXPECT_EQ(ran.code, 0) << ran.told();
  const Json dirty = test("Dirty.WantsACleanProcess");
  EXPECT_EQ(dirty["outcome"], "passed");
  EXPECT_EQ(dirty["flaky"], true);
  EXPECT_EQ(dirty["cause"], "earlier tests left something behind: it passed in a fresh process");
  EXPECT_EQ(rungs_of("Dirty.WantsACleanProcess").back(), "in a fresh process");
  EXPECT_EQ(rungs_of("Dirty.LeavesSomethingBehind"), std::vector<std::string>{"as planned"});
  EXPECT_NE(ran.out.find("will be tried again"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("(1 flaky)"), std::string::npos) << ran.out;
}

TEST_F(FailurePolicy, ATestThatOthersDisturbPassesAloneAndTheCauseIsNamed) {
  const Finished ran = run(2, "*Noise*:Quiet.*", {"--cleave-retries=3"});
  EXPECT_EQ(ran.code, 0) << ran.told();
  EXPECT_EQ(test("Quiet.IsDisturbedByOthers")["cause"], "other shards interfere: it passed when nothing ran beside it");
  EXPECT_EQ(rungs_of("Quiet.IsDisturbedByOthers").back(), "alone");
}

TEST_F(FailurePolicy, ACrashIsTriedAgainInAFreshProcess) {
  EXPECT_EQ(run(2, "Hard.*:Of/*", {"--cleave-retries=1"}).code, 0);
  EXPECT_EQ(rungs_of("Hard.CrashesAtFirst"), (std::vector<std::string>{"as planned", "in a fresh process"}));
  EXPECT_EQ(test("Hard.CrashesAtFirst")["attempts"][0]["outcome"], "crashed");
}

TEST_F(FailurePolicy, WithoutRetriesEveryTestRunsOnce) {
  EXPECT_EQ(run(2, "*:-*Noise*:Quiet.*").code, 1);
  EXPECT_EQ(times("Always.Fails"), 1);
  EXPECT_EQ(times("Chance.PassesFromTheThirdAttemptOn"), 1);
}

TEST_F(FailurePolicy, WhatAlwaysFailsRunsAsOftenAsAllowedAndIsRed) {
  EXPECT_EQ(run(2, "Always.*:Of/*", {"--cleave-retries=2"}).code, 1);
  EXPECT_EQ(times("Always.Fails"), 3);
  const Json always = test("Always.Fails");
  EXPECT_EQ(always["outcome"], "failed");
  EXPECT_EQ(always["flaky"], false);
  EXPECT_EQ(always["attempts"].size(), 3U);
  EXPECT_EQ(report()["totals"]["failed"], 1);
}

TEST_F(FailurePolicy, AFlakyTestIsRedOnlyWhenThatIsWished) {
  const std::string filter = "Chance.*:Of/*";
  EXPECT_EQ(run(2, filter, {"--cleave-retries=3", "--cleave-flaky=pass"}).code, 0);
  EXPECT_EQ(report()["totals"]["flaky"], 1);
  const Finished red = run(2, filter, {"--cleave-retries=3", "--cleave-flaky=fail"});
  EXPECT_EQ(red.code, 1) << red.told();
  EXPECT_NE(red.out.find("red: 1 flaky"), std::string::npos) << red.out;
  std::ifstream file(box_.home_of(program("gtest_policy")) + "/latest/junit.xml");
  const std::string junit((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(junit.find("<flakyFailure"), std::string::npos);
}

// R14. In one shard the failure comes first; of two, the other might have run the rest meanwhile.
TEST_F(FailurePolicy, FailFastLeavesTheRestNotRunAndSaysWhy) {
  const Finished ran = run(1, "Always.*:Of/*", {"--cleave-fail-fast"});
  EXPECT_EQ(ran.code, 1) << ran.told();
  const Json totals = report()["totals"];
  EXPECT_EQ(totals["failed"], 1);
  EXPECT_GT(totals["not_run"], 0);
  EXPECT_EQ(totals["passed"].get<int>() + totals["not_run"].get<int>(), 30);
  EXPECT_NE(ran.out.find("stopped after 1 failed test (fail-fast)"), std::string::npos) << ran.out;
}

TEST_F(FailurePolicy, FailFastBearsFewerFailuresThanItsLimit) {
  EXPECT_EQ(run(2, "Always.*:Chance.*:Of/*", {"--cleave-fail-fast=3"}).code, 1);
  EXPECT_EQ(report()["totals"]["not_run"], 0);
  EXPECT_EQ(run(2, "Always.*:Chance.*:Of/*", {"--cleave-fail-fast=50%"}).code, 1);
  EXPECT_EQ(report()["totals"]["not_run"], 0);
}

// R14, R24: what is tried again and passes does not count.
TEST_F(FailurePolicy, FailFastCountsTestsThatStayRed) {
  EXPECT_EQ(run(2, "Chance.*:Hard.*:Of/*", {"--cleave-fail-fast", "--cleave-retries=3"}).code, 0);
}

TEST_F(FailurePolicy, QuarantineLeavesTheRunGreenUntilItsLastDay) {
  const Finished borne = run(2, "Always.*:Of/*", {quarantine("Always.*", "2999-12-31")});
  EXPECT_EQ(borne.code, 0) << borne.told();
  EXPECT_EQ(test("Always.Fails")["outcome"], "failed");
  EXPECT_EQ(test("Always.Fails")["quarantine"], "until 2999-12-31: waits for the new driver");
  EXPECT_NE(borne.out.find("in quarantine until 2999-12-31"), std::string::npos) << borne.out;
  const Finished over = run(2, "Always.*:Of/*", {quarantine("Always.*", "2020-01-01")});
  EXPECT_EQ(over.code, 1) << over.told();
  EXPECT_NE(over.out.find("ended with 2020-01-01"), std::string::npos) << over.out;
}

TEST_F(FailurePolicy, QuarantineOfOneTestHidesNoOther) {
  EXPECT_EQ(run(2, "Always.*:Chance.*", {quarantine("Always.*", "2999-12-31")}).code, 1);
}

}  // namespace
}  // namespace cleave::test
