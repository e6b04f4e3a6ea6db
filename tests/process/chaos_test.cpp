// Real runs in which workers, shards, supervisors and ctest are killed, stopped and interrupted at random moments. What
// holds for each, whatever was hit: nothing ran twice, nothing is left behind, and either every test has one outcome or
// the run is red and says why. A case that fails prints its seed: CLEAVE_PROPERTY_SEED=<seed> makes it the first one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"
#include "own_run.hpp"
#include "property.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

constexpr std::uint64_t kCasesOfEachFramework = 25;
constexpr std::uint64_t kCasesOfCTest = 30;
/// Of ctest: the entry that begins the run was killed between two system calls, and its new link `latest` stayed.
constexpr std::uint64_t kKilledWhileItLinked = 1007;

/// -1 when it is gone.
int parent_of(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const auto end = text.rfind(')');
  return end == std::string::npos ? -1 : std::atoi(text.c_str() + end + 4);
}

/// How many processes stand between it and the root of the run, itself included: of an own run 1 for a worker, of ctest
/// 1 for an entry and 2 for a worker. 0 for the root and for what is gone.
int depth_of(int pid, int root) {
  int depth = 0;
  for (; pid != root && pid > 1; pid = parent_of(pid)) ++depth;
  return pid == root ? depth : 0;
}

/// What is done to a run while it goes on.
class Mischief {
 public:
  Mischief(Choices& choices, const Sandbox& box, const Running& run) : choices_(choices), box_(box), root_(run.pid()) {}

  void pause(std::uint32_t most) const {
    std::this_thread::sleep_for(std::chrono::microseconds(choices_.number(0, 1000 * most)));
  }
  /// A process that is so deep in the run; 0 when there is none at this moment.
  int one_at(int depth) const {
    std::vector<int> there;
    for (const int pid : box_.processes()) {
      if (depth_of(pid, root_) == depth) there.push_back(pid);
    }
    return there.empty() ? 0 : choices_.one_of(there);
  }
  bool kill_one_at(int depth) {
    const int pid = one_at(depth);
    if (pid == 0 || ::kill(pid, SIGKILL) != 0) return false;
    said_ += " killed one at depth " + std::to_string(depth) + ";";
    killed_entries_ += depth == 1 ? 1 : 0;
    return true;
  }
  bool stop_one_at(int depth) {
    const int pid = depth == 0 ? root_ : one_at(depth);
    if (pid == 0 || ::kill(pid, SIGSTOP) != 0) return false;
    pause(40);
    ::kill(pid, SIGCONT);
    said_ += " stopped one at depth " + std::to_string(depth) + ";";
    return true;
  }
  void signal_root(int number) {
    ::kill(root_, number);
    said_ += " signal " + std::to_string(number) + " to the root;";
  }
  /// For the message of a failed expectation.
  const std::string& said() const { return said_; }
  int killed_entries() const { return killed_entries_; }

 private:
  Choices& choices_;
  const Sandbox& box_;
  const int root_;
  std::string said_;
  int killed_entries_ = 0;
};

/// The tests whose entry ctest never started, for all that the report knows.
std::size_t told_as_unselected(const Json& report) {
  std::size_t tests = 0;
  for (const auto& note : report["notes"]) {
    const std::string text = note.get<std::string>();
    if (text.find("not selected: no entry for them was started") != std::string::npos) tests += std::stoul(text);
  }
  return tests;
}

/// What holds for a report of a run that was hit. An entry that is killed before it could write that it began looks
/// like one that was not selected, which the report says; ctest tells of its death. A worker may begin one more test in
/// the moment in which its supervisor is killed, and nobody is there to hear of it: so many tests at most are told as
/// "not run" although they began.
void expect_accounted_for(const Json& report, const std::set<std::string>& tests, const std::vector<LogLine>& log,
                          int killed_entries = 0) {
  int unheard = killed_entries;
  std::map<std::string, int> started;
  std::map<std::string, int> ended;
  std::map<std::string, int> attempts;
  for (const LogLine& line : log) {
    ++(line.what == "start" ? started : ended)[line.test];
    if (line.what == "start") ++attempts[line.test + " attempt " + line.values.at("attempt")];
  }
  for (const auto& [attempt, times] : attempts) EXPECT_EQ(times, 1) << attempt;
  const auto told = outcomes_by_name(report);
  const auto ran = runs_by_name(report);
  std::size_t unselected = 0;
  for (const std::string& test : tests) {
    if (told.count(test) == 0) {
      ++unselected;
      continue;
    }
    EXPECT_EQ(told.at(test).size(), 1U) << test << " has several";
    unheard -= std::max(0, started[test] - ran.at(test));
    EXPECT_GE(unheard, 0) << test << " ran more often than is told";
    const bool passed = told.at(test).front() == "passed" || told.at(test).front() == "flaky";
    EXPECT_TRUE(!passed || ended[test] >= 1) << test << " passed, and did not come to its end";
  }
  EXPECT_EQ(told.size() + unselected, tests.size());
  EXPECT_EQ(unselected, told_as_unselected(report));
  EXPECT_TRUE(unselected == 0 || killed_entries > 0) << "an entry that was not killed did not run";
  for (const auto& test : report["tests"]) {
    if (test["outcome"] == "passed" || test["outcome"] == "flaky") continue;
    EXPECT_NE(report["exit_code"], 0) << test["full_name"];
    ASSERT_FALSE(test["attempts"].empty());
    EXPECT_NE(test["attempts"].back()["reason"], "") << test["full_name"] << " is red, and nothing says why";
  }
}

/// No process, no temporary file, and beside the runs only what a run keeps for the next one.
void expect_nothing_left(const Sandbox& box, const std::string& home) {
  EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
  for (const char* folder : {"tmp", "work"}) {
    for (const auto& each : fs::directory_iterator(box.path(folder))) ADD_FAILURE() << each.path() << " is left";
  }
  const std::set<std::string> known{"runs", "latest", "history", "history.lock", "last-failed", "lock", "by-ctest"};
  std::error_code none;
  for (const auto& each : fs::directory_iterator(home, none)) {
    EXPECT_EQ(known.count(each.path().filename().string()), 1U) << each.path() << " is left";
  }
}

std::vector<LogLine> log_of(const Sandbox& box) {
  std::vector<LogLine> log;
  if (!fs::exists(box.path("log"))) return log;
  for (const TestLine& line : test_lines(box.read("log"))) log.push_back({line.what, line.test, line.values});
  return log;
}

/// Runs over 1 to 4 shards by a program itself.
class OwnRunChaos : public testing::TestWithParam<std::string> {
 protected:
  struct Tally {
    int hits = 0;
    int reports = 0;
    int red = 0;
  };

  /// The tests of the program, by a run that nobody disturbs: whole and green, after whatever was before.
  std::set<std::string> undisturbed(Sandbox& box) const {
    box.write("log", "");
    const Finished run = box.sharded(binary_, 2);
    EXPECT_EQ(run.code, 0) << run.told();
    const Json report = box.report(binary_);
    std::set<std::string> names;
    for (const auto& [name, outcomes] : outcomes_by_name(report)) names.insert(name);
    EXPECT_EQ(report["totals"]["passed"], names.size());
    EXPECT_EQ(starts(log_of(box)), each({names.begin(), names.end()}));
    return names;
  }

  void one_case(std::uint64_t seed, const std::set<std::string>& tests) {
    Choices choices(seed);
    Sandbox box;
    box.set("CLEAVE_TEST_LOG", box.path("log"));
    Sandbox::Arguments arguments{"--cleave-isolation=" + choices.one_of<std::string>({"shard", "suite", "test"})};
    if (choices.chance(30)) arguments.push_back("--cleave-retries=2");
    Running running = box.start_sharded(binary_, choices.number(1, 4), arguments);
    Mischief mischief(choices, box, running);
    bool killed = false;
    for (std::uint32_t left = choices.number(1, 4); left > 0 && !killed; --left) {
      mischief.pause(60);
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 50) {
        tally_.hits += mischief.kill_one_at(1) ? 1 : 0;
      } else if (what <= 80) {
        tally_.hits += mischief.stop_one_at(what <= 65 ? 1 : 0) ? 1 : 0;
      } else if (what <= 92) {
        mischief.signal_root(what <= 86 ? SIGINT : SIGTERM);
      } else {
        mischief.signal_root(SIGKILL);
        killed = true;
      }
    }
    const Finished run = running.wait();
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + mischief.said() + " " + run.told());
    judge(box, run, tests);
    EXPECT_FALSE(run.timed_out || run.held);
    if (run.signal != 0 || choices.chance(10)) undisturbed(box);
  }

  void judge(const Sandbox& box, const Finished& run, const std::set<std::string>& tests) {
    // A signal that comes before the supervisor listens, or after it has ended its work, is its end, as of any program.
    if (run.signal != 0) {
      EXPECT_TRUE(run.signal == SIGKILL || run.signal == SIGINT || run.signal == SIGTERM);
      EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
      for (const auto& [test, times] : starts(log_of(box))) EXPECT_LE(times, 3) << test;
      return;
    }
    expect_nothing_left(box, box.home_of(binary_));
    tally_.red += run.code == 0 ? 0 : 1;
    if (!fs::exists(box.home_of(binary_) + "/latest/report.json")) {
      // The process that lists the tests was hit.
      EXPECT_EQ(run.code, 3);
      EXPECT_NE(run.err, "");
      return;
    }
    ++tally_.reports;
    const Json report = box.report(binary_);
    EXPECT_EQ(report["exit_code"], run.code);
    expect_accounted_for(report, tests, log_of(box));
    if (run.code == 0) {
      EXPECT_EQ(report["totals"]["passed"].get<std::size_t>(), tests.size());
    }
  }

  const std::string binary_ = program(GetParam() + "_chaos");
  Tally tally_;
};

// R12, R14, R20, R21, R26
TEST_P(OwnRunChaos, EachTestHasOneOutcomeOrTheRunIsRedAndSaysWhy) {
  if (binary_.empty() && std::getenv("CI") == nullptr) GTEST_SKIP() << GetParam() << " is not built";
  ASSERT_NE(binary_, "");
  Sandbox calm;
  calm.set("CLEAVE_TEST_LOG", calm.path("log"));
  const std::set<std::string> tests = undisturbed(calm);
  ASSERT_GE(tests.size(), 20U);
  const auto all = seeds({}, kCasesOfEachFramework);
  for (const std::uint64_t seed : all) {
    one_case(seed, tests);
    if (HasFailure()) break;
  }
  if (HasFailure()) return;
  std::cout << all.size() << " runs, " << tally_.hits << " hits, " << tally_.red << " red, " << tally_.reports
            << " reports\n";
  EXPECT_GT(tally_.hits, 5) << "else nothing was tried";
  EXPECT_GT(tally_.red, 2);
  EXPECT_GT(tally_.reports, static_cast<int>(all.size()) / 3);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, OwnRunChaos, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

std::set<std::string> set_of(const Names& names) { return {names.begin(), names.end()}; }

/// A ctest over the shards of one GoogleTest program, or of one of each framework.
class CTestChaos : public testing::Test {
 protected:
  void one_case(std::uint64_t seed) {
    Choices choices(seed);
    const bool both = choices.chance(40);
    CTestTree tree({both ? "mixed" : "frail"});
    Running running = tree.start_ctest({"-j" + std::to_string(choices.number(1, 4))});
    Mischief mischief(choices, tree, running);
    bool killed = false;
    for (std::uint32_t left = choices.number(1, 4); left > 0 && !killed; --left) {
      mischief.pause(both ? 500 : 250);
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 35) {
        hits_ += mischief.kill_one_at(2) ? 1 : 0;
      } else if (what <= 60) {
        hits_ += mischief.kill_one_at(1) ? 1 : 0;
      } else if (what <= 92) {
        hits_ += mischief.stop_one_at(what <= 76 ? 1 : 2) ? 1 : 0;
      } else {
        mischief.signal_root(choices.chance(50) ? SIGKILL : SIGTERM);
        killed = true;
      }
    }
    const Finished run = running.wait();
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + mischief.said() + " " + run.told());
    killed_entries_ = mischief.killed_entries();
    EXPECT_FALSE(run.timed_out);
    EXPECT_TRUE(tree.all_processes_end()) << testing::PrintToString(tree.processes());
    if (both) {
      judge(tree, run, "mixed_gtest", set_of(gtest_all()));
      judge(tree, run, "mixed_catch2", set_of(catch2_all()));
    } else {
      judge(tree, run, "frail", set_of(frail_tests()));
    }
  }

  void judge(const CTestTree& tree, const Finished& run, const std::string& name, const std::set<std::string>& tests) {
    SCOPED_TRACE(name);
    expect_nothing_left(tree, tree.home_of(name));
    std::vector<LogLine> log;
    for (const LogLine& line : tree.log()) {
      if (tests.count(line.test) != 0) log.push_back(line);
    }
    for (const auto& [test, times] : starts(log)) EXPECT_EQ(times, 1) << test;
    const bool stopped = run.signal != 0;
    EXPECT_TRUE(stopped || run.code == 0 || run.code == 8);
    red_ += run.code == 0 ? 0 : 1;
    const std::string report_file = tree.home_of(name) + "/latest/report.json";
    if (!fs::exists(report_file)) {
      // Nothing began, or ctest and the last entry were killed.
      EXPECT_NE(run.code, 0);
      return;
    }
    ++reports_;
    const Json report = tree.report(name);
    ASSERT_TRUE(report.is_object());
    // Of a ctest that died, only what had begun is selected.
    if (!stopped) expect_accounted_for(report, tests, log, killed_entries_);
    if (run.code == 0) {
      EXPECT_EQ(report["exit_code"], 0);
      EXPECT_EQ(report["totals"]["passed"].get<std::size_t>(), tests.size());
    }
  }

  int killed_entries_ = 0;  ///< In the last case.
  int hits_ = 0;
  int red_ = 0;
  int reports_ = 0;
};

// R12, R14, R20, R21, R26
TEST_F(CTestChaos, EachTestHasOneOutcomeOrTheRunIsRedAndSaysWhy) {
  const auto all = seeds({kKilledWhileItLinked}, kCasesOfCTest);
  for (const std::uint64_t seed : all) {
    one_case(seed);
    if (HasFailure()) break;
  }
  if (HasFailure()) return;
  std::cout << all.size() << " runs, " << hits_ << " hits, " << red_ << " red, " << reports_ << " reports\n";
  EXPECT_GT(hits_, 5) << "else nothing was tried";
  EXPECT_GT(red_, 2);
  EXPECT_GT(reports_, static_cast<int>(all.size()) / 2);
}

}  // namespace
}  // namespace cleave::test
