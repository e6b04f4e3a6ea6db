#include "report/event_lines.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/report_builder.hpp"
#include "../support/schema_check.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using plan::Outcome;
using test::attempt;
using test::failed_attempt;
using test::ReportBuilder;

/// The line parsed, after the schema was asked about it.
json checked(const std::string& line) {
  static const test::SchemaCheck schema(
      json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/sharding/report/events.schema.json")));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.back(), '\n');
  json document = json::parse(line, nullptr, false);
  EXPECT_EQ(schema(document), "") << line;
  return document;
}

TEST(EventLines, ConformToTheirSchema) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Reads", Outcome::passed);
  builder.unselected("Store", "Out");
  const RunReport& report = builder.report();
  EXPECT_EQ(checked(run_begin_line(report))["tests"], 1);
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::skipped, Outcome::disabled, Outcome::crashed,
                                Outcome::timed_out, Outcome::not_run}) {
    checked(test_end_line(report, report.list.tests[0], attempt(outcome), true));
  }
  checked(problem_line(report, builder.problem("lost")));
  EXPECT_EQ(checked(run_end_line(report))["exit_code"], 1);
}

TEST(EventLines, ABeginAndItsEndNameTheSameAttempt) {  // R18
  ReportBuilder builder;
  Attempt second = failed_attempt("no");
  second.attempt = 2;
  second.repetition = 3;
  builder.test("Store", "Writes", {second});
  const RunReport& report = builder.report();
  const TestBegin record{0, 2, "shard-1", second.start, 4711};
  const json begins = checked(test_begin_line(report, plan::Item{0, 3}, record));
  const json ends = checked(test_end_line(report, report.list.tests[0], second, true));
  EXPECT_EQ(begins["pid"], 4711);
  EXPECT_LT(begins["time"], ends["time"]);
  for (const char* const key : {"run_id", "full_name", "file", "line", "shard", "attempt", "repetition"}) {
    EXPECT_EQ(begins[key], ends[key]) << key;
  }
}

TEST(EventLines, WhatIsLeftOutHasItsOutcomeAndTheReason) {  // R18
  ReportBuilder builder;
  builder.disabled("Store", "DISABLED_Writes");
  const RunReport& report = builder.report();
  const json disabled = checked(test_left_out_line(report, report.list.tests[0], false));
  EXPECT_EQ(disabled["outcome"], "disabled");
  EXPECT_EQ(disabled["why"], "disabled");
  const json cached = checked(test_left_out_line(report, report.list.tests[0], true));
  EXPECT_EQ(cached["outcome"], "passed");
  EXPECT_EQ(cached["why"], "cached");
}

TEST(EventLines, WholeLineIsAsDocumented) {  // R18
  ReportBuilder builder;
  builder.test("Store", "Writes", {failed_attempt("Expected: 1 < 0\nmore")});
  builder.report().rows[0].attempts[0].tried_again = true;
  EXPECT_EQ(test_end_line(builder.report(), builder.report().list.tests[0], builder.report().rows[0].attempts[0], true),
            R"({"event":"test_end","time":"2023-11-14T22:13:20.012Z","run_id":"run-1","target":"store_tests",)"
            R"("suite":"Store","name":"Writes","full_name":"Store.Writes","file":"store_test.cpp","line":10,)"
            R"("outcome":"failed","seconds":0.012,"shard":"shard-1","attempt":1,"repetition":0,"tried_again":true,)"
            R"("began":true,"why":"Expected: 1 < 0"})"
            "\n");
}

TEST(EventLines, AnyBytesLeaveOneLineOfValidJson) {  // R18
  ReportBuilder builder;
  const std::string evil = "\n\r\"\\\xFF\xE2\x80\xA8\x01";
  builder.test(evil, evil, {failed_attempt(evil)});
  builder.report().target = builder.report().run_id = evil;
  checked(test_end_line(builder.report(), builder.report().list.tests[0], builder.report().rows[0].attempts[0], false));
  checked(problem_line(builder.report(), builder.problem(evil)));
  checked(run_begin_line(builder.report()));
}

TEST(EventLines, LongTextIsCutBetweenCharacters) {
  ReportBuilder builder;
  std::string text = "x";
  while (text.size() < 5000) text += "ü";
  builder.test("Store", "Writes", {failed_attempt(text)});
  const std::string line =
      test_end_line(builder.report(), builder.report().list.tests[0], builder.report().rows[0].attempts[0], true);
  EXPECT_LE(line.size(), 4096u) << "goes into a pipe as a whole";
  const std::string why = checked(line)["why"];
  EXPECT_EQ(why, text.substr(0, 999) + "…");
}

}  // namespace
}  // namespace cleave::report
