#include "plan/config.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "../support/schema_check.hpp"
#include "plan/tags.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const std::string kPath = "/src/store/cleave.json";

/// One of everything.
const std::string kFull = R"({
  "$schema": "https://example.org/cleave.schema.json",
  "phases": [
    {"name": "seed", "tests": ["Schema.*", "Migrations.*"], "timeout": "10m"},
    {"name": "rest"}
  ],
  "rules": [
    {"tests": ["Big.*"], "tags": ["weight:4", "memory:1.5G", "priority:high"]},
    {"tests": ["Orders.*"], "tags": ["lock:db:read", "after:Schema.Creates"]}
  ],
  "serial": ["Shutdown.*"],
  "environment": {"PGDATABASE": "{prefix}db", "EMPTY": ""},
  "retries": 2,
  "fail_fast": "10%",
  "flaky": "fail",
  "quarantine": [{"tests": ["Old.*", "Older.x"], "until": "2026-12-31", "reason": "issue 12"}],
  "stagger": "100ms",
  "test_timeout": "60s",
  "isolation": "suite",
  "inputs": ["data/rows.csv", "/etc/hosts", "env:LANG"]
})";

Result<Settings> read(const std::string& text, Settings settings = {}) {
  if (auto applied = apply_config(text, kPath, settings); !applied) return applied.error();
  return settings;
}

std::string error_of(const std::string& text, Settings settings = {}) {
  const auto applied = apply_config(text, kPath, settings);
  return applied ? "" : applied.error().what;
}

std::string complaint_of_schema(const std::string& text) {
  std::ifstream file(CLEAVE_SOURCE_DIR "/cmake/cleave.schema.json");
  return test::SchemaCheck(Json::parse(file))(Json::parse(text));
}

// R02, R06, R14, R22, R24
TEST(Config, SaysAllThatSchedulingKnows) {
  const auto settings = read(kFull);
  ASSERT_TRUE(settings) << settings.error().what;
  ASSERT_EQ(settings->phases.size(), 2U);
  EXPECT_EQ(settings->phases[0].name, "seed");
  EXPECT_EQ(settings->phases[0].timeout, 10min);
  EXPECT_EQ(settings->phases[1].name, "rest");
  EXPECT_EQ(settings->phases[1].timeout, 30min);
  std::vector<std::string> tags;
  for (const TagPattern& tag : settings->tags) tags.push_back(tag.pattern + " " + tag.tag);
  EXPECT_EQ(tags, (std::vector<std::string>{"Schema.* phase:seed", "Migrations.* phase:seed", "Big.* weight:4",
                                            "Big.* memory:1.5G", "Big.* priority:high", "Orders.* lock:db:read",
                                            "Orders.* after:Schema.Creates", "Shutdown.* serial"}));
  EXPECT_EQ(settings->tags[1].origin, kPath + ":4:44: /phases/0/tests/1");
  EXPECT_EQ(settings->environment, (std::vector<std::string>{"PGDATABASE={prefix}db", "EMPTY="}));
  EXPECT_EQ(settings->retries, 2);
  EXPECT_EQ(settings->fail_fast, (FailureLimit{0, 10}));
  EXPECT_TRUE(settings->has_flaky);
  EXPECT_EQ(settings->flaky, FlakyPolicy::fail);
  ASSERT_EQ(settings->quarantine.size(), 2U);
  EXPECT_EQ(settings->quarantine[1].pattern, "Older.x");
  EXPECT_EQ(settings->quarantine[1].until, "2026-12-31");
  EXPECT_EQ(settings->quarantine[1].reason, "issue 12");
  EXPECT_EQ(settings->quarantine[1].origin, kPath + ":16:38: /quarantine/0/tests/1");
  EXPECT_EQ(settings->stagger, 100ms);
  EXPECT_EQ(settings->test_timeout, 60s);
  EXPECT_TRUE(settings->has_isolation);
  EXPECT_EQ(settings->isolation, Isolation::suite);
  EXPECT_EQ(settings->inputs, (std::vector<std::string>{"/src/store/data/rows.csv", "/etc/hosts", "env:LANG"}));
}

// The schema knows what the reader knows: a key that only one of them has makes this red.
TEST(Config, TheSchemaHasEveryKeyOfTheReader) {
  EXPECT_EQ(complaint_of_schema(kFull), "");
  std::ifstream file(CLEAVE_SOURCE_DIR "/cmake/cleave.schema.json");
  const Json schema = Json::parse(file);
  const Json full = Json::parse(kFull);
  const std::string known = error_of(R"({"zzzzzzzzzz": 1})");
  for (const auto& [key, rule] : schema["properties"].items()) {
    EXPECT_TRUE(full.contains(key)) << key;
    EXPECT_NE(known.find("'" + key + "'"), std::string::npos) << key;
  }
  EXPECT_EQ(static_cast<std::size_t>(std::count(known.begin(), known.end(), ',')) + 1, schema["properties"].size());
}

TEST(Config, TheExampleOfTheReadmeIsLegal) {
  std::ifstream file(CLEAVE_SOURCE_DIR "/tests/unit/schema/cleave.json");
  const std::string example{std::istreambuf_iterator<char>(file), {}};
  const auto settings = read(example);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->phases.size(), 2U);
  EXPECT_EQ(complaint_of_schema(example), "");
}

struct Wrong {
  std::string text;
  std::string error;  ///< Behind the path: line, column, pointer and what is legal.
};

// What is wrong in form: the reader and the schema agree.
TEST(Config, WhatTheSchemaRefusesIsAnErrorWithItsPlace) {
  const std::vector<Wrong> table{
      {R"([1])", ":1:1: is an array; legal is an object with 'phases'"},
      {"{\n \"retires\": 2}", ":2:2: /retires: key 'retires' is unknown; did you mean 'retries'?"},
      {R"({"zebra": 2})", ":1:2: /zebra: key 'zebra' is unknown; known are 'phases', 'rules', "},
      {R"({"retries": "2"})", ":1:13: /retries: is a string; legal is a number from 0 to 100"},
      {R"({"retries": 101})", ":1:13: /retries: number of retries '101' is not a number from 0 to 100"},
      {R"({"retries": -1})", ":1:13: /retries: number of retries '-1'"},
      {R"({"retries": 1.5})", ":1:13: /retries: number of retries '1.5'"},
      {R"({"fail_fast": 0})", ":1:15: /fail_fast: limit of failures '0'"},
      {R"({"fail_fast": "ten"})", ":1:15: /fail_fast: is a string; legal is a number from 1 to 1000000, or a percent"},
      {R"({"fail_fast": true})", ":1:15: /fail_fast: is a boolean; legal is a number"},
      {R"({"flaky": "maybe"})", ":1:11: /flaky: policy for flaky tests 'maybe' is not pass or fail"},
      {R"({"flaky": null})", ":1:11: /flaky: is null; legal is \"pass\" or \"fail\""},
      {R"({"stagger": 100})", ":1:13: /stagger: is a number; legal is a duration, such as \"100ms\""},
      {R"({"stagger": "soon"})", ":1:13: /stagger: duration 'soon' is not"},
      {R"({"test_timeout": "60"})", ":1:18: /test_timeout: duration '60' is not"},
      {R"({"isolation": "none"})", ":1:15: /isolation: isolation 'none' is not shard, suite or test"},
      {R"({"serial": "A.*"})", ":1:12: /serial: is a string; legal is an array of patterns"},
      {R"({"serial": []})", ":1:12: /serial: is empty; legal is an array of patterns"},
      {R"({"serial": [""]})", ":1:13: /serial/0: is empty; legal is a pattern"},
      {R"({"serial": [3]})", ":1:13: /serial/0: is a number; legal is a pattern"},
      {R"({"environment": []})", ":1:17: /environment: is an array; legal is an object of variables"},
      {R"({"environment": {"A": 1}})", ":1:23: /environment/A: is a number; legal is a template"},
      {R"({"phases": {}})", ":1:12: /phases: is an object; legal is an array of phases"},
      {R"({"phases": [{}]})", ":1:13: /phases/0: lacks the key 'name'"},
      {R"({"phases": ["a"]})", ":1:13: /phases/0: is a string; legal is an object with 'name'"},
      {R"({"phases": [{"name": "a b"}]})", ":1:22: /phases/0/name: phase name 'a b' is not 1 to 64 letters"},
      {R"({"phases": [{"name": "a", "test": []}]})",
       ":1:27: /phases/0/test: key 'test' is unknown; did you mean 'tests'?"},
      {R"({"phases": [{"name": "a", "timeout": 30}]})", ":1:38: /phases/0/timeout: is a number; legal is a duration"},
      {R"({"rules": [{"tests": ["A.*"]}]})", ":1:12: /rules/0: lacks the key 'tags'"},
      {R"({"rules": [{"tests": ["A.*"], "tags": []}]})", ":1:39: /rules/0/tags: is empty; legal is an array of tags"},
      {R"({"rules": [{"tests": ["A.*"], "tags": ["wieght:2"]}]})",
       ":1:40: /rules/0/tags/0: tag 'wieght:2' is unknown; did you mean 'weight:K'?"},
      {R"({"rules": [{"tests": ["A.*"], "tags": ["memory:lots"]}]})",
       ":1:40: /rules/0/tags/0: tag 'memory:lots': memory"},
      {R"({"quarantine": [{"tests": ["A.*"]}]})", ":1:17: /quarantine/0: lacks the key 'until'"},
      {R"({"quarantine": [{"tests": ["A.*"], "until": "soon"}]})",
       ":1:45: /quarantine/0/until: date 'soon' is not a day"},
      {R"({"quarantine": [{"tests": ["A.*"], "until": "2026-12-31", "reason": ""}]})",
       ":1:69: /quarantine/0/reason: is empty; legal is the reason, in words"},
      {R"({"inputs": [""]})", ":1:13: /inputs/0: is empty; legal is a path"},
      {R"({"$schema": 7})", ":1:13: /$schema: is a number; legal is the address of a schema"},
  };
  for (const auto& [text, expected] : table) {
    const std::string error = error_of(text);
    EXPECT_EQ(error.rfind(kPath + expected, 0), 0U) << text << "\n" << error;
    EXPECT_NE(complaint_of_schema(text), "") << text;
  }
}

// What only the reader can know.
TEST(Config, WhatMeansNothingIsAnErrorWithItsPlace) {
  const std::vector<Wrong> table{
      {R"({"phases": [{"name": "a"}, {"name": "a"}]})", ":1:37: /phases/1/name: phase 'a' has its place already"},
      {R"({"rules": [{"tests": ["A.*"], "tags": ["phase:a", "phase:b"]}]})",
       ":1:51: /rules/0/tags/1: tag 'phase:b': the test is in phase 'a' already"},
      {R"({"rules": [{"tests": ["A.*"], "tags": ["weight:2000"]}]})",
       ":1:40: /rules/0/tags/0: tag 'weight:2000': weight"},
      {R"({"quarantine": [{"tests": ["A.*"], "until": "2026-02-30"}]})",
       ":1:45: /quarantine/0/until: date '2026-02-30' is not a day"},
      {R"({"fail_fast": "101%"})", ":1:15: /fail_fast: limit of failures '101%'"},
      {R"({"environment": {"A-B": "x"}})", ":1:25: /environment/A-B: ENVIRONMENT 'A-B=x' is not VAR=template"},
      {R"({"environment": {"A=B": "x"}})", ":1:25: /environment/A=B: name 'A=B' or its template has a '='"},
      {R"({"environment": {"A": "x\u0000"}})", ":1:23: /environment/A: name 'A' or its template has a '=' or a zero"},
      {R"({"environment": {"A": "{prefx}"}})", ":1:23: /environment/A: ENVIRONMENT 'A={prefx}'"},
      {R"({"inputs": ["env:A B"]})", ":1:13: /inputs/0: variable 'A B' is not letters"},
      {R"({"inputs": ["a\u0000b"]})", ":1:13: /inputs/0: has a zero character in it"},
      {"{\"retries\": 1,}", ":1:15: expected a name in quotes, found '}'"},
  };
  for (const auto& [text, expected] : table) {
    const std::string error = error_of(text);
    EXPECT_EQ(error.rfind(kPath + expected, 0), 0U) << text << "\n" << error;
  }
  std::string tags = "\"serial\"";
  for (int i = 0; i < 64; ++i) tags += ",\"serial\"";
  const std::string error = error_of(R"({"rules": [{"tests": ["A.*"], "tags": [)" + tags + "]}]}");
  EXPECT_NE(error.find("/rules/0/tags: 65 tags; legal are up to 64"), std::string::npos) << error;
}

// What cleave_add_shards() states itself is nearer to the target than a file that several may share.
TEST(Config, GivesWayToWhatTheCallStates) {
  Settings call;
  call.retries = 0;
  call.fail_fast = {3, 0};
  call.stagger = 0ns;
  call.test_timeout = 0ns;
  call.has_isolation = true;
  call.isolation = Isolation::test;
  call.environment = {"PGDATABASE=mine", "EMPTYISH=x"};
  call.serial = {"S.*"};
  const auto settings = read(kFull, call);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->retries, 0);
  EXPECT_EQ(settings->fail_fast, (FailureLimit{3, 0}));
  EXPECT_EQ(settings->stagger, 0ns);
  EXPECT_EQ(settings->test_timeout, 0ns);
  EXPECT_EQ(settings->isolation, Isolation::test);
  EXPECT_EQ(settings->environment, (std::vector<std::string>{"PGDATABASE=mine", "EMPTYISH=x", "EMPTY="}));
  EXPECT_EQ(settings->serial, (std::vector<std::string>{"S.*"}));
}

// R02: a phase named in both places is one phase, and two orders that differ are an error.
TEST(Config, PhasesKeepTheOrderOfTheCall) {
  Settings call;
  call.phases = {{"a", 30min}, {"b", 30min}, {"c", 30min}};
  const auto merged =
      read(R"({"phases": [{"name": "a", "timeout": "5m"}, {"name": "c", "timeout": "0"}, {"name": "d"}]})", call);
  ASSERT_TRUE(merged) << merged.error().what;
  std::vector<std::pair<std::string, std::chrono::nanoseconds>> phases;
  for (const PhaseSpec& phase : merged->phases) phases.emplace_back(phase.name, phase.timeout);
  EXPECT_EQ(phases, (decltype(phases){{"a", 5min}, {"b", 30min}, {"c", 0ns}, {"d", 30min}}));
  EXPECT_NE(
      error_of(R"({"phases": [{"name": "c"}, {"name": "a"}]})", call).find("/phases/1/name: phase 'a' has its place"),
      std::string::npos);
}

// R01: a pattern of the file that covers nothing names its line.
TEST(Config, PatternsThatMatchNothingNameTheirLine) {
  TestList list;
  list.framework = "gtest";
  TestCase test;
  test.suite = "Orders";
  test.name = "x";
  list.tests = {test};
  const auto settings = read("{\n \"rules\": [\n  {\"tests\": [\"Oders.*\"], \"tags\": [\"weight:2\"]}]}");
  ASSERT_TRUE(settings);
  const auto all = constraints_of(list, {}, *settings);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().what, kPath + ":3:14: /rules/0/tests/0: pattern 'Oders.*' matches no test of this binary");
}

}  // namespace
}  // namespace cleave::plan
