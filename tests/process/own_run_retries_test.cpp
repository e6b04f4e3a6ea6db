// Tests that are tried again: what the ladder says of them, what flaky means for the run, and what is borne.

#include <gmock/gmock.h>

#include <iterator>
#include <map>
#include <sstream>

#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

const std::string kChance = "it failed by chance: it passed when run again in the same process";
const std::string kChanceOrLeftBehind =
    "it failed by chance, or earlier tests left something behind: it passed in a fresh process";
const std::string kLeftBehind = "earlier tests left something behind: it passed in a fresh process";
const std::string kInterference = "other shards interfere: it passed when nothing ran beside it";

class Retries : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    box_.set("RETRIES_FOLDER", box_.folder());
  }
  /// Of the program `retries`, the tests that the patterns name.
  Finished run_of(const std::vector<std::string>& patterns, unsigned jobs, Sandbox::Arguments arguments) {
    std::string filter;
    for (const std::string& pattern : patterns) filter += (filter.empty() ? "" : is_gtest() ? ":" : ",") + pattern;
    arguments.push_back(is_gtest() ? "--gtest_filter=" + filter : filter);
    return box_.sharded(of("retries"), jobs, arguments);
  }
  Json report() const { return box_.report(of("retries")); }
  Json named(const std::string& name) const { return test_named(report(), name); }
  std::string junit() const { return box_.read(box_.home_of(of("retries")) + "/latest/junit.xml"); }
  /// The settings of CMake, with a CONFIG that holds `config`.
  std::string settings(const std::string& config) {
    box_.write("cleave.json", config);
    box_.write("settings", "cleave-settings 1\nconfig\t" + box_.path("cleave.json") + "\n");
    return "--cleave-settings=" + box_.path("settings");
  }
};

std::vector<std::string> outcomes_of(const Json& test) {
  std::vector<std::string> all;
  for (const Json& attempt : test["attempts"]) all.push_back(attempt["outcome"]);
  return all;
}

// R24: by chance, the next attempt passes, on whichever rung that is; the report says so everywhere.
TEST_P(Retries, ATestThatPassesLaterIsGreenAndFlaky) {
  const Finished run = run_of({"Chance.*"}, 2, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  const Json test = named("Chance.FailsOnce");
  EXPECT_EQ(test["outcome"], "passed");
  EXPECT_EQ(test["flaky"], true);
  EXPECT_EQ(outcomes_of(test), (std::vector<std::string>{"failed", "passed"}));
  EXPECT_EQ(test["attempts"][0]["rung"], "as planned");
  const bool in_same_process = GetParam() == "gtest";  // Catch2 runs a test once in a process.
  EXPECT_EQ(test["attempts"][1]["rung"], in_same_process ? "in the same process" : "in a fresh process");
  EXPECT_EQ(test["cause"], in_same_process ? kChance : kChanceOrLeftBehind);
  EXPECT_EQ(report()["totals"]["flaky"], 1);
  EXPECT_EQ(report()["totals"]["failed"], 0);
  EXPECT_THAT(junit(), HasSubstr("<flakyFailure"));
  EXPECT_THAT(junit(), Not(HasSubstr("<failure")));
  EXPECT_THAT(run.out, HasSubstr("attempt 1, will be tried again"));
  EXPECT_THAT(run.out, HasSubstr("  flaky      Chance.FailsOnce"));
  EXPECT_THAT(run.out, HasSubstr("(" + test["cause"].get<std::string>() + ")"));
  EXPECT_THAT(run.out, HasSubstr("green, though 1 test was flaky"));
}

// R24
TEST_P(Retries, FlakyIsRedWhenToldSo) {
  const Finished run = run_of({"Chance.*"}, 2, {"--cleave-retries=3", "--cleave-flaky=fail"});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(named("Chance.FailsOnce")["outcome"], "passed");
  EXPECT_THAT(run.out, HasSubstr("red: 1 flaky"));
  // A run in which nothing flaked is none the worse for it.
  EXPECT_EQ(run_of({"Chance.*"}, 2, {"--cleave-retries=3", "--cleave-flaky=fail"}).code, 0);
}

// R24
TEST_P(Retries, WithoutRetriesAFailureStays) {
  const Finished run = run_of({"Chance.*"}, 2, {});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(outcomes_of(named("Chance.FailsOnce")), std::vector<std::string>{"failed"});
}

// R24
TEST_P(Retries, ATestThatNeverPassesUsesAllAttemptsAndStaysRed) {
  const Finished run = run_of({"Never.*"}, 2, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json test = named("Never.Passes");
  EXPECT_EQ(test["outcome"], "failed");
  EXPECT_EQ(test["flaky"], false);
  EXPECT_EQ(test["cause"], "");
  EXPECT_EQ(outcomes_of(test), std::vector<std::string>(4, "failed"));
  EXPECT_EQ(box_.read("count.Never.Passes"), "xxxx");
  EXPECT_EQ(test["attempts"][3]["rung"], "alone");
  EXPECT_EQ(run.out.find("will be tried again"), run.out.find("attempt 1, will be tried again") + 11);
  EXPECT_THAT(junit(), HasSubstr("<rerunFailure"));
  EXPECT_THAT(junit(), Not(HasSubstr("<flakyFailure")));
}

// R20, R24: what took its process with it can only be tried in another one.
TEST_P(Retries, ACrashIsTriedAgainInAFreshProcess) {
  const Finished run = run_of({"Crash.*", "All/Order.Matters/0"}, 1, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  const Json test = named("Crash.ComesOnce");
  EXPECT_EQ(outcomes_of(test), (std::vector<std::string>{"crashed", "passed"}));
  EXPECT_EQ(test["attempts"][1]["rung"], "in a fresh process");
  EXPECT_EQ(test["cause"], kChanceOrLeftBehind);
  EXPECT_THAT(junit(), HasSubstr("<flakyError"));
}

// R20, R24
TEST_P(Retries, AHangIsTriedAgainInAFreshProcess) {
  const Finished run = run_of({"Hang.*"}, 2, {"--cleave-retries=3", "--cleave-timeout=1s"});
  EXPECT_EQ(run.code, 0) << run.told();
  const Json test = named("Hang.ComesOnce");
  const std::vector<std::string> outcomes = outcomes_of(test);
  ASSERT_GE(outcomes.size(), 2U);
  EXPECT_EQ(outcomes.front(), "timed_out");
  EXPECT_EQ(outcomes.back(), "passed");
  EXPECT_EQ(test["attempts"][1]["rung"], "in a fresh process");
  EXPECT_TRUE(box_.all_processes_end());
}

// R24: what earlier tests left is no longer there in a process of the test's own.
TEST_P(Retries, AFreshProcessTellsThatEarlierTestsLeftSomethingBehind) {
  if (kSanitized && GetParam() != "gtest") GTEST_SKIP() << kOneProcessEach;
  const Finished run = run_of({"All/Order.*"}, 1, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  int flaky = 0;
  const Json told = report();
  for (const Json& test : told["tests"]) {
    if (test["flaky"] == false) continue;
    ++flaky;
    EXPECT_EQ(test["cause"], GetParam() == "gtest" ? kLeftBehind : kChanceOrLeftBehind) << test["full_name"];
    EXPECT_EQ(test["attempts"].back()["rung"], "in a fresh process") << test["full_name"];
  }
  EXPECT_GT(flaky, 0) << run.told();
}

// R24: the last rung is for tests that others disturb: nothing runs beside it.
TEST_P(Retries, AnAttemptAloneTellsThatOtherShardsInterfere) {
  const Finished run = run_of({"Disturb*", "All/Crowd*"}, 3, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  const Json test = named("Disturbed.ByOthers");
  EXPECT_EQ(test["flaky"], true);
  EXPECT_EQ(test["cause"], kInterference) << run.told();
  EXPECT_EQ(test["attempts"].back()["rung"], "alone");
  const auto lines = test_lines(box_.read("log"));
  EXPECT_EQ(count_lines(lines, "start"), 60 + static_cast<int>(test["attempts"].size()));
  // Its attempt alone is the last one; those before were meant to run beside others.
  std::vector<TestLine> late;
  std::size_t attempts = 0;
  for (const TestLine& line : lines) {
    TestLine one = line;
    if (line.test == "Disturbed.ByOthers" && line.what == "start") ++attempts;
    if (line.test == "Disturbed.ByOthers" && attempts == test["attempts"].size()) one.test = "alone";
    late.push_back(one);
  }
  EXPECT_EQ(forbidden_overlaps(late, [](const std::string& one, const std::string&) { return one == "alone"; }),
            std::vector<std::string>{});
}

// R24
TEST_P(Retries, HoldTheLocksOfTheirTests) {
  const Finished run = run_of({"Lock*"}, 3, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 0) << run.told();
  const auto lines = test_lines(box_.read("log"));
  EXPECT_EQ(count_lines(lines, "start"), 9);
  EXPECT_EQ(forbidden_overlaps(lines, [](const std::string&, const std::string&) { return true; }),
            std::vector<std::string>{});
}

// R24: before an attempt in a new process there is a pause, of at least half of 50 ms.
TEST_P(Retries, WaitBeforeTheyStart) {
  const Finished run = run_of({"Never.*"}, 1, {"--cleave-retries=3"});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json attempts = named("Never.Passes")["attempts"];
  std::istringstream text(box_.read("times"));
  std::vector<double> starts{std::istream_iterator<double>(text), {}};
  ASSERT_EQ(attempts.size(), 4U);
  ASSERT_EQ(starts.size(), 4U);
  for (std::size_t i = 1; i < 4; ++i) {
    if (attempts[i]["rung"] == "in the same process") continue;
    EXPECT_GE(starts[i] - starts[i - 1], 0.025 * static_cast<double>(1U << (i - 1))) << "attempt " << i + 1;
  }
}

// R24: when everything fails, trying everything again only takes time.
TEST_P(Retries, AreLimitedForTheWholeRun) {
  box_.set("RETRIES_CROWD", "red");
  const Finished run = run_of({"All/Crowd*"}, 3, {"--cleave-retries=2"});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(report()["totals"]["failed"], 60);
  EXPECT_EQ(count_lines(test_lines(box_.read("log")), "start"), 60 + 50);
  EXPECT_THAT(run.out, HasSubstr("the run allows 50 retries, and all are used up"));
}

// R14, R24: red, shown, and borne until its day.
TEST_P(Retries, AFailureInQuarantineIsShownAndLeavesTheRunGreen) {
  const Finished run =
      run_of({"Never.*"}, 2,
             {settings(R"({"quarantine": [{"tests": ["Never.*"], "until": "9999-12-31", "reason": "issue 12"}]})")});
  EXPECT_EQ(run.code, 0) << run.told();
  const Json test = named("Never.Passes");
  EXPECT_EQ(test["outcome"], "failed");
  EXPECT_EQ(test["quarantine"], "until 9999-12-31: issue 12");
  EXPECT_EQ(report()["totals"]["quarantined"], 1);
  EXPECT_THAT(run.out, HasSubstr("(in quarantine until 9999-12-31: issue 12)"));
  EXPECT_THAT(run.out, HasSubstr("green, though 1 red test is in quarantine"));
  EXPECT_THAT(junit(), HasSubstr("cleave.quarantine"));
}

// R14, R24
TEST_P(Retries, AQuarantineThatIsOverIsToldAndBearsNothing) {
  const Finished run =
      run_of({"Never.*"}, 2, {settings(R"({"quarantine": [{"tests": ["Never.*"], "until": "2020-02-29"}]})")});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(named("Never.Passes")["quarantine"], "");
  EXPECT_EQ(report()["totals"]["quarantined"], 0);
  EXPECT_THAT(run.out, HasSubstr("the quarantine of 'Never.*' ended with 2020-02-29"));
  EXPECT_THAT(report()["notes"].dump(), HasSubstr("ended with 2020-02-29"));
}

// R24: what is borne when it fails is borne when it fails and then passes, too.
TEST_P(Retries, AFlakyTestInQuarantineIsBorneWhereFlakyIsRed) {
  const Finished run = run_of({"Chance.*"}, 2, {settings(R"({"retries": 3, "flaky": "fail",
      "quarantine": [{"tests": ["Chance.*"], "until": "9999-12-31"}]})")});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(named("Chance.FailsOnce")["flaky"], true);
}

// R02: what a rule isolates has a process to itself; the others share theirs.
TEST_P(Retries, WhatAPatternIsolatesSharesNoProcess) {
  const Finished run = run_of({"All/Crowd*"}, 2, {settings(R"({"rules": [
      {"tests": ["All/Crowd.Test/1?"], "tags": ["isolation:test"]},
      {"tests": ["All/Crowd.Test/2?"], "tags": ["isolation:suite"]}]})")});
  EXPECT_EQ(run.code, 0) << run.told();
  std::map<std::string, std::vector<std::string>> by_process;
  for (const TestLine& line : test_lines(box_.read("log"))) {
    if (line.what == "start") by_process[line.values.at("pid")].push_back(line.test.substr(line.test.find('.') + 1));
  }
  int alone = 0;
  std::size_t shared = 0;
  for (const auto& [pid, tests] : by_process) {
    const auto kind = [](const std::string& test) { return test.size() == 2 && test[0] <= '2' ? test[0] : ' '; };
    for (const std::string& test : tests) EXPECT_EQ(kind(test), kind(tests.front())) << pid;
    if (kind(tests.front()) == '1') alone += tests.size() == 1 ? 1 : 100;
    if (kind(tests.front()) == ' ') shared = std::max(shared, tests.size());
  }
  EXPECT_EQ(alone, 10);
  if (kSanitized && GetParam() != "gtest") GTEST_SKIP() << "that the others share one: " << kOneProcessEach;
  EXPECT_GT(shared, 1U);
}

// R24: the second run is one of a test like any other: its suite's set-up and its neighbours run once, its own again.
TEST(SecondRun, IsWithinItsSuiteWhoseSetUpRunsOnce) {
  for (const char* order : {"--gtest_shuffle=0", "--gtest_shuffle=1"}) {
    Sandbox box;
    box.set("RETRIES_FOLDER", box.folder());
    const Finished run = box.sharded(
        program("gtest_retries"), 1,
        {"--cleave-retries=2", "--gtest_filter=*Second.*", order, "--gtest_output=xml:" + box.path("own.xml")});
    EXPECT_EQ(run.code, 0) << run.told();
    std::map<std::string, int> times;
    std::istringstream log(box.read("second"));
    for (std::string line; std::getline(log, line);) ++times[line];
    const std::map<std::string, int> expected{{"suite set up", 2}, {"set up", 8},         {"Before", 2},
                                              {"FailsOnce 1", 2},  {"FailsOnce 2", 2},    {"After 1", 2},
                                              {"tear down", 8},    {"suite torn down", 2}};
    EXPECT_EQ(times, expected) << box.read("second");
    const std::string xml = box.read("own.xml");
    EXPECT_THAT(xml, HasSubstr("tests=\"6\" failures=\"0\""));
  }
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Retries, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
