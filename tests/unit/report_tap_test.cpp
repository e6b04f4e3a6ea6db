#include "report/tap.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "../support/report_builder.hpp"
#include "../support/xml_tree.hpp"
#include "report/gtest_output.hpp"
#include "report/rows.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::failed_attempt;
using test::ReportBuilder;

/// What a reader of TAP counts: the plan, and the points that fail (those of "# TODO" do not).
struct Points {
  std::size_t planned = 0;
  std::size_t seen = 0;
  std::size_t failed = 0;
};

Points points_of(const std::string& text) {
  Points points;
  std::istringstream lines(text);
  bool in_yaml = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("1..", 0) == 0) points.planned = std::stoul(line.substr(3));
    const bool failed = line.rfind("not ok ", 0) == 0;
    if (line == "  ---") in_yaml = true;
    if (line == "  ...") in_yaml = false;
    if (!failed && line.rfind("ok ", 0) != 0) continue;
    EXPECT_FALSE(in_yaml) << line;
    ++points.seen;
    EXPECT_EQ(line.substr(failed ? 7 : 3, line.find(" - ") - (failed ? 7 : 3)), std::to_string(points.seen)) << line;
    if (failed && line.find(" # TODO ") == std::string::npos) ++points.failed;
  }
  return points;
}

TEST(Tap, WholeDocumentIsAsDocumented) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  Attempt failed = failed_attempt("Expected: 1 < 0");
  failed.output = test::output("\x1b[31mloud\x1b[0m\n");
  builder.test("Store", "Writes", {failed});
  Attempt skipped = attempt(Outcome::skipped);
  skipped.messages.push_back({MessageKind::skip, "store_test.cpp", 7, "no server\nat all"});
  builder.test("Store", "Skips", {skipped});
  builder.disabled("Store", "DISABLED_Off");
  builder.problem("shard-2: exit status 23").detail = "after all tests passed";
  builder.report().notes = {"12 serial tests were not selected"};
  const char* const expected = R"tap(TAP version 14
1..5
ok 1 - Store.Reads
  ---
  duration_ms: 12
  shard: "shard-1"
  ...
not ok 2 - Store.Writes
  ---
  duration_ms: 12
  severity: fail
  outcome: "failed"
  message: "Expected: 1 < 0"
  details: "store_test.cpp:42\nExpected: 1 < 0\n(shard-1, attempt 1)"
  at: "store_test.cpp:11"
  reproduce: "/build/store_tests --gtest_filter='Store.Writes'"
  shard: "shard-1"
  output: "loud\n"
  ...
ok 3 - Store.Skips # SKIP no server
  ---
  duration_ms: 12
  shard: "shard-1"
  ...
ok 4 - Store.DISABLED_Off # SKIP disabled
not ok 5 - shard-2: exit status 23
  ---
  severity: error
  message: "shard-2: exit status 23"
  details: "after all tests passed"
  ...
# note: 12 serial tests were not selected
)tap";
  EXPECT_EQ(tap(builder.report()), expected);
}

TEST(Tap, NamesCannotForgePointsOrDirectives) {
  ReportBuilder builder("catch2");
  builder.test("", "a # SKIP b\nok 7 - c \\", {failed_attempt("no\nok 8 - d\n  ...\nnot ok 9")});
  const std::string text = tap(builder.report());
  EXPECT_NE(text.find("not ok 1 - a \\# SKIP b\\\\x0aok 7 - c \\\\\n"), std::string::npos) << text;
  EXPECT_EQ(points_of(text).seen, 1u) << text;
  EXPECT_EQ(points_of(text).failed, 1u) << text;
}

TEST(Tap, HasAFailedPointExactlyWhenTheRunIsRed) {  // R12
  std::vector<ReportBuilder> runs(9);
  for (ReportBuilder& run : runs) run.test("Store", "Reads", Outcome::passed);
  runs[1].test("Store", "Crashes", Outcome::crashed);
  runs[2].test("Store", "Lost", std::vector<Attempt>{});
  runs[3].problem("shard-2: exit status 23");
  runs[4].problem("leaked process").warning = true;
  runs[5].report().interrupted_by = "SIGINT";
  runs[6].test("Store", "Borne", {failed_attempt("no")}).quarantine = "until 2026-12-31";
  for (ReportBuilder* run : {&runs[7], &runs[8]}) {
    run->test("Store", "Flaky", {failed_attempt("no"), attempt(Outcome::passed)}).flaky = true;
  }
  runs[8].report().flaky_is_red = true;
  for (ReportBuilder& run : runs) {
    const std::string text = tap(run.report());
    const Points points = points_of(text);
    EXPECT_EQ(points.failed > 0, exit_code_of(run.report()) != 0) << text;
    EXPECT_EQ(points.seen, points.planned) << text;
  }
}

TEST(Tap, RunWithoutATestIsSkipped) {
  EXPECT_EQ(tap(RunReport{}), "TAP version 14\n1..0 # SKIP no test was selected\n");
}

// R19: of Catch2 as well, for readers that know only GoogleTest's file.
TEST(GtestXmlOfAnyRun, HasEveryCatch2TestOnceUnderTheTarget) {
  ReportBuilder builder("catch2");
  builder.test("", "adds, [twice]", Outcome::passed);
  builder.test("Store", "writes", {failed_attempt("1 == 2")});
  const std::optional<test::XmlNode> root = test::parse_xml(gtest_xml(builder.report()));
  ASSERT_TRUE(root.has_value());
  std::vector<const test::XmlNode*> rows;
  root->collect("testcase", rows);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]->at("name"), "adds, [twice]");
  EXPECT_EQ(rows[0]->at("classname"), "store_tests");
  EXPECT_EQ(rows[1]->at("classname"), "Store");
  EXPECT_EQ(rows[1]->all("failure").size(), 1u);
  EXPECT_EQ(root->at("failures"), "1");
}

}  // namespace
}  // namespace cleave::report
