// Runs that a real GNU make starts: they take its job slots, and give them back.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "run_program.hpp"

namespace cleave::test {
namespace {

constexpr int kTests = 23;

class MakeRuns : public testing::Test {
 protected:
  MakeRuns() {
    for (const char* name : {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR"}) {
      box_.unset(name);
    }
    box_.set("LC_ALL", "C");
    box_.set("RUN", CLEAVE_CHAOS_PROGRAM " --cleave-jobs=4 --cleave-stacks=off --cleave-dir=" + box_.reports());
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  }

  Finished make(const std::string& makefile, const std::string& jobs) {
    box_.write("work/Makefile", makefile);
    const Finished run = box_.run({CLEAVE_MAKE, jobs});
    // make counts its tokens at the end, and says when some are missing or too many.
    EXPECT_EQ(run.err.find("INTERNAL"), std::string::npos) << run.told();
    EXPECT_EQ(run.err.find("jobserver"), std::string::npos) << run.told();
    return run;
  }

  /// By the log that the tests of all runs write: how many were started, and how many ran at once.
  struct Log {
    int started = 0;
    std::size_t most = 0;
    std::set<std::string> processes;
  };
  Log log() const {
    Log told;
    std::multiset<std::string> running;
    std::istringstream lines(box_.read("log"));
    for (std::string what, test, pid, line; lines >> what >> test >> pid && std::getline(lines, line);) {
      const std::string key = pid + test;
      if (what == "start") {
        ++told.started;
        running.insert(key);
        told.processes.insert(pid);
      } else {
        running.erase(running.find(key));
      }
      told.most = std::max(told.most, running.size());
    }
    return told;
  }

  Sandbox box_;
};

// R28: both would like four slots each.
TEST_F(MakeRuns, TwoRunsTogetherRunNoMoreTestsAtOnceThanMakeWasGiven) {
  const Finished run = make(
      "all: a b\n"
      "a b:\n\t+$$RUN/$@\n",
      "-j2");
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(log().started, 2 * kTests);
  EXPECT_EQ(log().most, 2U);
}

// R28: three slots, of which the run has one without asking.
TEST_F(MakeRuns, ARunAloneTakesTheSlotsThatAreFree) {
  const Finished run = make("all:\n\t+$$RUN\n", "-j3");
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(log().started, kTests);
  EXPECT_LE(log().most, 3U);
  EXPECT_GE(log().most, 2U);
}

// R28: without a '+' make keeps its slots to itself, and the run says so.
TEST_F(MakeRuns, WithoutAPlusTheRunSaysSo) {
  box_.write("work/Makefile", "all:\n\t$$RUN\n");
  const Finished made = box_.run({CLEAVE_MAKE, "-j2"});
  EXPECT_EQ(made.code, 0) << made.told();
  EXPECT_NE(made.err.find("put '+' in front of the recipe's line"), std::string::npos) << made.told();
  EXPECT_EQ(log().started, kTests);
}

// R28: what interrupts a run also ends its hold on the slots. Its first test takes a second.
TEST_F(MakeRuns, AnInterruptedRunGivesItsSlotsBack) {
  box_.set("CLEAVE_TEST_SLOW", "Some/Short.Works/0");
  const Finished run = make(
      "all:\n"
      "\t+-( until [ -s $$CLEAVE_TEST_LOG ]; do sleep 0.01; done; kill -INT $$$$ ) & exec $$RUN\n",
      "-j3");
  EXPECT_NE(run.out.find("SIGINT"), std::string::npos) << run.told();
}

// R28: two workers are in the middle of a test when their run is killed, with a second token between them; what make
// starts afterwards has all slots, and make misses none.
TEST_F(MakeRuns, AKilledRunGivesItsSlotsBack) {
  std::string all;
  for (int i = 0; i < 12; ++i) all += "Some/Short.Works/" + std::to_string(i) + ",";
  for (int i = 0; i < 6; ++i) all += "Some/Long.Works/" + std::to_string(i) + ",";
  box_.set("SLOW", all);
  const Finished run = make(
      "all: b\n"
      "b: a\n\t+$$RUN/b\n"
      "a:\n"
      "\t-+( until [ \"`cut -d' ' -f3 $$CLEAVE_TEST_LOG 2>/dev/null | sort -u | wc -l`\" -ge 2 ]; do sleep 0.01; done;"
      " kill -KILL $$$$ ) & CLEAVE_TEST_SLOW=$$SLOW exec $$RUN/a\n",
      "-j2");
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_NE(run.err.find("(ignored)"), std::string::npos) << "nobody was killed: " << run.told();
  EXPECT_GE(log().started, kTests + 2);
}

}  // namespace
}  // namespace cleave::test
