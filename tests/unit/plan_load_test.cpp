#include "plan/load.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cleave::plan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

LoadReading runnable(std::uint32_t tasks) {
  LoadReading reading;
  reading.runnable = tasks;
  return reading;
}

// R09.
TEST(ParseLoad, TellsTheAverageTheRunnableTasksAndThePressure) {
  const auto reading = parse_load("1.25 0.15 0.49 3/87 14531\n",
                                  "some avg10=12.50 avg60=0.01 avg300=0.16 total=8226038388\nfull avg10=99.00\n");
  ASSERT_TRUE(reading);
  EXPECT_DOUBLE_EQ(reading->one_minute, 1.25);
  EXPECT_EQ(reading->runnable, 3U);
  ASSERT_TRUE(reading->cpu_pressure);
  EXPECT_DOUBLE_EQ(*reading->cpu_pressure, 12.5);
}

TEST(ParseLoad, GetsAlongWithoutWhatOtherKernelsLack) {
  for (const std::string_view text : {"1.25", "1.25\n", "1.25 1 1", "1.25 1 1 x/87 1", "1.25 1 1 3", "1.25 1 1 -3/4"}) {
    const auto reading = parse_load(text, "");
    ASSERT_TRUE(reading) << text;
    EXPECT_DOUBLE_EQ(reading->one_minute, 1.25);
    EXPECT_FALSE(reading->runnable) << text;
    EXPECT_FALSE(reading->cpu_pressure);
  }
  EXPECT_FALSE(parse_load("1 1 1 1/1 1", "some avg10=nan")->cpu_pressure);
  EXPECT_FALSE(parse_load("1 1 1 1/1 1", "some avg10=101.00 avg60")->cpu_pressure);
}

TEST(ParseLoad, RefusesWhatIsNoLoadAverage) {
  for (const std::string_view text : {"", "x", "nan 1 1 1/2 3", "inf", "-1 1 1 1/2 3", "1x 2"}) {
    const auto reading = parse_load(text, "");
    ASSERT_FALSE(reading) << text;
    EXPECT_EQ(reading.error().kind, Errc::corrupt);
    EXPECT_EQ(reading.error().what, "read the load average: '" + std::string(text) + "' does not begin with a number");
  }
}

// R09: `--cleave-max-load=L`.
TEST(ParseMaxLoad, IsANumberOrOneForEachCpu) {
  EXPECT_DOUBLE_EQ(*parse_max_load("auto", 6), 6);
  EXPECT_DOUBLE_EQ(*parse_max_load("auto", 0), 1);
  EXPECT_DOUBLE_EQ(*parse_max_load("2.5", 6), 2.5);
  EXPECT_DOUBLE_EQ(*parse_max_load("0.1", 6), 0.1);
  EXPECT_DOUBLE_EQ(*parse_max_load("100000", 6), 100000);
  for (const std::string_view text : {"", "0", "-1", "nan", "inf", "1e3", "4 ", " 4", "x", "Auto", "100001", "0.09"}) {
    const auto limit = parse_max_load(text, 6);
    ASSERT_FALSE(limit) << text;
    EXPECT_EQ(limit.error().what, "load '" + std::string(text) + "' is not auto or a number from 0.1 to 100000");
    EXPECT_EQ(limit.error().kind, Errc::usage);
  }
}

// R09: the load average would take a minute.
TEST(LoadMeter, ShowsABusyMachineWithinTwoSecondsAndAnIdleOneToo) {
  LoadMeter meter;
  meter.observe(runnable(1), seconds(100));
  EXPECT_DOUBLE_EQ(meter.load(seconds(100)), 0) << "the reader itself is no load";
  for (int i = 1; i <= 20; ++i) meter.observe(runnable(9), seconds(100) + i * milliseconds(100));
  EXPECT_GT(meter.load(seconds(102)), 6.5);
  for (int i = 1; i <= 20; ++i) meter.observe(runnable(1), seconds(102) + i * milliseconds(100));
  EXPECT_LT(meter.load(seconds(104)), 1.5);
}

TEST(LoadMeter, AMomentWithManyTasksIsNoLoad) {
  LoadMeter meter;
  for (int i = 0; i < 20; ++i) meter.observe(runnable(2), i * milliseconds(10));
  meter.observe(runnable(33), milliseconds(200));
  EXPECT_LT(meter.load(milliseconds(200)), 2);
}

TEST(LoadMeter, HowOftenItIsReadDoesNotMatter) {
  LoadMeter often;
  LoadMeter seldom;
  often.observe(runnable(1), seconds(0));
  seldom.observe(runnable(1), seconds(0));
  for (int i = 1; i <= 100; ++i) often.observe(runnable(5), i * milliseconds(7));
  seldom.observe(runnable(5), milliseconds(700));
  EXPECT_NEAR(often.load(milliseconds(700)), 2, 1e-9) << "half of the way after the half-life";
  EXPECT_NEAR(seldom.load(milliseconds(700)), 2, 1e-9);
}

// R09: or all workers would start in the same moment in which the machine is idle.
TEST(LoadMeter, WhatWasJustStartedCountsUntilReadingsShowIt) {
  LoadMeter meter;
  meter.observe(runnable(1), seconds(1));
  meter.started(seconds(1));
  meter.started(seconds(1));
  EXPECT_DOUBLE_EQ(meter.load(seconds(1)), 2);
  EXPECT_DOUBLE_EQ(meter.load(seconds(1) + LoadMeter::kUnseen - milliseconds(1)), 2);
  EXPECT_DOUBLE_EQ(meter.load(seconds(1) + LoadMeter::kUnseen), 0);
}

TEST(LoadMeter, WithoutRunnableTasksIsTheLoadAverage) {
  LoadMeter meter;
  LoadReading reading;
  reading.one_minute = 3.5;
  meter.observe(reading, seconds(1));
  EXPECT_DOUBLE_EQ(meter.load(seconds(1)), 3.5);
}

TEST(LoadMeter, ATimeThatGoesBackIsAsIfNoneHadPassed) {
  LoadMeter meter;
  meter.observe(runnable(3), seconds(9));
  meter.observe(runnable(9), seconds(5));
  EXPECT_DOUBLE_EQ(meter.load(seconds(9)), 2);
}

// R09.
TEST(LoadGate, IsOpenBelowTheLimitAndClosedFromItOn) {
  EXPECT_TRUE(LoadGate().may_start(3.9, 4, 2));
  EXPECT_FALSE(LoadGate().may_start(4, 4, 2));
  EXPECT_FALSE(LoadGate().may_start(9, 4, 1));
}

TEST(LoadGate, OnceClosedOpensOnlyWellBelowTheLimit) {
  LoadGate gate;
  EXPECT_FALSE(gate.may_start(4.1, 4, 2));
  EXPECT_TRUE(gate.closed());
  EXPECT_FALSE(gate.may_start(3.9, 4, 2));
  EXPECT_FALSE(gate.may_start(3.6, 4, 2));
  EXPECT_TRUE(gate.may_start(3.59, 4, 2));
  EXPECT_FALSE(gate.closed());
  EXPECT_TRUE(gate.may_start(3.9, 4, 2));
}

// R09: a neighbour that never stops must not stop a run for ever.
TEST(LoadGate, IsAlwaysOpenWhileNothingOfOursRuns) {
  LoadGate gate;
  EXPECT_TRUE(gate.may_start(1e6, 0.1, 0));
  EXPECT_TRUE(gate.closed());
  EXPECT_FALSE(gate.may_start(1e6, 0.1, 1));
  EXPECT_TRUE(gate.may_start(1e6, 0.1, 0));
}

}  // namespace
}  // namespace cleave::plan
