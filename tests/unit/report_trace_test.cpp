#include "report/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/report_builder.hpp"
#include "report/lanes.hpp"

namespace cleave::report {
namespace {

using nlohmann::json;
using plan::Outcome;
using std::chrono::milliseconds;
using test::attempt;
using test::ReportBuilder;

Attempt placed(std::string shard, int start_ms, int took_ms, Outcome outcome = Outcome::passed) {
  Attempt made = attempt(outcome);
  made.shard = std::move(shard);
  made.start = std::chrono::seconds(1'700'000'000) + milliseconds(start_ms);
  made.duration = milliseconds(took_ms);
  return made;
}

/// Two shards and a serial test: 0–30 and 30–50 on shard-0, 0–20 on shard-1, 60–70 alone.
ReportBuilder three_lanes() {
  ReportBuilder builder;
  builder.test("Store", "Long", {placed("shard-0", 0, 30)});
  builder.test("Store", "Short", {placed("shard-1", 0, 20, Outcome::failed)});
  builder.test("Store", "Next", {placed("shard-0", 30, 20)});
  builder.test("Store", "Alone", {placed("serial", 60, 10)});
  builder.report().wall = milliseconds(70);
  return builder;
}

/// What the format demands of an event, as Perfetto's importer reads it: empty when all is well.
std::string fault_of(const json& event) {
  const std::string phase = event.value("ph", "");
  if (!event.contains("pid") || !event["pid"].is_number_integer()) return "pid";
  if (!event.contains("tid") || !event["tid"].is_number_integer()) return "tid";
  if (!event.contains("name") || !event["name"].is_string()) return "name";
  if (phase == "M") {
    // Of metadata, those that the importer knows, with the one argument that it looks for.
    const bool sorts = event["name"] == "thread_sort_index";
    const std::string wanted = sorts ? "sort_index" : "name";
    if (!sorts && event["name"] != "process_name" && event["name"] != "thread_name") return "name of M";
    if (!event["args"].is_object() || !event["args"].contains(wanted)) return "args of M";
    return sorts == event["args"][wanted].is_number_integer() && sorts != event["args"][wanted].is_string()
               ? ""
               : "type of M";
  }
  if (!event.contains("ts") || !event["ts"].is_number() || event["ts"] < 0) return "ts";
  if (phase == "X") return event.contains("dur") && event["dur"].is_number() && event["dur"] >= 0 ? "" : "dur";
  if (phase == "i") return event.value("s", "") == "t" || event.value("s", "") == "p" ? "" : "scope";
  if (phase == "C") return event["args"].size() == 1 && event["args"].begin()->is_number() ? "" : "value";
  return "phase " + phase;
}

TEST(Trace, EveryEventIsAsTheFormatDemands) {  // R18
  ReportBuilder builder = three_lanes();
  builder.test("\xFF\"", "</script>\n", {placed("lock-db", 1, 2, Outcome::crashed)});
  builder.report().costs = {{"", "shard-0", builder.report().start, milliseconds(5)},
                            {"Store", "shard-1", builder.report().start + milliseconds(20), milliseconds(7)}};
  builder.problem("lost").when = builder.report().start + milliseconds(12);
  const json trace = json::parse(trace_json(builder.report()));
  EXPECT_EQ(trace["displayTimeUnit"], "ms");
  std::set<std::string> phases;
  std::set<std::int64_t> named;
  for (const json& event : trace["traceEvents"]) {
    EXPECT_EQ(fault_of(event), "") << event.dump();
    phases.insert(event["ph"]);
    if (event["name"] == "thread_name") named.insert(event["tid"].get<std::int64_t>());
    // One process; its threads are named before anything happens in them.
    EXPECT_EQ(event["pid"], 1);
    if (event["ph"] != "X") continue;
    EXPECT_EQ(named.count(event["tid"].get<std::int64_t>()), 1U) << event.dump();
  }
  EXPECT_EQ(phases, (std::set<std::string>{"C", "M", "X", "i"}));
}

TEST(Trace, EachShardIsANamedThreadAndEachAttemptASlice) {  // R18
  const json trace = json::parse(trace_json(three_lanes().report()));
  std::map<int, std::string> threads;
  std::map<std::string, std::string> lane_of;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == "M" && event["name"] == "thread_name") threads[event["tid"]] = event["args"]["name"];
    if (event["ph"] == "X") lane_of[event["name"]] = threads.at(event["tid"]);
  }
  EXPECT_EQ(lane_of, (std::map<std::string, std::string>{{"Store.Alone", "serial"},
                                                         {"Store.Long", "shard-0"},
                                                         {"Store.Next", "shard-0"},
                                                         {"Store.Short", "shard-1"}}));
}

TEST(Trace, SlicesOfOneThreadNeverOverlap) {  // R18
  ReportBuilder builder;
  // Clocks of two processes may differ: the second begins before the first has ended.
  builder.test("Store", "A", {placed("shard-0", 10, 30)});
  builder.test("Store", "B", {placed("shard-0", 35, 30)});
  builder.test("Store", "C", {placed("shard-0", 36, 2)});
  std::int64_t free = 0;
  const json trace = json::parse(trace_json(builder.report()));
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    EXPECT_GE(event["ts"].get<std::int64_t>(), free) << event.dump();
    free = event["ts"].get<std::int64_t>() + event["dur"].get<std::int64_t>();
  }
  EXPECT_EQ(free, 65'000);
}

TEST(Trace, CountsTheTestsThatRun) {  // R18
  const json trace = json::parse(trace_json(three_lanes().report()));
  std::vector<std::pair<int, int>> steps;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == "C") steps.emplace_back(event["ts"].get<int>(), event["args"]["tests"].get<int>());
  }
  EXPECT_EQ(steps, (std::vector<std::pair<int, int>>{
                       {0, 2}, {20'000, 1}, {30'000, 1}, {50'000, 0}, {60'000, 1}, {70'000, 0}}));
}

TEST(Trace, CountsTheTestsOfManyLanesAtEachMoment) {  // R18
  ReportBuilder builder;
  std::vector<std::pair<int, int>> times;
  for (int lane = 0; lane < 7; ++lane) {
    int now = lane % 3;
    for (int test = 0; test < 9; ++test) {
      const int took = 1 + (lane * 5 + test * 3) % 7;
      builder.test("Suite", "T" + std::to_string(lane * 9 + test),
                   {placed("shard-" + std::to_string(lane), now, took)});
      times.emplace_back(now, now + took);
      now += took + (lane + test) % 2;
    }
  }
  const json trace = json::parse(trace_json(builder.report()));
  std::set<int> told;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "C") continue;
    const int now = event["ts"].get<int>() / 1000;
    const auto runs = [&](const auto& time) { return time.first <= now && now < time.second; };
    EXPECT_EQ(event["args"]["tests"].get<int>(), std::count_if(times.begin(), times.end(), runs)) << now << " ms";
    told.insert(now);
  }
  for (const auto& [begin, end] : times) EXPECT_TRUE(told.count(begin) == 1 && told.count(end) == 1) << begin;
}

TEST(Lanes, ShardsComeByNumberAndTheOthersBehind) {
  ReportBuilder builder;
  for (const char* const shard : {"serial", "shard-10", "lock-db", "shard-2"}) {
    builder.test("Store", shard, {placed(shard, 1, 1)});
  }
  std::vector<std::string> names;
  const std::vector<RowView> views = reported_rows(builder.report());
  for (const Lane& lane : lanes_of(builder.report(), views)) names.push_back(lane.shard);
  EXPECT_EQ(names, (std::vector<std::string>{"shard-2", "shard-10", "lock-db", "serial"}));
}

TEST(Lanes, WhatNeverRanTakesNoTime) {
  ReportBuilder builder;
  builder.test("Store", "Lost", {attempt(Outcome::not_run, "the run was stopped")});
  Attempt cached = placed("shard-0", 5, 5);
  cached.cached = true;
  builder.test("Store", "Cached", {cached});
  EXPECT_TRUE(lanes_of(builder.report(), reported_rows(builder.report())).empty());
}

TEST(Lanes, BusyIsWhatTestsTookAndNotTheStarts) {
  const RunReport report = three_lanes().report();
  const std::vector<RowView> views = reported_rows(report);
  EXPECT_EQ(busy_of(lanes_of(report, views)), milliseconds(80));
}

}  // namespace
}  // namespace cleave::report
