// `cleave run`: what programs with Cleave and without have in common while they run.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>

#include "own_run.hpp"
#include "pool_runs.hpp"

namespace cleave::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

const std::string kCleave = CLEAVE_TOOL;

class CliPool : public PoolRuns {};

/// The locks of the tests of `serial` of Catch2, and of `serial_names` by the rules below: those that it has alone, and
/// those that it shares.
std::pair<std::set<std::string>, std::set<std::string>> locks_of(const std::string& test) {
  std::set<std::string> locks;
  if (test.starts_with("db_writer") || test.starts_with("both")) locks.insert("db");
  if (test.starts_with("queue") || test.starts_with("both") || test.starts_with("All/Many.MayOverlap/1"))
    locks.insert("queue");
  return {locks, test.starts_with("db_reader") ? std::set<std::string>{"db"} : std::set<std::string>{}};
}

// R04, R05: across programs with Cleave and without.
TEST_F(CliPool, LocksAndWeightsHoldInProgramsWithoutCleaveToo) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.write("work/c.json", R"({"rules": [{"tests": ["All/Many.MayOverlap/1*"], "tags": ["lock:queue"]},
    {"tests": ["ByTestName.MayOverlap"], "tags": ["weight:3", "memory:1M", "priority:low"]}]})");
  const Finished finished = run({"-j3", "--config", "c.json", program("gtest_serial_names_plain"),
                                 program("catch2_v2_serial"), program("catch2_v2_serial_plain")});
  EXPECT_EQ(finished.code, 0) << finished.told();
  EXPECT_EQ(finished.err, "");
  const auto lines = test_lines(box_.read("log"));
  EXPECT_EQ(count_lines(lines, "start"), static_cast<int>(merged()["tests"].size()));
  EXPECT_THAT(forbidden_overlaps(lines,
                                 [](const std::string& a, const std::string& b) {
                                   if (a == "ByTestName.MayOverlap" && b != a) return true;
                                   const auto [mine, unused] = locks_of(a);
                                   const auto [others, shared] = locks_of(b);
                                   return std::ranges::any_of(mine,
                                                              [&others = others, &shared = shared](const auto& lock) {
                                                                return others.count(lock) + shared.count(lock) > 0;
                                                              });
                                 }),
              testing::IsEmpty());
}

// R20, R22
TEST_F(CliPool, RulesThatMatchNothingAreNamedAndTagsThatNeedCleaveTold) {
  const std::string plain = program("gtest_basics_plain");
  box_.write("work/c.json", R"({"rules": [{"tests": ["Gone.*"], "tags": ["serial"]}]})");
  const Finished unmatched = run({"--config=c.json", plain});
  EXPECT_EQ(unmatched.code, 2);
  EXPECT_THAT(
      unmatched.err,
      HasSubstr("/c.json:1:23: /rules/0/tests/0: pattern 'Gone.*' matches no test of a program without Cleave\n"));
  box_.write("work/c.json", R"({"rules": [{"tests": ["Basics.Passes"], "tags": ["phase:one"]}]})");
  const Finished told = run({"--config=c.json", "--filter=Basics.Passes", plain});
  EXPECT_EQ(told.code, 0) << told.told();
  EXPECT_THAT(told.err, HasSubstr("tag 'phase:one' counts only in programs with Cleave\n"));
  EXPECT_EQ(run({"--config=gone.json", plain}).code, 2);
}

// R13: all programs of a run, with Cleave and without, with what each runs and since when.
TEST_F(CliPool, StatusShowsWhatEveryProgramRuns) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("WAITS_GATE", box_.path("gate"));
  Running running = box_.start(
      command({"-j3", program("gtest_waits"), program("gtest_hangs_plain"), program("catch2_v2_hangs_plain")}));
  const std::string home = box_.reports() + "/cleave/run";
  std::string seen;
  EXPECT_TRUE(soon([&] {
    seen = box_.run({kCleave, "status", home}).out;
    for (const char* const part : {"  All/Waits.ForTheGate/", "  Hangs.B_SleepsForEver  (for ", "  hangs  (for "}) {
      if (seen.find(part) == std::string::npos) return false;
    }
    return true;
  })) << seen;
  EXPECT_THAT(seen, AllOf(testing::StartsWith("run 20"), HasSubstr("\ngtest_hangs_plain 20"),
                          HasSubstr("\ngtest_waits 20"), HasSubstr(" tests done\n")));
  // It has been running for as long as it was looked at, and not since the last time that it was.
  const auto elapsed = [&](const std::string& test) {
    const std::string text = box_.run({kCleave, "status", box_.home_of(program("gtest_hangs_plain"))}).out;
    const auto at = text.find(test + "  (for ");
    return at == std::string::npos ? std::string() : text.substr(at, text.find(')', at) - at);
  };
  EXPECT_TRUE(soon([&] { return elapsed("Hangs.B_SleepsForEver").find(" s") != std::string::npos; }))
      << elapsed("Hangs.B_SleepsForEver");
  running.signal(SIGTERM);
  box_.write("gate", "");
  EXPECT_EQ(running.wait().code, 1);
  const Finished ended = box_.run({kCleave, "status", box_.home_of(program("gtest_hangs_plain"))});
  EXPECT_THAT(ended.out, HasSubstr(" has ended: "));
  EXPECT_THAT(box_.run({kCleave, "status", home}).out, HasSubstr(" has ended: "));
}

// R10: failures of programs with Cleave count when they happen. Each of the two has one, and one goes on behind it
// until its limit; serial tests of the third wait for that.
TEST_F(CliPool, FailFastHearsOfAFailureBeforeItsProgramEnds) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  box_.set("CLEAVE_TEST_FAIL", "Few.One,ledger-5");
  box_.set("CLEAVE_TEST_HANG", "Few.Two");
  const Finished finished = run({"-j3", "--fail-fast=2", "--timeout=5s", program("ctest_gtest"),
                                 program("ctest_catch2"), program("gtest_serial_names_plain")});
  EXPECT_EQ(finished.code, 1) << finished.told();
  const Json all = merged();
  EXPECT_EQ(test_named(all, "ctest_gtest.Few.Two")["outcome"], "timed_out");
  std::set<std::string> why;
  for (const Json& test : all["tests"]) {
    if (test["outcome"] == "not_run" && test["suite"].get<std::string>().starts_with("gtest_serial_names_plain"))
      why.insert(test["attempts"][0]["reason"]);
  }
  // Before the one that went on came to its limit, which would have been the second red test of its own program.
  const Json last = test_named(all, "ctest_gtest.Shutdown.StopsTheServer");
  EXPECT_EQ(last["attempts"][0]["reason"], "interrupted by SIGTERM");
  EXPECT_THAT(why, testing::ElementsAre("fail-fast: 2 tests are red"));
  EXPECT_TRUE(box_.all_processes_end());
}

}  // namespace
}  // namespace cleave::test
