#include "report/catch2_output.hpp"

#include <gtest/gtest.h>

#include "../support/report_builder.hpp"
#include "../support/xml_tree.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;
using test::attempt;
using test::ReportBuilder;
using test::XmlNode;

/// What Catch2 v2.13 writes around these rows.
std::string junit_part(const std::string& rows, int errors, int failures, int tests, const std::string& out = "") {
  const std::string stream = out.empty() ? "    <system-out/>\n" : "    <system-out>\n" + out + "\n    </system-out>\n";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"store\" errors=\"" +
         std::to_string(errors) + "\" failures=\"" + std::to_string(failures) + "\" tests=\"" + std::to_string(tests) +
         "\" hostname=\"tbd\" time=\"0.001\" timestamp=\"2024-01-01T00:00:00Z\">\n" + rows + stream +
         "    <system-err/>\n  </testsuite>\n</testsuites>\n";
}

const std::string kGreen = "    <testcase classname=\"store.global\" name=\"green\" time=\"0.001\" status=\"run\"/>\n";
const std::string kRed =
    "    <testcase classname=\"store.global\" name=\"red/one &amp; two\" time=\"0.002\" status=\"run\">\n"
    "      <failure message=\"a > b\" type=\"CHECK\">\nFAILED:\n      </failure>\n    </testcase>\n";

XmlNode parsed(const std::string& xml) {
  const std::optional<XmlNode> root = test::parse_xml(xml);
  if (!root) ADD_FAILURE() << "not well-formed:\n" << xml;
  return root.value_or(XmlNode{});
}

/// The rows whose name is, or begins with, `name`.
std::vector<XmlNode> rows(const XmlNode& root, std::string_view name) {
  std::vector<const XmlNode*> all;
  root.collect("testcase", all);
  root.collect("TestCase", all);
  root.collect("testCase", all);
  std::vector<XmlNode> found;
  for (const XmlNode* row : all) {
    if (row->at("name").rfind(name, 0) == 0) found.push_back(*row);
  }
  return found;
}

TEST(Catch2Junit, KeepsTheRowsOfWholePartsByteForByte) {
  ReportBuilder builder("catch2");
  builder.test("", "green", Outcome::passed);
  builder.test("", "red", Outcome::failed);
  const std::string merged =
      catch2_junit(builder.report(), {junit_part(kGreen, 0, 0, 1, "hello"), junit_part(kRed, 0, 1, 3, "world")});
  EXPECT_NE(merged.find(kGreen), std::string::npos);
  EXPECT_NE(merged.find(kRed), std::string::npos);
  const XmlNode root = parsed(merged);
  const XmlNode& suite = root.children.at(0);
  EXPECT_EQ(root.all("testsuite").size(), 1u);
  EXPECT_EQ(suite.at("name"), "store");
  EXPECT_EQ(suite.at("tests"), "4");
  EXPECT_EQ(suite.at("failures"), "1");
  EXPECT_EQ(suite.at("skipped"), "(none)") << "Catch2 v2 has no such attribute";
  EXPECT_EQ(rows(root, "").size(), 2u);
  ASSERT_NE(suite.first("system-out"), nullptr);
  EXPECT_EQ(suite.first("system-out")->text, "\nhello\nworld\n    ");
}

TEST(Catch2Junit, AddsTheTestOfACrashedWorker) {
  ReportBuilder builder("catch2");
  builder.test("", "green", Outcome::passed);
  builder.test("Fixture", "dies", {attempt(Outcome::crashed, "killed by SIGKILL")});
  const std::string torn = junit_part(kGreen, 0, 0, 1).substr(0, 200);
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(kGreen, 0, 0, 1), torn}));
  ASSERT_EQ(rows(root, "dies").size(), 1u);
  const XmlNode row = rows(root, "dies").at(0);
  EXPECT_EQ(row.at("classname"), "store.Fixture");
  ASSERT_NE(row.first("error"), nullptr);
  EXPECT_EQ(row.first("error")->at("message"), "killed by SIGKILL");
  EXPECT_EQ(root.children.at(0).at("errors"), "1");
  EXPECT_EQ(root.children[0].at("tests"), "2");
}

TEST(Catch2Junit, AddsGreenTestsOfALostPartToo) {
  ReportBuilder builder("catch2");
  builder.test("", "green", Outcome::passed);
  const XmlNode root = parsed(catch2_junit(builder.report(), {}));
  ASSERT_EQ(rows(root, "green").size(), 1u);
  EXPECT_EQ(rows(root, "green")[0].at("classname"), "store_tests.global");
  EXPECT_EQ(root.children.at(0).at("errors"), "0");
}

TEST(Catch2Junit, RedTestIsNotHiddenByTheGreenRowsOfItsSections) {
  ReportBuilder builder("catch2");
  builder.test("", "red", {attempt(Outcome::crashed, "exit(0) inside of the test")});
  const std::string green_section =
      "    <testcase classname=\"store.global\" name=\"red/one\" time=\"0.001\" status=\"run\"/>\n";
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(green_section, 0, 0, 1)}));
  EXPECT_EQ(rows(root, "red").size(), 2u);
  EXPECT_EQ(root.children.at(0).at("errors"), "1");
}

TEST(Catch2Junit, SectionOfOneTestIsNotTheTestOfThatName) {
  ReportBuilder builder("catch2");
  builder.test("", "a", Outcome::passed);
  builder.test("", "a/b", {attempt(Outcome::timed_out, "no end after 1 s")});
  const std::string section = "    <testcase classname=\"store.global\" name=\"a/b\" time=\"0.001\" status=\"run\"/>\n";
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(section, 0, 0, 1)}));
  EXPECT_EQ(root.children.at(0).at("errors"), "1");
}

TEST(Catch2Junit, OfARetriedTestTheLastPartCounts) {
  ReportBuilder builder("catch2");
  builder.test("", "red", {attempt(Outcome::failed), attempt(Outcome::passed)}).flaky = true;
  const std::string green =
      "    <testcase classname=\"store.global\" name=\"red/one\" time=\"0.001\" status=\"run\"/>\n";
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(kRed, 0, 1, 1), junit_part(green, 0, 0, 1)}));
  EXPECT_EQ(rows(root, "red").size(), 1u);
  EXPECT_EQ(root.children.at(0).at("failures"), "0");
  EXPECT_EQ(root.children[0].at("tests"), "1");
}

TEST(Catch2Junit, HostileNamesAreMatchedAsCatch2SpellsThem) {
  ReportBuilder builder("catch2");
  builder.test("", " a \"q\" <&> \x1b ", Outcome::passed);
  const std::string row =
      "    <testcase classname=\"store.global\" name=\"a &quot;q&quot; &lt;&amp;> \\x1B\" time=\"0.001\" "
      "status=\"run\"/>\n";
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(row, 0, 0, 1)}));
  EXPECT_EQ(rows(root, "").size(), 1u);
}

TEST(Catch2Junit, ProblemMakesTheFileRed) {
  ReportBuilder builder("catch2");
  builder.test("", "green", Outcome::passed);
  builder.problem("shard-0: exit status 9");
  const XmlNode root = parsed(catch2_junit(builder.report(), {junit_part(kGreen, 0, 0, 1)}));
  EXPECT_EQ(root.children.at(0).at("errors"), "1");
  EXPECT_EQ(rows(root, "shard-0").size(), 1u);
}

TEST(Catch2Concat, XmlHasOneRootAndTheSumOfTheTotals) {
  ReportBuilder builder("catch2");
  builder.test("", "green", Outcome::passed);
  builder.test("", "dies", {attempt(Outcome::crashed, "killed by SIGKILL")});
  const std::string part =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Catch2TestRun name=\"store\" rng-seed=\"1\">\n"
      "  <TestCase name=\"green\" filename=\"t.cpp\" line=\"1\">\n    <OverallResult success=\"true\" skips=\"0\"/>\n  "
      "</TestCase>\n"
      "  <OverallResults successes=\"2\" failures=\"0\" expectedFailures=\"0\" skips=\"0\"/>\n"
      "  <OverallResultsCases successes=\"1\" failures=\"0\" expectedFailures=\"0\" skips=\"0\"/>\n</Catch2TestRun>\n";
  const XmlNode root = parsed(catch2_concat(builder.report(), "xml", {part, part.substr(0, 90)}));
  EXPECT_EQ(root.name, "Catch2TestRun");
  ASSERT_EQ(rows(root, "dies").size(), 1u);
  EXPECT_EQ(rows(root, "dies")[0].first("OverallResult")->at("success"), "false");
  ASSERT_NE(root.first("OverallResults"), nullptr);
  EXPECT_EQ(root.first("OverallResults")->at("successes"), "2");
  EXPECT_EQ(root.first("OverallResultsCases")->at("failures"), "1");
}

TEST(Catch2Concat, SonarqubeJoinsTheTestsOfOneFile) {
  ReportBuilder builder("catch2");
  builder.test("", "a", Outcome::passed);
  builder.test("", "b", Outcome::passed);
  const auto part = [](const std::string& name) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- rng-seed=1 -->\n<testExecutions version=\"1\">\n"
           "  <file path=\"t.cpp\">\n    <testCase name=\"" +
           name + "\" duration=\"0\"/>\n  </file>\n</testExecutions>\n";
  };
  const XmlNode root = parsed(catch2_concat(builder.report(), "sonarqube", {part("a"), part("b")}));
  ASSERT_EQ(root.all("file").size(), 1u);
  EXPECT_EQ(root.children[0].all("testCase").size(), 2u);
}

TEST(Catch2Concat, OfARetriedTestTheLastPartCounts) {
  ReportBuilder builder("catch2");
  builder.test("", "a", {attempt(Outcome::failed), attempt(Outcome::passed)}).flaky = true;
  const auto xml = [](bool green) {
    const std::string counts = green ? "successes=\"1\" failures=\"0\"" : "successes=\"0\" failures=\"1\"";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Catch name=\"s\">\n  <Group name=\"s\">\n    <TestCase "
           "name=\"a\">\n" +
           std::string(green ? "" : "      <Expression success=\"false\"><Exception>e</Exception></Expression>\n") +
           "      <OverallResult success=\"" + (green ? "true" : "false") +
           "\"/>\n    </TestCase>\n    <OverallResults " + counts + "/>\n    <OverallResultsCases " + counts +
           "/>\n  </Group>\n  <OverallResults " + counts + "/>\n  <OverallResultsCases " + counts + "/>\n</Catch>\n";
  };
  const XmlNode root = parsed(catch2_concat(builder.report(), "xml", {xml(false), xml(true)}));
  EXPECT_EQ(rows(root, "a").size(), 1u);
  ASSERT_EQ(root.all("Group").size(), 1u);
  ASSERT_NE(root.first("OverallResults"), nullptr);
  EXPECT_EQ(root.first("OverallResults")->at("failures"), "0");
  EXPECT_EQ(root.first("OverallResultsCases")->at("failures"), "0");
  EXPECT_EQ(root.first("OverallResultsCases")->at("successes"), "1");

  const auto sonar = [](const std::string& inner) {
    return "<testExecutions version=\"1\">\n  <file path=\"t.cpp\">\n    <testCase name=\"a\" duration=\"0\">" + inner +
           "</testCase>\n  </file>\n</testExecutions>\n";
  };
  const XmlNode executions =
      parsed(catch2_concat(builder.report(), "sonarqube", {sonar("<failure message=\"no\"/>"), sonar("")}));
  ASSERT_EQ(rows(executions, "a").size(), 1u);
  EXPECT_EQ(rows(executions, "a")[0].first("failure"), nullptr);
}

TEST(Catch2Concat, TapIsNumberedThroughout) {
  ReportBuilder builder("catch2");
  builder.test("", "dies", {attempt(Outcome::crashed, "killed by SIGKILL")});
  EXPECT_EQ(catch2_concat(builder.report(), "tap", {"# a\nok 1 - x\n1..1\n\n", "# b\nnot ok 1 - y\n1..1\n\n"}),
            "# a\nok 1 - x\n# b\nnot ok 2 - y\nnot ok 3 - dies: crashed: killed by SIGKILL\n1..3\n");
}

TEST(Catch2Concat, TextIsJoinedAndTellsWhatIsLost) {
  ReportBuilder builder("catch2");
  builder.test("", "dies", {attempt(Outcome::crashed, "killed by SIGKILL")});
  EXPECT_EQ(catch2_concat(builder.report(), "console", {"one", "two\n"}),
            "one\ntwo\ndies: crashed: killed by SIGKILL\n");
}

}  // namespace
}  // namespace cleave::report
