// What tests leave behind: cleanups of a test and of a process, hooks for a prefix, temporary folders.

#include "fixture_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class FixtureData : public FixtureRuns {
 protected:
  std::vector<std::string> left() const { return names_in(box_.home_of(binary_) + "/left"); }
};

// R11: after the test, the newest first.
TEST_P(FixtureData, CleanupsOfATestRunOnceBehindItTheNewestFirst) {
  const Finished run = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(run.code, 0) << run.told();
  const FixtureLog log = this->log();
  for (const char* what : {"body", "cleanup second", "cleanup first"}) EXPECT_EQ(log.count(what), 1U) << what;
  EXPECT_LT(log.first("body"), log.first("cleanup second"));
  EXPECT_LT(log.first("cleanup second"), log.first("cleanup first"));
  EXPECT_EQ(log.pid_of("cleanup first"), log.pid_of("body"));
  EXPECT_EQ(log.count("process cleanup"), 1U);
  expect_nothing_left();
}

// R11: what could not be undone is a failure of the test that did it, and of no other.
TEST_P(FixtureData, ACleanupThatFailsFailsItsTest) {
  box_.set("FIXTURES_FAIL_CLEANUP", "1");
  const Finished run = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["totals"]["failed"], 1);
  EXPECT_EQ(report["totals"]["passed"], 4);
  const Json test = test_named(report, alone("FailsWhenItsCleanupDoes", "fails when its cleanup does"));
  EXPECT_EQ(test["outcome"], "failed");
  EXPECT_THAT(test.dump(), HasSubstr("the table is in use"));
  EXPECT_THAT(run.out, HasSubstr("the table is in use"));
  expect_nothing_left();
}

// R21: each prefix that a shard had is cleaned once, before the fixtures that its data lies in go.
TEST_P(FixtureData, EachPrefixIsCleanedOnce) {
  for (const unsigned jobs : {1U, 3U}) {
    clear_log();
    const Finished run = box_.sharded(binary_, jobs);
    EXPECT_EQ(run.code, 0) << run.told();
    const FixtureLog log = this->log();
    const auto cleaned = log.all("cleaned ");
    EXPECT_EQ(cleaned.size(), jobs);
    EXPECT_EQ(std::set<std::string>(cleaned.begin(), cleaned.end()).size(), jobs);
    for (const std::string& line : log.all("saw instance ")) {
      EXPECT_EQ(log.count("cleaned " + words_of(line).front()), 1U) << line;
    }
    EXPECT_EQ(log.count("swept"), 0U);
    EXPECT_LT(log.last("saw "), log.first("cleaned "));
    EXPECT_LT(log.last("tear_down instance"), log.last("cleaned "));
    EXPECT_LT(log.last("cleaned "), log.first("tear_down top"));
    expect_nothing_left();
  }
}

// R21: a worker that was killed could not clean up; somebody does.
TEST_P(FixtureData, ThePrefixOfAKilledWorkerIsCleaned) {
  box_.set("FIXTURES_DEED", "Own3");
  box_.set("FIXTURES_DEED_IS", "kill self");
  const Finished run = box_.sharded(binary_, 2);
  EXPECT_EQ(run.code, 1) << run.told();
  const FixtureLog log = this->log();
  const auto cleaned = log.all("cleaned ");
  EXPECT_EQ(cleaned.size(), 2U);
  EXPECT_EQ(std::set<std::string>(cleaned.begin(), cleaned.end()).size(), 2U);
  EXPECT_THAT(problem_titles(box_.report(binary_)), IsEmpty());
  expect_nothing_left();
}

// R21: what a hook could not clean is told, kept in mind, and tried again by the next run.
TEST_P(FixtureData, WhatAHookCannotCleanIsSweptByTheNextRun) {
  box_.set("FIXTURES_FAIL", "leftovers");
  const Finished run = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(box_.report(binary_)["totals"]["passed"], 5);
  const auto problems = problems_with(box_.report(binary_), "could not be cleaned up");
  ASSERT_EQ(problems.size(), 2U);
  for (const Json& problem : problems) {
    EXPECT_EQ(problem["warning"], false);
    EXPECT_THAT(problem["detail"], HasSubstr("'leftovers': the bucket is locked"));
  }
  EXPECT_EQ(left().size(), 1U);
  const auto cleaned = log().all("cleaned ");

  // It still cannot: a warning now, and no less remembered.
  clear_log();
  const Finished second = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(second.code, 1) << second.told();
  auto swept = log().all("swept ");
  EXPECT_EQ(std::set<std::string>(swept.begin(), swept.end()), std::set<std::string>(cleaned.begin(), cleaned.end()));
  int warnings = 0;
  for (const Json& problem : problems_with(box_.report(binary_), "could not be cleaned up")) {
    warnings += problem["warning"] == true ? 1 : 0;
  }
  EXPECT_EQ(warnings, 2);
  EXPECT_EQ(left().size(), 2U);

  clear_log();
  box_.unset("FIXTURES_FAIL");
  const Finished third = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(third.code, 0) << third.told();
  swept = log().all("swept ");
  EXPECT_EQ(std::set<std::string>(swept.begin(), swept.end()).size(), 4U);
  EXPECT_EQ(swept.size(), 4U);
  EXPECT_EQ(log().count("cleaned "), 2U);
  EXPECT_LT(log().last("swept"), log().first("body"));
  expect_nothing_left();
}

// R04: the folder of a shard with a failure is kept, and the report says where it is.
TEST_P(FixtureData, TheFolderOfAFailedTestIsKeptAndTold) {
  const Finished green = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(green.code, 0) << green.told();
  ASSERT_EQ(log().count("evidence "), 1U);
  EXPECT_FALSE(std::filesystem::exists(log().all("evidence ").front()));
  expect_nothing_left();

  clear_log();
  box_.set("FIXTURES_FAIL_TEST", "1");
  const Finished run = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(run.code, 1) << run.told();
  ASSERT_EQ(log().count("evidence "), 1U);
  const std::string evidence = log().all("evidence ").front();
  EXPECT_TRUE(std::filesystem::exists(evidence)) << evidence;
  const std::string folder = std::filesystem::path(evidence).parent_path().string();
  const Json test = test_named(box_.report(binary_), alone("LeavesAFile", "leaves a file"));
  EXPECT_THAT(test.dump(), HasSubstr(folder));
  EXPECT_THAT(run.out, HasSubstr(folder));
  EXPECT_THAT(box_.read(box_.home_of(binary_) + "/latest/junit.xml"), HasSubstr(folder));
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, FixtureData, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
