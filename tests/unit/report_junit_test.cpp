#include "report/junit.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"
#include "../support/xml_tree.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::failed_attempt;
using test::ReportBuilder;
using test::XmlNode;

XmlNode parsed(const RunReport& report, JunitDialect dialect = JunitDialect::located) {
  const std::string xml = junit_xml(report, dialect);
  const std::optional<XmlNode> root = test::parse_xml(xml);
  if (!root) ADD_FAILURE() << "not well-formed:\n" << xml;
  return root.value_or(XmlNode{});
}

/// The only row of that name; an empty node, with a failure, when there is not exactly one.
XmlNode row_of(const XmlNode& root, std::string_view name) {
  std::vector<const XmlNode*> rows;
  root.collect("testcase", rows);
  XmlNode found;
  int count = 0;
  for (const XmlNode* row : rows) {
    if (row->at("name") != name) continue;
    found = *row;
    ++count;
  }
  EXPECT_EQ(count, 1) << name;
  return found;
}

TEST(Junit, WholeDocumentIsAsDocumented) {
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  builder.test("Store", "Writes", {failed_attempt("Expected: 1 < 0")});
  EXPECT_EQ(junit_xml(builder.report()), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="store_tests" tests="2" failures="1" errors="0" time="3.210">
  <testsuite name="Store" tests="2" failures="1" errors="0" skipped="0" time="0.024" timestamp="2023-11-14T22:13:20.000Z" hostname="host-a">
    <testcase classname="Store" name="Reads" time="0.012" file="store_test.cpp" line="10"/>
    <testcase classname="Store" name="Writes" time="0.012" file="store_test.cpp" line="11">
      <failure message="Expected: 1 &lt; 0" type="failed">store_test.cpp:42
Expected: 1 &lt; 0
(shard-1, attempt 1)</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(Junit, RowOfARedTestSaysWhereTheFilesOfItsShardAre) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  builder.report().rows[0].attempts[0].files = "/runs/1/tmp/s1";
  EXPECT_NE(junit_xml(builder.report()).find("<property name=\"cleave.files\" value=\"/runs/1/tmp/s1\"/>"),
            std::string::npos);
}

TEST(Junit, CrashedTestIsAnErrorRow) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  const XmlNode root = parsed(builder.report());
  const XmlNode row = row_of(root, "Dies");
  ASSERT_NE(row.first("error"), nullptr);
  EXPECT_EQ(row.first("error")->at("message"), "killed by SIGSEGV");
  EXPECT_EQ(row.first("error")->at("type"), "crashed");
  EXPECT_EQ(root.at("errors"), "1");
  EXPECT_EQ(root.at("failures"), "0");
}

TEST(Junit, TimedOutAndNotRunAreErrorsToo) {
  ReportBuilder builder;
  builder.test("Store", "Hangs", {attempt(Outcome::timed_out, "no end after 5 s")});
  builder.test("Store", "Lost", std::vector<Attempt>{});
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("errors"), "2");
  ASSERT_NE(row_of(root, "Lost").first("error"), nullptr);
  EXPECT_EQ(row_of(root, "Lost").first("error")->at("type"), "not run");
}

TEST(Junit, SkipsSayWhy) {
  ReportBuilder builder;
  Attempt skipped = attempt(Outcome::skipped);
  skipped.messages.push_back({MessageKind::skip, "store_test.cpp", 7, "no server"});
  builder.test("Store", "Skips", {skipped});
  builder.disabled("Store", "DISABLED_Off");
  const XmlNode root = parsed(builder.report());
  ASSERT_NE(row_of(root, "Skips").first("skipped"), nullptr);
  EXPECT_EQ(row_of(root, "Skips").first("skipped")->at("message"), "no server");
  ASSERT_NE(row_of(root, "DISABLED_Off").first("skipped"), nullptr);
  EXPECT_EQ(root.children.at(0).at("skipped"), "2");
}

TEST(Junit, FailedAttemptOfAGreenTestIsFlaky) {
  ReportBuilder builder;
  Attempt first = failed_attempt("too slow");
  first.output = test::output("first try");
  builder.test("Store", "Flaky", {first, attempt(Outcome::passed)}).flaky = true;
  const XmlNode root = parsed(builder.report());
  const XmlNode row = row_of(root, "Flaky");
  EXPECT_EQ(root.at("failures"), "0");
  EXPECT_EQ(row.first("failure"), nullptr);
  ASSERT_EQ(row.all("flakyFailure").size(), 1u);
  ASSERT_NE(row.first("flakyFailure")->first("system-out"), nullptr);
  EXPECT_EQ(row.first("flakyFailure")->first("system-out")->text, "first try");
}

TEST(Junit, EarlierAttemptsOfARedTestAreReruns) {
  ReportBuilder builder;
  builder.test("Store", "Red",
               {attempt(Outcome::crashed, "killed by SIGABRT"), failed_attempt("a"), failed_attempt("b")});
  const XmlNode row = row_of(parsed(builder.report()), "Red");
  EXPECT_EQ(row.all("failure").size(), 1u);
  EXPECT_EQ(row.all("rerunError").size(), 1u);
  EXPECT_EQ(row.all("rerunFailure").size(), 1u);
}

TEST(Junit, WorstRepetitionIsTheOneShown) {
  ReportBuilder builder;
  Attempt second = failed_attempt("second time");
  second.repetition = 1;
  Attempt third = attempt(Outcome::passed);
  third.repetition = 2;
  builder.test("Store", "Repeated", {attempt(Outcome::passed), second, third}).outcome = Outcome::failed;
  const XmlNode root = parsed(builder.report());
  const XmlNode row = row_of(root, "Repeated");
  ASSERT_EQ(row.all("failure").size(), 1u);
  EXPECT_EQ(row.first("failure")->at("message"), "second time");
  EXPECT_TRUE(row.all("flakyFailure").empty()) << "another repetition is no retry";
  EXPECT_EQ(root.at("tests"), "1");
}

TEST(Junit, ProblemBesideTheTestsIsARedRow) {
  ReportBuilder builder;
  builder.test("Store", "Green", Outcome::passed);
  builder.problem("shard-2: exit status 23").detail = "after all tests passed";
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("errors"), "1");
  EXPECT_EQ(root.children.at(1).at("name"), "store_tests (run)");
  EXPECT_NE(row_of(root, "shard-2: exit status 23").first("error"), nullptr);
}

TEST(Junit, WarningIsNoRow) {
  ReportBuilder builder;
  builder.test("Store", "Green", Outcome::passed);
  builder.problem("leaked process 77").warning = true;
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("tests"), "1");
  EXPECT_EQ(root.at("errors"), "0");
  EXPECT_NE(junit_xml(builder.report()).find("leaked process 77"), std::string::npos);
}

TEST(Junit, InterruptedRunIsRedThoughAllThatRanIsGreen) {
  ReportBuilder builder;
  builder.test("Store", "Green", Outcome::passed);
  builder.report().interrupted_by = "SIGTERM";
  EXPECT_EQ(parsed(builder.report()).at("errors"), "1");
}

TEST(Junit, FlakyTestThatMakesTheRunRedIsARedRow) {  // R12
  ReportBuilder builder;
  builder.test("Store", "Flaky", {failed_attempt("no"), attempt(Outcome::passed)}).flaky = true;
  EXPECT_EQ(parsed(builder.report()).at("errors"), "0");
  builder.report().flaky_is_red = true;
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("errors"), "1");
  EXPECT_NE(row_of(root, "1 flaky test makes the run red").first("error"), nullptr);
}

TEST(Junit, StacksStandInTheTextOfTheError) {  // R15
  ReportBuilder builder;
  Attempt crashed = attempt(Outcome::crashed, "killed by SIGSEGV");
  crashed.stacks = "thread 1\n  #0  Store::read()  store.cpp:12";
  builder.test("Store", "Dies", {crashed, crashed});
  const XmlNode row = row_of(parsed(builder.report()), "Dies");
  ASSERT_NE(row.first("error"), nullptr);
  EXPECT_TRUE(row.first("error")->text.ends_with("\nthread 1\n  #0  Store::read()  store.cpp:12"))
      << row.first("error")->text;
  ASSERT_NE(row.first("rerunError"), nullptr);
  EXPECT_NE(row.first("rerunError")->first("stackTrace")->text.find("#0  Store::read()"), std::string::npos);
}

TEST(Junit, LeavesOutWhatWasNotSelected) {
  ReportBuilder builder;
  builder.test("Store", "In", Outcome::passed);
  builder.unselected("Other", "Out");
  EXPECT_EQ(junit_xml(builder.report()).find("Other"), std::string::npos);
}

TEST(Junit, SuiteSplitOverShardsIsOneElement) {
  ReportBuilder builder;
  builder.test("A", "one", Outcome::passed);
  builder.test("B", "two", Outcome::passed);
  builder.test("A", "three", Outcome::passed);
  EXPECT_EQ(parsed(builder.report()).all("testsuite").size(), 2u);
}

TEST(Junit, Catch2TestsWithoutClassStandUnderTheTarget) {
  ReportBuilder builder("catch2");
  builder.test("", "free", Outcome::passed);
  EXPECT_EQ(row_of(parsed(builder.report()), "free").at("classname"), "store_tests");
}

TEST(Junit, StrictDialectMovesPropertiesToTheSuite) {
  ReportBuilder builder;
  Attempt made = attempt(Outcome::passed);
  made.properties = {{"size", "1"}, {"size", "2"}};
  builder.test("Store", "Recorded", {made});
  const XmlNode located = row_of(parsed(builder.report()), "Recorded");
  ASSERT_NE(located.first("properties"), nullptr);
  ASSERT_EQ(located.first("properties")->children.size(), 1u) << "the last value of a key wins";
  EXPECT_EQ(located.first("properties")->children[0].at("value"), "2");
  const XmlNode root = parsed(builder.report(), JunitDialect::strict);
  EXPECT_EQ(row_of(root, "Recorded").at("file"), "(none)");
  ASSERT_NE(root.children.at(0).first("properties"), nullptr);
  EXPECT_EQ(root.children[0].first("properties")->children[0].at("name"), "Recorded.size");
}

TEST(Junit, KeepsTheTailOfLongOutput) {
  ReportBuilder builder;
  Attempt made = failed_attempt("no");
  made.output = {"begin", "the end", 5000};
  builder.test("Store", "Loud", {made});
  const XmlNode row = row_of(parsed(builder.report()), "Loud");
  ASSERT_NE(row.first("system-out"), nullptr);
  EXPECT_EQ(row.first("system-out")->text, "begin\n[… 4988 bytes left out …]\nthe end");
}

}  // namespace
}  // namespace cleave::report
