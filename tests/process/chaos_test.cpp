// Real runs in which workers, listers, shards, supervisors and ctest are killed, stopped and interrupted at random
// moments, one by one and several at once. What holds for each, whatever was hit: nothing ran twice, nothing is left
// behind, either every test has one outcome that is true or the run is red and says why, and the next run is whole. A
// case that fails prints its seed: CLEAVE_PROPERTY_SEED=<seed> makes it the first one. CLEAVE_CHAOS_RUNS=<n> does n
// times as many cases.

#include "chaos.hpp"

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

constexpr std::uint64_t kCasesOfEachFramework = 14;
constexpr std::uint64_t kCasesOfCTest = 18;
/// Of ctest: the entry that begins the run was killed between two system calls, and its new link `latest` stayed.
constexpr std::uint64_t kKilledWhileItLinked = 1007;

/// The tests whose entry ctest never started, for all that the report knows.
std::size_t told_as_unselected(const Json& report) {
  std::size_t tests = 0;
  for (const auto& note : report["notes"]) {
    const std::string text = note.get<std::string>();
    if (text.find("not selected: no entry for them was started") != std::string::npos) tests += std::stoul(text);
  }
  return tests;
}

/// How many attempts of each test began, by what the report says of them.
std::map<std::string, int> begun_by_name(const Json& report) {
  std::map<std::string, int> all = runs_by_name(report);
  for (const auto& test : report["tests"]) {
    for (const auto& attempt : test["attempts"]) {
      const bool interrupted = attempt["reason"].get<std::string>().find("while it ran") != std::string::npos;
      if (attempt["outcome"] == "not_run" && interrupted) ++all[test["full_name"].get<std::string>()];
    }
  }
  return all;
}

/// What holds for a report of a run that was hit. An entry that is killed before its first act looks like one that was
/// not selected, which the report says; ctest tells of its death.
void expect_accounted_for(const Json& report, const std::set<std::string>& tests, const std::vector<LogLine>& log,
                          int ended_entries = 0) {
  std::map<std::string, int> started;
  std::map<std::string, int> ended;
  std::map<std::string, int> attempts;
  for (const LogLine& line : log) {
    ++(line.what == "start" ? started : ended)[line.test];
    if (line.what == "start") ++attempts[line.test + " attempt " + line.values.at("attempt")];
  }
  for (const auto& [attempt, times] : attempts) EXPECT_EQ(times, 1) << attempt;
  const auto told = outcomes_by_name(report);
  const auto ran = begun_by_name(report);
  std::size_t unselected = 0;
  for (const std::string& test : tests) {
    if (told.count(test) == 0) {
      ++unselected;
      continue;
    }
    EXPECT_LE(started[test], ran.at(test)) << test << " ran more often than is told";
    const bool passed = told.at(test).front() == "passed" || told.at(test).front() == "flaky";
    EXPECT_TRUE(!passed || ended[test] >= 1) << test << " passed, and did not come to its end";
  }
  EXPECT_EQ(told.size() + unselected, tests.size());
  EXPECT_EQ(unselected, told_as_unselected(report));
  EXPECT_TRUE(unselected == 0 || ended_entries > 0) << "an entry that was not killed did not run";
  expect_truth_of_outcomes(report);
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
  /// The tests of the program, by a run that nobody disturbs: whole and green, after whatever was before.
  std::set<std::string> undisturbed(Sandbox& box) const {
    box.write("log", "");
    const Finished run = box.sharded(binary_, 4);
    EXPECT_EQ(run.code, 0) << run.told();
    const Json report = box.report(binary_);
    std::set<std::string> names;
    for (const auto& [name, outcomes] : outcomes_by_name(report)) names.insert(name);
    EXPECT_EQ(report["totals"]["passed"], names.size());
    EXPECT_EQ(starts(log_of(box)), each({names.begin(), names.end()}));
    expect_tidy(box, box.home_of(binary_));
    return names;
  }

  void one_case(std::uint64_t seed) {
    Choices choices(seed);
    Sandbox box;
    box.set("CLEAVE_TEST_LOG", box.path("log"));
    Sandbox::Arguments arguments{"--cleave-isolation=" + choices.one_of<std::string>({"shard", "suite", "test"})};
    if (choices.chance(30)) arguments.push_back("--cleave-retries=2");
    Running running = box.start_sharded(binary_, choices.number(1, 4), arguments);
    Mischief mischief(choices, box, running, milliseconds(120));
    mischief.begin();
    for (std::uint32_t left = choices.number(1, 4); left > 0; --left) {
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 40) {
        tally_.hits += mischief.send_one_at(1, mischief.some_end()) ? 1 : 0;
      } else if (what <= 65) {
        tally_.hits += mischief.stop_one_at(what <= 52 ? 1 : 0) ? 1 : 0;
      } else if (what <= 80) {
        tally_.hits += mischief.kill_several();
      } else if (what <= 90) {
        mischief.signal_root(what <= 85 ? SIGINT : SIGTERM);
      } else if (what <= 94) {
        mischief.signal_group(SIGINT);
      } else {
        mischief.signal_root(SIGKILL);
        break;
      }
      mischief.pause(milliseconds(0), milliseconds(60));
    }
    const Finished run = running.wait();
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + mischief.said() + " " + run.told());
    judge(box, run);
    EXPECT_FALSE(run.timed_out || run.held);
    if (choices.chance(looked_after(20)) || run.signal != 0) {
      EXPECT_EQ(undisturbed(box), tests_);
    }
  }

  void judge(const Sandbox& box, const Finished& run) {
    // A signal that comes before the supervisor listens, or after it has ended its work, is its end, as of any program.
    if (run.signal != 0) {
      EXPECT_TRUE(run.signal == SIGKILL || run.signal == SIGINT || run.signal == SIGTERM);
      EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
      for (const auto& [test, times] : starts(log_of(box))) EXPECT_LE(times, 3) << test;
      return;
    }
    const std::string home = box.home_of(binary_);
    expect_nothing_left(box, home, Torn::may_be_left);
    tally_.red += run.code == 0 ? 0 : 1;
    if (!fs::exists(home + "/latest/report.json")) {
      // The process that lists the tests was hit.
      EXPECT_EQ(run.code, 3);
      EXPECT_NE(run.err, "");
      return;
    }
    ++tally_.reports;
    const Json report = box.report(binary_);
    EXPECT_EQ(report["exit_code"], run.code);
    expect_reports_agree(box, home, report);
    expect_accounted_for(report, tests_, log_of(box));
    if (run.code == 0) {
      EXPECT_EQ(report["totals"]["passed"], tests_.size());
    }
  }

  const std::string binary_ = program(GetParam() + "_chaos");
  std::set<std::string> tests_;
  ChaosTally tally_;
};

// R12, R14, R20, R21, R26
TEST_P(OwnRunChaos, EachTestHasOneOutcomeOrTheRunIsRedAndSaysWhy) {
  if (binary_.empty() && std::getenv("CI") == nullptr) GTEST_SKIP() << GetParam() << " is not built";
  ASSERT_NE(binary_, "");
  const OwnThings own;
  {
    Sandbox calm;
    calm.set("CLEAVE_TEST_LOG", calm.path("log"));
    tests_ = undisturbed(calm);
  }
  ASSERT_GE(tests_.size(), 20U);
  for (const std::uint64_t seed : chaos_seeds({}, kCasesOfEachFramework)) {
    ++tally_.runs;
    one_case(seed);
    if (HasFailure()) return;
  }
  tally_.expect_much();
  own.expect_unchanged();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, OwnRunChaos, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

std::set<std::string> set_of(const Names& names) { return {names.begin(), names.end()}; }

/// A ctest over the shards of one GoogleTest program, or of one of each framework.
class CTestChaos : public testing::Test {
 protected:
  void one_case(std::uint64_t seed) {
    Choices choices(seed);
    const bool both = choices.chance(30);
    CTestTree tree({both ? "mixed" : "frail"});
    Running running = tree.start_ctest({"-j" + std::to_string(choices.number(1, 4))});
    Mischief mischief(choices, tree, running, milliseconds(both ? 1500 : 700));
    mischief.begin();
    for (std::uint32_t left = choices.number(1, 4); left > 0; --left) {
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 30) {
        tally_.hits += mischief.send_one_at(2, mischief.some_end()) ? 1 : 0;
      } else if (what <= 55) {
        tally_.hits += mischief.send_one_at(1, mischief.some_end()) ? 1 : 0;
      } else if (what <= 75) {
        tally_.hits += mischief.stop_one_at(what <= 60 ? 0 : what <= 68 ? 1 : 2) ? 1 : 0;
      } else if (what <= 90) {
        tally_.hits += mischief.kill_several();
      } else if (what <= 93) {
        mischief.signal_group(SIGINT);
        break;
      } else {
        mischief.signal_root(mischief.some_end());
        break;
      }
      mischief.pause(milliseconds(0), milliseconds(250));
    }
    const Finished run = running.wait();
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + mischief.said() + " " + run.told());
    ended_entries_ = mischief.ended_at_depth_one();
    EXPECT_FALSE(run.timed_out);
    EXPECT_TRUE(tree.all_processes_end()) << testing::PrintToString(tree.processes());
    std::map<std::string, std::set<std::string>> programs{{"frail", set_of(frail_tests())}};
    if (both) programs = {{"mixed_gtest", set_of(gtest_all())}, {"mixed_catch2", set_of(catch2_all())}};
    for (const auto& [name, tests] : programs) judge(tree, run, name, tests);
    if (!choices.chance(looked_after(20))) return;
    tree.clear_log();
    const Finished next = tree.ctest({"-j4"});
    EXPECT_EQ(next.code, 0) << next.told();
    for (const auto& [name, tests] : programs) {
      EXPECT_EQ(starts(log_of(tree, tests)), each({tests.begin(), tests.end()}));
      EXPECT_EQ(tree.report(name)["totals"]["passed"], tests.size());
      expect_nothing_left(tree, tree.home_of(name));
    }
  }

  static std::vector<LogLine> log_of(const CTestTree& tree, const std::set<std::string>& tests) {
    std::vector<LogLine> log = tree.log();
    std::erase_if(log, [&](const LogLine& line) { return tests.count(line.test) == 0; });
    return log;
  }

  void judge(const CTestTree& tree, const Finished& run, const std::string& name, const std::set<std::string>& tests) {
    SCOPED_TRACE(name);
    const std::string home = tree.home_of(name);
    expect_nothing_left(tree, home, Torn::may_be_left);
    const std::vector<LogLine> log = log_of(tree, tests);
    for (const auto& [test, times] : starts(log)) EXPECT_EQ(times, 1) << test;
    const bool stopped = run.signal != 0;
    EXPECT_TRUE(stopped || run.code == 0 || run.code == 8);
    tally_.red += run.code == 0 ? 0 : 1;
    if (!fs::exists(home + "/latest/report.json")) {
      // Nothing began, or ctest and the last entry were killed.
      EXPECT_NE(run.code, 0);
      return;
    }
    ++tally_.reports;
    const Json report = tree.report(name);
    ASSERT_TRUE(report.is_object());
    expect_reports_agree(tree, home, report);
    // Of a ctest that died, only what had begun is selected.
    if (!stopped) expect_accounted_for(report, tests, log, ended_entries_);
    if (run.code == 0) {
      EXPECT_EQ(report["exit_code"], 0);
      EXPECT_EQ(report["totals"]["passed"].get<std::size_t>(), tests.size());
    }
  }

  int ended_entries_ = 0;  ///< In the last case.
  ChaosTally tally_;
};

// R12, R14, R20, R21, R26
TEST_F(CTestChaos, EachTestHasOneOutcomeOrTheRunIsRedAndSaysWhy) {
  const OwnThings own;
  for (const std::uint64_t seed : chaos_seeds({kKilledWhileItLinked}, kCasesOfCTest)) {
    ++tally_.runs;
    one_case(seed);
    if (HasFailure()) return;
  }
  tally_.expect_much();
  own.expect_unchanged();
}

}  // namespace
}  // namespace cleave::test
