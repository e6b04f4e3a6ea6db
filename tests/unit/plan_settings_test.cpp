#include "plan/settings.hpp"

#include <gtest/gtest.h>

#include "plan/policy.hpp"

namespace cleave::plan {
namespace {

using namespace std::chrono_literals;

TEST(Settings, NameTheLineAndTheValueThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"cleave-settings 2\n", "s:1:"},
      {"cleave-settings 1\nshards\t0\n", "s:2: shards '0' is not a number from 1 to 1024"},
      {"cleave-settings 1\nlock\ta\n", "s:2: 'lock' has 1 values instead of 2"},
      {"cleave-settings 1\n\nwhat\tx\n", "s:3: key 'what' is unknown"},
      {"cleave-settings 1\ntest-timeout\t5 parsecs\n", "duration '5 parsecs'"},
      {"cleave-settings 1\nisolation\tnone\n", "isolation 'none' is not shard, suite or test"},
      {"cleave-settings 1\nphase\ta b\n", "s:2: phase name 'a b' is not 1 to 64"},
      {"cleave-settings 1\nphase-tests\ta\n", "s:2: 'phase-tests' has 1 values instead of 2"},
      {"cleave-settings 1\nretries\t101\n", "s:2: number of retries '101' is not a number from 0 to 100"},
      {"cleave-settings 1\nretries\t-1\n", "s:2: number of retries '-1'"},
      {"cleave-settings 1\nfail-fast\t0\n", "s:2: limit of failures '0'"},
      {"cleave-settings 1\nstagger\tsoon\n", "s:2: duration 'soon'"},
      {"cleave-settings 1\nconfig\n", "s:2: 'config' has 0 values instead of 1"},
  };
  for (const auto& [text, expected] : table) {
    const auto settings = parse_settings(text, "s");
    ASSERT_FALSE(settings) << text;
    EXPECT_NE(settings.error().what.find(expected), std::string::npos) << settings.error().what;
  }
}

TEST(Settings, DurationsTakeEveryUnitAndNoOther) {
  const std::vector<std::pair<std::string, std::chrono::nanoseconds>> good{
      {"250ms", 250ms}, {"2s", 2s}, {"1.5m", 90s}, {"1h", 1h}, {"0", 0s}};
  for (const auto& [text, expected] : good) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(*duration, expected) << text;
  }
  for (const char* text : {"", "5", "s", "-1s", "1x", "1 s", "nan", "inf", "1e30h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

// R02, R06, R14, R24
TEST(Settings, HoldWhatTheCallSaysOfScheduling) {
  const auto settings = parse_settings(
      "cleave-settings 1\n"
      "phase\tseed\n"
      "phase-tests\tseed\tSchema.*\n"
      "phase\trest\n"
      "phase-tests\trest\tA.*\n"
      "phase-tests\tseed\tB.*\n"
      "config\t/src/a b.json\n"
      "retries\t3\n"
      "fail-fast\t12.5%\n"
      "stagger\t150ms\n",
      "s");
  ASSERT_TRUE(settings) << settings.error().what;
  ASSERT_EQ(settings->phases.size(), 2U);
  EXPECT_EQ(settings->phases[0].name, "seed");
  EXPECT_EQ(settings->phases[0].timeout, 30min);
  EXPECT_EQ(settings->phases[1].name, "rest");
  std::vector<std::string> tags;
  for (const TagPattern& tag : settings->tags) tags.push_back(tag.tag + " " + tag.pattern + " " + tag.origin);
  EXPECT_EQ(tags, (std::vector<std::string>{"phase:seed Schema.* ", "phase:rest A.* ", "phase:seed B.* "}));
  EXPECT_EQ(settings->config, "/src/a b.json");
  EXPECT_EQ(settings->retries, 3);
  EXPECT_EQ(settings->fail_fast, (FailureLimit{0, 12.5}));
  EXPECT_EQ(settings->stagger, 150ms);
}

TEST(Settings, SayNothingOfSchedulingWhenTheCallDoesNot) {
  const auto settings = parse_settings("cleave-settings 1\ntarget\tt\n", "s");
  ASSERT_TRUE(settings);
  EXPECT_LT(settings->retries, 0);
  EXPECT_EQ(settings->fail_fast, FailureLimit{});
  EXPECT_LT(settings->stagger.count(), 0);
  EXPECT_TRUE(settings->phases.empty());
  EXPECT_TRUE(settings->config.empty());
}

// R14
TEST(Policy, ALimitOfFailuresIsANumberOrAShare) {
  EXPECT_EQ(*parse_failure_limit("1"), (FailureLimit{1, 0}));
  EXPECT_EQ(*parse_failure_limit("1000000"), (FailureLimit{1000000, 0}));
  EXPECT_EQ(*parse_failure_limit("10%"), (FailureLimit{0, 10}));
  EXPECT_EQ(*parse_failure_limit("0.5%"), (FailureLimit{0, 0.5}));
  EXPECT_EQ(*parse_failure_limit("100%"), (FailureLimit{0, 100}));
  for (const std::string bad :
       {"0", "-1", "1000001", "0%", "101%", "-5%", "%", "nan%", "1e1%", "10 %", "x", "", "1.5"}) {
    const auto limit = parse_failure_limit(bad);
    ASSERT_FALSE(limit) << bad;
    EXPECT_EQ(limit.error().what.rfind("limit of failures '" + bad + "' is not a number from 1 to 1000000", 0), 0U);
  }
}

// R24: a day is one of the calendar, and the last one counts.
TEST(Policy, AQuarantineCountsUntilItsLastDay) {
  Quarantine quarantine;
  quarantine.until = "2026-12-31";
  EXPECT_TRUE(counts(quarantine, "2026-11-21"));
  EXPECT_TRUE(counts(quarantine, "2026-12-31"));
  EXPECT_FALSE(counts(quarantine, "2027-01-01"));
  EXPECT_TRUE(counts(quarantine, "1999-12-31"));
  for (const char* good : {"2024-02-29", "2000-02-29", "2026-12-31", "1970-01-01", "9999-12-31"}) {
    EXPECT_TRUE(check_date(good)) << good;
  }
  for (const char* bad :
       {"2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00", "26-01-01", "2026/01/01",
        "2026-1-1", "2026-01-01T", "", "tomorrow", "1969-12-31", "-026-01-01"}) {
    const auto date = check_date(bad);
    ASSERT_FALSE(date) << bad;
    EXPECT_NE(date.error().what.find("written for example 2026-12-31"), std::string::npos);
  }
}

TEST(Policy, TheDayChangesAtMidnightUtc) {
  EXPECT_EQ(date_of(0ns), "1970-01-01");
  EXPECT_EQ(date_of(24h - 1ns), "1970-01-01");
  EXPECT_EQ(date_of(24h), "1970-01-02");
  EXPECT_EQ(date_of(std::chrono::seconds(1798761599)), "2026-12-31");
  EXPECT_EQ(date_of(std::chrono::seconds(1798761600)), "2027-01-01");
}

}  // namespace
}  // namespace cleave::plan
