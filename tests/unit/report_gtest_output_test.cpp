#include "report/gtest_output.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../support/report_builder.hpp"
#include "../support/xml_tree.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using plan::Outcome;
using test::attempt;
using test::ReportBuilder;
using test::XmlNode;

XmlNode parsed(const RunReport& report) {
  const std::string xml = gtest_xml(report);
  const std::optional<XmlNode> root = test::parse_xml(xml);
  if (!root) ADD_FAILURE() << "not well-formed:\n" << xml;
  return root.value_or(XmlNode{});
}

/// Names and order of a node's attributes.
std::string keys(const XmlNode& node) {
  std::string text;
  for (const auto& [key, value] : node.attributes) text += key + " ";
  return text;
}

TEST(GtestXml, AttributesAreThoseOfGoogleTestInItsOrder) {
  ReportBuilder builder;
  Attempt made = attempt(Outcome::passed);
  made.properties = {{"key<", "va\"lue"}};
  builder.test("Inst/P", "Works/0", {made});
  builder.listed().value_param = "1";
  builder.report().run_properties = {{"runprop", "yes"}};
  builder.report().suite_properties = {{"Inst/P", {{"suiteprop", "1"}}}};
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(keys(root), "tests failures disabled errors time timestamp runprop name ");
  const XmlNode& suite = root.children.at(0);
  EXPECT_EQ(keys(suite), "name tests failures disabled skipped errors time timestamp suiteprop ");
  const XmlNode& row = suite.children.at(0);
  EXPECT_EQ(keys(row), "name value_param file line status result time timestamp classname ");
  EXPECT_EQ(row.at("time"), "0.012");
  EXPECT_EQ(row.at("timestamp"), "2023-11-14T22:13:20.000");
  ASSERT_NE(row.first("properties"), nullptr);
  EXPECT_EQ(row.first("properties")->children.at(0).at("name"), "key<");
}

TEST(GtestXml, FailureCarriesItsLocationInMessageAndText) {
  ReportBuilder builder;
  builder.test("Store", "Writes", {test::failed_attempt("Expected: 1 < 0 ]]>")});
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("failures"), "1");
  const XmlNode* failure = root.children.at(0).children.at(0).first("failure");
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->at("message"), "store_test.cpp:42\nExpected: 1 < 0 ]]>");
  EXPECT_EQ(failure->text, failure->at("message"));
  EXPECT_EQ(failure->at("type"), "");
}

TEST(GtestXml, DisabledTestIsNotRunAndSuppressed) {
  ReportBuilder builder;
  builder.disabled("Store", "DISABLED_Off");
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("disabled"), "1");
  const XmlNode& row = root.children.at(0).children.at(0);
  EXPECT_EQ(row.at("status"), "notrun");
  EXPECT_EQ(row.at("result"), "suppressed");
}

TEST(GtestXml, SkippedTestIsRunAndSkipped) {
  ReportBuilder builder;
  Attempt skipped = attempt(Outcome::skipped);
  skipped.messages.push_back({MessageKind::skip, "store_test.cpp", 4, "why"});
  builder.test("Store", "Skips", {skipped});
  const XmlNode root = parsed(builder.report());
  const XmlNode& row = root.children.at(0).children.at(0);
  EXPECT_EQ(row.at("status"), "run");
  EXPECT_EQ(row.at("result"), "skipped");
  ASSERT_NE(row.first("skipped"), nullptr);
  EXPECT_EQ(row.first("skipped")->text, "store_test.cpp:4\nwhy");
  EXPECT_EQ(root.children[0].at("skipped"), "1");
}

TEST(GtestXml, CrashedTestIsAFailedRow) {
  ReportBuilder builder;
  builder.test("Store", "Dies", {attempt(Outcome::crashed, "killed by SIGSEGV")});
  builder.test("Store", "Lost", std::vector<Attempt>{});
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("failures"), "2");
  const XmlNode* failure = root.children.at(0).children.at(0).first("failure");
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->text, "store_test.cpp:10\ncrashed: killed by SIGSEGV");
  EXPECT_EQ(root.children[0].children.at(1).all("failure").size(), 1u);
}

TEST(GtestXml, ProblemBesideTheTestsIsANonTestSuiteFailure) {
  ReportBuilder builder;
  builder.test("Store", "Green", Outcome::passed);
  builder.problem("environment tear-down failed").messages.push_back({MessageKind::failure, "env.cpp", 17, "boom"});
  const XmlNode root = parsed(builder.report());
  EXPECT_EQ(root.at("failures"), "1");
  const XmlNode& suite = root.children.at(1);
  EXPECT_EQ(suite.at("name"), "NonTestSuiteFailure");
  EXPECT_EQ(suite.children.at(0).at("name"), "");
  ASSERT_NE(suite.children[0].first("failure"), nullptr);
  EXPECT_EQ(suite.children[0].first("failure")->text, "env.cpp:17\nboom\nenvironment tear-down failed");
}

TEST(GtestXml, PropertyThatIsNoAttributeNameStaysWellFormed) {
  ReportBuilder builder;
  builder.test("Store", "a", Outcome::passed);
  builder.report().suite_properties = {{"Store", {{"a b", "1"}, {"a_b", "2"}, {"time", "3"}, {"", "4"}, {"9", "5"}}}};
  const XmlNode root = parsed(builder.report());
  const XmlNode& suite = root.children.at(0);
  EXPECT_EQ(suite.at("a_b"), "1");
  EXPECT_EQ(suite.at("a_b_"), "2");
  EXPECT_EQ(suite.at("time_"), "3");
  EXPECT_EQ(suite.at("_9"), "5");
}

TEST(GtestXml, TellsTheSeedOfAShuffledRun) {
  ReportBuilder builder;
  builder.test("Store", "a", Outcome::passed);
  builder.report().list.seed = 77;
  EXPECT_EQ(parsed(builder.report()).at("random_seed"), "(none)");
  builder.report().list.shuffled = true;
  EXPECT_EQ(parsed(builder.report()).at("random_seed"), "77");
}

TEST(GtestJson, MirrorsTheXml) {
  ReportBuilder builder;
  Attempt red = test::failed_attempt("no é");
  red.properties = {{"late", "x"}, {"name", "clash"}};
  builder.test("Ty/0", "Sized", {red});
  builder.listed().type_param = "int";
  builder.disabled("Ty/0", "DISABLED_Off");
  const json root = json::parse(gtest_json(builder.report()));
  EXPECT_EQ(root["tests"], 2);
  EXPECT_EQ(root["failures"], 1);
  EXPECT_EQ(root["disabled"], 1);
  EXPECT_EQ(root["time"], "3.21s");
  EXPECT_EQ(root["timestamp"], "2023-11-14T22:13:20Z");
  const json& row = root["testsuites"][0]["testsuite"][0];
  EXPECT_EQ(row["name"], "Sized");
  EXPECT_EQ(row["type_param"], "int");
  EXPECT_EQ(row["status"], "RUN");
  EXPECT_EQ(row["late"], "x");
  EXPECT_EQ(row["name_"], "clash");
  EXPECT_EQ(row["failures"][0]["failure"], "store_test.cpp:42\nno é");
  const json& off = root["testsuites"][0]["testsuite"][1];
  EXPECT_EQ(off["result"], "SUPPRESSED");
  EXPECT_FALSE(off.contains("failures"));
}

TEST(GtestJson, RedRunWithGreenTestsIsRed) {
  ReportBuilder builder;
  builder.test("Store", "Green", Outcome::passed);
  builder.problem("lists differ").run_broken = true;
  const json root = json::parse(gtest_json(builder.report()));
  EXPECT_EQ(root["failures"], 1);
  EXPECT_EQ(root["testsuites"][1]["name"], "NonTestSuiteFailure");
}

}  // namespace
}  // namespace cleave::report
