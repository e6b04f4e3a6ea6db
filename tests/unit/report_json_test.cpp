#include "report/json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/report_builder.hpp"
#include "../support/schema_check.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using plan::Outcome;
using test::ReportBuilder;

/// A report that uses every member there is.
ReportBuilder full_report() {
  ReportBuilder builder;
  Attempt red = test::failed_attempt("a \"quoted\"\n\\ \x01 \xFF line");
  red.properties = {{"key", "value"}};
  red.output = {"head", "tail", 100};
  builder.test("Store/0", "Works/1", {red, test::attempt(Outcome::passed)}).flaky = true;
  builder.listed().type_param = "int";
  builder.listed().value_param = "7";
  builder.listed().tags = {"serial", "lock:db"};
  builder.test("Store/0", "Hangs", {test::attempt(Outcome::timed_out, "no end after 5 s")});
  builder.disabled("Store/0", "DISABLED_Off");
  builder.unselected("Store/0", "Other");
  Problem& problem = builder.problem("tear-down failed");
  problem.messages.push_back({MessageKind::fatal_failure, "env.cpp", 3, "boom"});
  builder.report().notes.push_back("12 serial tests were not selected");
  builder.report().run_properties = {{"commit", "abc"}};
  builder.report().suite_properties = {{"Store/0", {{"rows", "3"}}}};
  builder.report().interrupted_by = "SIGINT";
  return builder;
}

TEST(Json, ConformsToItsSchema) {
  std::ifstream file(CLEAVE_SOURCE_DIR "/sharding/report/report.schema.json");
  ASSERT_TRUE(file) << "the schema is not where CLEAVE_SOURCE_DIR says";
  const test::SchemaCheck check(json::parse(file));
  EXPECT_EQ(check(json::parse(json_report(full_report().report()))), "");
  EXPECT_EQ(check(json::parse(json_report(RunReport{}))), "");
  RunReport timed = full_report().report();
  timed.efficiency.emplace().bound_by = "db";
  EXPECT_EQ(check(json::parse(json_report(timed))), "");
  EXPECT_EQ(json::parse(json_report(timed))["efficiency"]["bound_by"], "db");
  json spoiled = json::parse(json_report(full_report().report()));
  spoiled["tests"][0]["attempts"][0].erase("output");
  EXPECT_NE(check(spoiled), "") << "the check itself must be able to fail";
}

TEST(Json, TellsEveryAttempt) {
  const json document = json::parse(json_report(full_report().report()));
  ASSERT_EQ(document["tests"].size(), 3u) << "two selected and one disabled";
  const json& flaky = document["tests"][0];
  EXPECT_EQ(flaky["full_name"], "Store/0.Works/1");
  EXPECT_EQ(flaky["flaky"], true);
  EXPECT_EQ(flaky["outcome"], "passed");
  ASSERT_EQ(flaky["attempts"].size(), 2u);
  EXPECT_EQ(flaky["attempts"][0]["outcome"], "failed");
  EXPECT_EQ(flaky["attempts"][0]["seconds"], 0.012);
  EXPECT_EQ(flaky["attempts"][0]["messages"][0]["text"], "a \"quoted\"\n\\ \x01 \uFFFD line");
  EXPECT_EQ(document["tests"][1]["outcome"], "timed_out");
}

TEST(Json, CarriesTheVerdict) {
  const json document = json::parse(json_report(full_report().report()));
  EXPECT_EQ(document["schema"], 1);
  EXPECT_EQ(document["exit_code"], 1);
  EXPECT_EQ(document["totals"]["timed_out"], 1);
  EXPECT_EQ(document["totals"]["problems"], 1);
  EXPECT_EQ(document["interrupted_by"], "SIGINT");
}

TEST(Json, PutsEachTestOnALineOfItsOwn) {
  const std::string text = json_report(full_report().report());
  EXPECT_NE(text.find("\n  {\"suite\":\"Store/0\",\"name\":\"Hangs\""), std::string::npos) << text;
}

TEST(Json, SecondsKeepTheirSignAndDigits) {
  RunReport report;
  report.wall = Nanoseconds(-5);
  EXPECT_NE(json_report(report).find("\"wall_seconds\":-0.000000005,"), std::string::npos) << json_report(report);
  report.wall = Nanoseconds(12'000'000'000);
  EXPECT_NE(json_report(report).find("\"wall_seconds\":12,"), std::string::npos) << json_report(report);
}

}  // namespace
}  // namespace cleave::report
