#include "report/json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/report_builder.hpp"
#include "../support/schema_check.hpp"
#include "plan/json_reader.hpp"
#include "report/json_writer.hpp"
#include "report/junit.hpp"
#include "report/order.hpp"
#include "report/text.hpp"
#include "report/trace.hpp"

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

// R13: whatever stands in a name or an output, and wherever it stands there, a reader gets it back.
TEST(JsonWriter, KeepsAnyCharacterAtAnyPlaceOfAString) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const std::string odd :
           {"", "\"", "\\", "\n", "\t", "\x01", "\x1F", "\x7F", "\xC3", "\xC3\xA9", "\"\"\x02"}) {
        std::string text(size, 'a');
        text.insert(at, odd);
        JsonWriter writer(1);
        writer.begin_array();
        writer.string(text);
        writer.string("behind");
        writer.end_array();
        const json read = json::parse(std::move(writer).take());
        ASSERT_EQ(read[0].get<std::string>(), utf8(text));
        ASSERT_EQ(read[1].get<std::string>(), "behind");
      }
    }
  }
}

/// What a function hands on, joined; no piece is larger than one test more than is asked for.
template <class Render>
std::string joined(const Render& render) {
  std::string whole;
  std::size_t count = 0;
  render([&](std::string_view piece) {
    EXPECT_LT(piece.size(), kPiece + 4096);
    whole += piece;
    ++count;
  });
  EXPECT_GT(count, 2U);
  return whole;
}

TEST(Pieces, JoinToTheWholeDocument) {
  ReportBuilder builder;
  for (int i = 0; i < 1000; ++i) {
    builder.test("Suite" + std::to_string(i / 4), "Test" + std::to_string(i), {test::attempt(Outcome::passed)});
  }
  const RunReport& report = builder.report();
  EXPECT_EQ(joined([&](const Pieces& take) { json_report(report, take); }), json_report(report));
  EXPECT_EQ(joined([&](const Pieces& take) { trace_json(report, take); }), trace_json(report));
  EXPECT_EQ(joined([&](const Pieces& take) { junit_xml(report, take); }), junit_xml(report));
}

// R41: what a large run wrote can be given to --cleave-replay.
TEST(Order, OfALargeRunIsReadBack) {
  ReportBuilder builder;
  const std::string long_name(600, 'n');
  for (int i = 0; i < 8000; ++i) {
    Attempt ran = test::attempt(Outcome::passed);
    ran.worker = 1;
    builder.test("Suite", long_name + std::to_string(i), {ran});
  }
  const std::string text = order_json(builder.report());
  ASSERT_GT(text.size(), plan::kJsonBytes);
  const auto order = read_order(text, "order.json");
  ASSERT_TRUE(order) << order.error().what;
  ASSERT_EQ(order->workers.size(), 1U);
  EXPECT_EQ(order->workers[0].size(), 8000U);
  const auto endless = read_order(std::string(kOrderBytes + 1, ' '), "order.json");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().what, "order.json: 67108865 bytes of JSON; legal are up to 67108864");
}

}  // namespace
}  // namespace cleave::report
