// `cleave run`: many programs in one pool, with Cleave in them and without.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "../support/schema_check.hpp"
#include "../support/xml_tree.hpp"
#include "own_run.hpp"
#include "pool_runs.hpp"
#include "report/catch2_names.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

const std::string kCleave = CLEAVE_TOOL;

/// What a test is called and how it ended, in the spelling of reporters, which trim names and spell bytes out.
std::map<std::string, std::vector<std::string>> spelled(const Json& report) {
  std::map<std::string, std::vector<std::string>> all;
  for (const auto& [name, outcomes] : outcomes_by_name(report)) {
    auto& into = all[report::catch2_spelling(name)];
    into.insert(into.end(), outcomes.begin(), outcomes.end());
  }
  return all;
}

class CliRun : public PoolRuns {};

class CliRunTwins : public EachFramework {
 protected:
  /// Runs both twins side by side and compares what their reports say.
  void expect_same(const std::string& name, int code, std::size_t at_least) {
    const std::string with = of(name);
    const std::string without = of(name + "_plain");
    ASSERT_FALSE(without.empty()) << name;
    const Finished run = box_.run({kCleave, "run", "-j4", "--dir=" + box_.reports(), "--timeout=1m", with, without});
    EXPECT_EQ(run.code, code) << run.told();
    const auto expected = spelled(box_.report(with));
    EXPECT_GE(expected.size(), at_least);
    EXPECT_EQ(spelled(box_.report(without)), expected);
    EXPECT_TRUE(box_.all_processes_end());
  }
};

// R12, R19: the promise of `cleave run`.
TEST_P(CliRunTwins, ProgramsWithoutCleaveHaveTheSameOutcomesAsWithIt) { expect_same("basics", 1, 20); }

TEST_P(CliRunTwins, CrashesAreNamedAndTheRestRunsOnWithoutCleaveToo) { expect_same("crashes", 1, 15); }

INSTANTIATE_TEST_SUITE_P(Frameworks, CliRunTwins, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

class CliRunCatch2Twins : public CliRunTwins {};

TEST_P(CliRunCatch2Twins, EveryHostileNameRunsOnceAndIsReportedUnderItsName) { expect_same("hostile_names", 0, 50); }

INSTANTIATE_TEST_SUITE_P(Frameworks, CliRunCatch2Twins, testing::Values("catch2_v2", "catch2_v3"), framework_name);

class CliRunGTestTwins : public CliRunTwins {};

TEST_P(CliRunGTestTwins, TestsWhoseSetUpFailsAreRed) { expect_same("setup_failures", 1, 10); }

INSTANTIATE_TEST_SUITE_P(Frameworks, CliRunGTestTwins, testing::Values("gtest"), framework_name);

// R13: one report of all.
TEST_F(CliRun, TellsOfAllProgramsInOneSummaryAndOneReport) {
  const Finished finished =
      run({"-j3", program("gtest_basics"), program("gtest_crashes_plain"), program("catch2_v2_basics_plain")});
  EXPECT_EQ(finished.code, 1) << finished.told();
  EXPECT_EQ(finished.err, "");
  std::size_t tests = 0;
  for (const char* const name : {"gtest_basics", "gtest_crashes_plain", "catch2_v2_basics_plain"}) {
    const Json report = box_.report(program(name));
    tests += report["tests"].size();
    EXPECT_THAT(finished.out,
                HasSubstr(std::string(name) + ": " + std::to_string(report["tests"].size()) + " tests: "));
  }
  const Json all = merged();
  EXPECT_EQ(all["tests"].size(), tests);
  EXPECT_EQ(all["exit_code"], 1);
  EXPECT_EQ(test_named(all, "gtest_crashes_plain.Crashes.B_Segfaults")["outcome"], "crashed");
  EXPECT_EQ(test_named(all, "catch2_v2_basics_plain.passes")["outcome"], "passed");
  EXPECT_EQ(SchemaCheck(Json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/sharding/report/report.schema.json")))(all), "");
  const auto junit = XmlParser::parse(box_.read(box_.reports() + "/cleave/run/latest/junit.xml"));
  ASSERT_TRUE(junit);
  EXPECT_EQ(junit->at("tests"), std::to_string(tests));
  EXPECT_THAT(finished.out, AllOf(HasSubstr("\nred: "), HasSubstr("report: "), HasSubstr("/cleave/run/runs/")));
}

// R13: nothing of one program's failure stands within another's.
TEST_F(CliRun, FailuresAreToldWhole) {
  const Finished finished = run({"-j4", program("gtest_basics"), program("gtest_crashes"),
                                 program("gtest_basics_plain"), program("gtest_crashes_plain")});
  int blocks = 0;
  std::istringstream lines(finished.out);
  bool within = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("FAILED  ") || line.starts_with("CRASHED  ")) {
      EXPECT_FALSE(within) << "a failure begins within another: " << line;
      within = true;
      ++blocks;
    } else if (within) {
      EXPECT_TRUE(line.empty() || line.starts_with("  ")) << line;
      if (line.starts_with("  reproduce: ")) within = false;
    }
  }
  EXPECT_FALSE(within);
  EXPECT_EQ(blocks, 48);
}

bool runs_alone(const std::string& test) {
  return test.find("SERIAL_") != std::string::npos || test.starts_with("serial_") || test.starts_with("ByTag.") ||
         test.starts_with("ByTagParam") || test.find("/ByTagParam") != std::string::npos ||
         (test.starts_with("ByTagTyped") && test.ends_with("One"));
}

// R05, R19: of all programs of the run.
TEST_F(CliRun, SerialTestsRunWhileNoTestOfAnyProgramDoes) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  const Finished finished = run({"-j4", program("gtest_serial"), program("catch2_v2_serial"),
                                 program("gtest_serial_names_plain"), program("catch2_v2_serial_plain")});
  EXPECT_EQ(finished.code, 0) << finished.told();
  const auto lines = test_lines(box_.read("log"));
  EXPECT_EQ(count_lines(lines, "start"), static_cast<int>(merged()["tests"].size()));
  EXPECT_THAT(forbidden_overlaps(lines, [](const std::string& a, const std::string&) { return runs_alone(a); }),
              testing::IsEmpty());
  // And the others did overlap: the check above can fail.
  EXPECT_THAT(forbidden_overlaps(lines, [](const std::string&, const std::string&) { return true; }),
              Not(testing::IsEmpty()));
}

// R05
TEST_F(CliRun, NeverMoreTestsRunThanThereAreJobs) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  for (const std::string jobs : {"1", "2"}) {
    std::filesystem::remove(box_.path("log"));
    const Finished finished = run({"-j", jobs, program("gtest_serial"), program("gtest_serial_names_plain"),
                                   program("catch2_v2_serial"), program("catch2_v2_serial_plain")});
    EXPECT_EQ(finished.code, 0) << finished.told();
    int running = 0;
    int most = 0;
    for (const TestLine& line : test_lines(box_.read("log"))) {
      running += line.what == "start" ? 1 : -1;
      most = std::max(most, running);
    }
    EXPECT_LE(most, std::stoi(jobs));
  }
}

// R07, R19
TEST_F(CliRun, TestsOfProgramsWithoutCleaveHaveAPrefixOfTheirOwn) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  EXPECT_EQ(run({"-j2", program("gtest_serial_names_plain")}).code, 0);
  for (const TestLine& line : test_lines(box_.read("log"))) EXPECT_THAT(line.values.at("prefix"), HasSubstr("_s"));
}

// R11
TEST_F(CliRun, ATestOverItsLimitIsNamedAndTheRestRuns) {
  const Finished finished = run({"-j2", "--timeout=1s", program("catch2_v2_hangs_plain")});
  EXPECT_EQ(finished.code, 1) << finished.told();
  const Json report = box_.report(program("catch2_v2_hangs_plain"));
  EXPECT_EQ(test_named(report, "hangs")["outcome"], "timed_out");
  EXPECT_EQ(test_named(report, "hangs, ignores SIGTERM and has a child that does the same")["outcome"], "timed_out");
  EXPECT_EQ(report["totals"]["passed"], 5);
  EXPECT_THAT(finished.out, HasSubstr("killed after 1000 ms, the limit for one test"));
  EXPECT_TRUE(box_.all_processes_end());
}

TEST_F(CliRun, GTestsOverTheirLimitAreNamedToo) {
  EXPECT_EQ(run({"-j2", "--timeout=1s", "--filter=Hangs.*", program("gtest_hangs_plain")}).code, 1);
  const Json report = box_.report(program("gtest_hangs_plain"));
  EXPECT_EQ(report["totals"]["timed_out"], 4);
  EXPECT_EQ(report["totals"]["passed"], 2);
  EXPECT_TRUE(box_.all_processes_end());
}

// R11: one interrupt reaches everything, and the report is there.
TEST_F(CliRun, AnInterruptEndsAllProgramsAndStillReports) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  for (const int number : {SIGINT, SIGTERM}) {
    std::filesystem::remove(box_.path("log"));
    Running running = box_.start(command({"-j3", program("gtest_waits"), program("gtest_hangs_plain")}));
    ASSERT_TRUE(soon([&] { return std::filesystem::exists(box_.path("log")) && !box_.read("log").empty(); }));
    running.signal(number);
    // Tests of programs with Cleave may end by themselves.
    box_.write("gate", "");
    const Finished finished = running.wait();
    EXPECT_EQ(finished.code, 1) << finished.told();
    EXPECT_EQ(merged()["interrupted_by"], number == SIGINT ? "SIGINT" : "SIGTERM");
    EXPECT_EQ(box_.report(program("gtest_hangs_plain"))["exit_code"], 1);
    EXPECT_THAT(finished.out, HasSubstr("red: interrupted by "));
    EXPECT_TRUE(box_.all_processes_end());
    std::filesystem::remove(box_.path("gate"));
  }
}

// R11: hanging tests with their children, and a grandchild that a test left in a session of its own; none ends by
// itself.
TEST_F(CliRun, AKilledRunLeavesNoProcess) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  Running running = box_.start(command({"-j10", program("gtest_waits"), program("gtest_hangs_plain")}));
  ASSERT_TRUE(soon([&] {
    const auto lines = std::filesystem::exists(box_.path("log")) ? box_.read("log") : "";
    return !lines.empty() && box_.processes().size() > 11;
  }));
  running.signal(SIGKILL);
  EXPECT_EQ(running.wait().signal, SIGKILL);
  EXPECT_TRUE(box_.all_processes_end());
  const Finished status = box_.run({kCleave, "status", box_.home_of(program("gtest_hangs_plain"))});
  EXPECT_THAT(status.out, HasSubstr(" was killed before it reported\n")) << status.told();
}

// R10
TEST_F(CliRun, ARetryRunsInAProcessOfItsOwnAndEveryAttemptIsReported) {
  const Finished finished = run({"--retries", "2", "--filter", "Basics.Fail*", program("gtest_basics_plain")});
  EXPECT_EQ(finished.code, 1) << finished.told();
  const Json report = box_.report(program("gtest_basics_plain"));
  EXPECT_EQ(report["totals"]["selected"], 3);
  EXPECT_EQ(report["totals"]["failed"], 3);
  EXPECT_EQ(test_named(report, "Basics.FailsFatally")["attempts"].size(), 3U);
}

TEST_F(CliRun, FailFastStopsEveryProgram) {
  const Finished finished =
      run({"-j1", "--fail-fast", program("gtest_basics_plain"), program("catch2_v2_basics_plain")});
  EXPECT_EQ(finished.code, 1) << finished.told();
  EXPECT_GT(merged()["totals"]["not_run"], 10);
  EXPECT_THAT(finished.out, HasSubstr("fail-fast: "));
}

TEST_F(CliRun, AFilterSelectsInEveryProgramAndLeavesOutThoseWithoutAMatch) {
  const Finished finished =
      run({"--filter=*asses", program("gtest_basics"), program("gtest_basics_plain"), program("catch2_v2_basics"),
           program("catch2_v2_basics_plain"), program("gtest_many")});
  EXPECT_EQ(finished.code, 0) << finished.told();
  const Json all = merged();
  EXPECT_EQ(test_named(all, "gtest_basics.Basics.Passes")["outcome"], "passed");
  EXPECT_EQ(test_named(all, "gtest_basics_plain.Basics.Passes")["outcome"], "passed");
  EXPECT_EQ(test_named(all, "catch2_v2_basics.Passes")["outcome"], "passed");
  EXPECT_EQ(test_named(all, "catch2_v2_basics_plain.Passes")["outcome"], "passed");
  EXPECT_EQ(all["totals"]["failed"], 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(run({"--filter=NoSuchTest", program("gtest_basics"), program("gtest_basics_plain")}).code, 4);
}

TEST_F(CliRun, WhatStandsBehindTheDashesGoesToThePrograms) {
  const Finished finished = run({"--filter=*WouldFail", program("gtest_basics"), program("gtest_basics_plain"), "--",
                                 "--gtest_also_run_disabled_tests"});
  EXPECT_EQ(finished.code, 1) << finished.told();
  EXPECT_EQ(test_named(merged(), "gtest_basics.Basics.DISABLED_WouldFail")["outcome"], "failed");
  EXPECT_EQ(test_named(merged(), "gtest_basics_plain.Basics.DISABLED_WouldFail")["outcome"], "failed");
}

// Tests that ran without having been asked for would run in several processes: never green.
TEST_F(CliRun, ASelectionBehindTheDashesIsNeverGreen) {
  const Finished finished = run({"-j2", program("catch2_v2_serial_plain"), "--", "free_0,free_1"});
  EXPECT_EQ(finished.code, 3) << finished.told();
  EXPECT_THAT(finished.out, HasSubstr("use --filter"));
}

TEST_F(CliRun, WhatCannotBeRunIsNamedBeforeAnythingRuns) {
  box_.write("work/script.sh", "#!/bin/sh\n");
  std::filesystem::copy_file(program("gtest_basics_plain"), box_.path("work/locked"));
  std::filesystem::permissions(box_.path("work/locked"), std::filesystem::perms::owner_read);
  const std::string good = program("gtest_basics_plain");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{good, "no/such"}, "'no/such' is not there"},
      {{good, "."}, "'.' is a folder, not a test program"},
      {{good, "script.sh"}, "'script.sh' is no program (no ELF file)"},
      {{good, "locked"}, "'locked' is not executable"},
      {{good, kCleave}, "has neither Cleave nor GoogleTest nor Catch2 in it"},
      {{good, good}, "is named twice"},
      {{}, "no test program is given"},
      {{"-j0", good}, "--cleave-jobs='0' is not auto or a number from 1 to 1024"},
      {{"--tiemout=1s", good}, "did you mean '--timeout'?"},
      {{"--cleave-tiemout=1s", good}, "did you mean --cleave-timeout?"},
      {{"--timeout", "soon", good}, "--cleave-timeout='soon'"},
      {{good, "--timeout"}, "--timeout needs a value"},
      {{"--cleave-repeat=2", good}, "--cleave-repeat needs Cleave in the program"},
      {{"--cleave-list", good}, "is for one program"},
      {{"--cleave-entry=begin", good}, "CTest"},
      {{good, "--", "--gtest_output=xml"}, "argument '--gtest_output=xml'"},
      {{good, "--", "--cleave-jobs=2"}, "stand in front of --"},
  };
  for (const auto& [words, told] : cases) {
    const Finished finished = run(words);
    EXPECT_EQ(finished.code, 2) << told << "\n" << finished.told();
    EXPECT_THAT(finished.err, AllOf(testing::StartsWith("cleave: "), HasSubstr(told)));
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(box_.reports())) << "nothing was run";
}

TEST_F(CliRun, AProgramThatEndsWithoutAReportMakesTheRunRed) {
  const Finished finished = run({program("gtest_bad_tag"), program("catch2_v2_hostile_names_plain")});
  EXPECT_EQ(finished.code, 2) << finished.told();
  EXPECT_THAT(finished.out, HasSubstr("gtest_bad_tag: the program ended with status 2 without a report"));
  EXPECT_EQ(box_.report(program("catch2_v2_hostile_names_plain"))["exit_code"], 0) << "the others run";
}

TEST_F(CliRun, AProgramWithoutTestsIsNamedAndNotGreen) {
  const Finished finished = run({program("gtest_no_tests_plain"), program("gtest_serial_names_plain")});
  EXPECT_EQ(finished.code, 4) << finished.told();
  EXPECT_THAT(finished.out, AllOf(HasSubstr("gtest_no_tests_plain: it has no tests"), HasSubstr("exit status 4")));
  EXPECT_EQ(run({program("gtest_no_tests_plain")}).code, 4);
}

TEST_F(CliRun, HelpIsForNewcomersAndFitsEightyColumns) {
  const Finished help = box_.run({kCleave, "run", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("Usage: cleave run"), HasSubstr("Examples:"), HasSubstr("Exit status")));
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace cleave::test
