// What dies in the middle: a test, a shard, ctest itself. Afterwards nothing is left running, the result is red, and
// the report can be read and says why.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kFirst = "Many/Store.Keeps/0";

int parent_of(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const auto end = text.rfind(')');
  return end == std::string::npos ? -1 : std::stoi(text.substr(end + 4));
}

class CTestKilled : public testing::Test {
 protected:
  /// What holds for each run that was killed: nothing ran twice, nothing is left, and the report accounts for all of
  /// `tests`, each with one outcome.
  Json expect_truth(const Names& tests) {
    EXPECT_TRUE(tree_.all_processes_end()) << tree_.processes().size();
    for (const auto& [test, count] : starts(tree_.log())) EXPECT_EQ(count, 1) << test;
    Json report = tree_.report("frail");
    EXPECT_TRUE(report.is_object());
    if (!report.is_object()) return Json{{"tests", Json::array()}, {"problems", Json::array()}};
    EXPECT_NE(report["exit_code"], 0);
    const auto told = outcomes(report);
    for (const std::string& test : tests) EXPECT_EQ(told.count(test), 1U) << test;
    const auto started = starts(tree_.log());
    for (const auto& [test, outcome] : told) {
      EXPECT_TRUE(outcome != "passed" || started.count(test) == 1U) << test;
      EXPECT_TRUE(outcome != "not_run" || !reason_of(report, test).empty()) << test;
    }
    EXPECT_THAT(tree_.file_of_latest("frail", "junit.xml"), HasSubstr("</testsuites>"));
    return report;
  }
  CTestTree tree_{{"frail"}};
};

// R20
TEST_F(CTestKilled, ACrashingTestIsNamedAndTheOthersRun) {
  tree_.set("CLEAVE_TEST_CRASH", kFirst);
  const Finished ended = tree_.ctest({"-j2"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Failed"), 1) << ended.out;
  EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
  const Json report = expect_truth(frail_tests());
  EXPECT_EQ(test_named(report, kFirst)["outcome"], "crashed");
  EXPECT_THAT(reason_of(report, kFirst), HasSubstr("SIGABRT"));
  EXPECT_EQ(report["totals"]["passed"], 13);
}

TEST_F(CTestKilled, AKilledWorkerIsACrashOfItsTest) {
  tree_.set("CLEAVE_TEST_HANG", kFirst);
  Running ctest = tree_.start_ctest({"-j2"});
  ::kill(tree_.wait_for_start(kFirst), SIGKILL);
  EXPECT_EQ(ctest.wait().code, 8);
  const Json report = expect_truth(frail_tests());
  EXPECT_THAT(reason_of(report, kFirst), HasSubstr("SIGKILL"));
  EXPECT_EQ(report["totals"]["passed"], 13);
}

/// Of workers that are forked, and of those that are executed since their program has a thread before main.
class CTestKilledShard : public CTestKilled, public testing::WithParamInterface<bool> {
 protected:
  CTestKilledShard() {
    if (GetParam()) tree_.set("CLEAVE_TEST_THREAD", "1");
  }
};
INSTANTIATE_TEST_SUITE_P(Workers, CTestKilledShard, testing::Bool(),
                         [](const auto& worker) { return worker.param ? "Executed" : "Forked"; });

// R12: what the shard had taken is "not run", what it was running is "crashed", and the other shards go on.
TEST_P(CTestKilledShard, IsNamedAndTheEndIsRed) {
  tree_.set("CLEAVE_TEST_HANG", kFirst);
  Running ctest = tree_.start_ctest({"-j2"});
  const int worker = tree_.wait_for_start(kFirst);
  ::kill(parent_of(worker), SIGKILL);
  const Finished ended = ctest.wait();
  EXPECT_EQ(ended.code, 8);
  EXPECT_EQ(entries_with(ended.out, "Failed", ".end "), 1) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Passed", ".serial "), 1) << ended.out;
  const Json report = expect_truth(frail_tests());
  EXPECT_EQ(test_named(report, kFirst)["outcome"], "crashed");
  EXPECT_THAT(reason_of(report, kFirst), HasSubstr("was killed while it ran this test"));
  EXPECT_EQ(report["exit_code"], 3);
  EXPECT_EQ(test_named(report, "Shutdown.FreesThePort")["outcome"], "passed");
}

// A worker goes on while nobody listens: what began in that time is lost with the shard, and is not called "not run".
TEST_P(CTestKilledShard, TellsATestThatEndedUnheardAsLostAndNotAsNotRun) {
  tree_.set("CLEAVE_TEST_SLOW", kFirst);
  Running ctest = tree_.start_ctest({"-j1"});
  const int shard = parent_of(tree_.wait_for_start(kFirst));
  ::kill(shard, SIGSTOP);
  EXPECT_TRUE(soon([&] {
    const auto log = tree_.log();
    return std::any_of(log.begin(), log.end(), [](const LogLine& line) { return line.what == "end"; });
  }));
  ::kill(shard, SIGKILL);
  EXPECT_EQ(ctest.wait().code, 8);
  const auto started = starts(tree_.log());
  const Json report = expect_truth(frail_tests());
  EXPECT_EQ(test_named(report, kFirst)["outcome"], "crashed");
  EXPECT_EQ(reason_of(report, kFirst), "shard-0 was killed: the test began, and nobody heard of its end");
  for (const auto& [test, outcome] : outcomes(report))
    EXPECT_TRUE(outcome != "not_run" || started.count(test) == 0) << test;
}

/// An entry of either framework that is killed while it waits for others, with nothing in its journal yet.
class CTestKilledAtItsStart : public testing::TestWithParam<std::string> {
 protected:
  /// The lock under which entries find their run, held by this test.
  class Held {
   public:
    explicit Held(const std::string& home) {
      std::filesystem::create_directories(home);
      fd_ = ::open((home + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      EXPECT_EQ(::flock(fd_, LOCK_EX), 0);
    }
    ~Held() { ::close(fd_); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    int fd_ = -1;
  };

  /// The process of an entry that has marked its start and nothing else; 0 while there is none.
  int started() const {
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(home_ + "/latest", none)) {
      if (file.path().extension() == ".started") return std::atoi(tree_.read(file.path()).c_str());
    }
    return 0;
  }

  /// The end of a ctest that has the serial entry killed at its start, and of that process.
  std::pair<Finished, int> killed(CTestTree::Arguments arguments) {
    arguments.insert(arguments.end(), {"-j1", "-R", "^" + GetParam() + "\\.serial$"});
    auto held = std::make_unique<Held>(home_);
    Running ctest = tree_.start_ctest(arguments);
    EXPECT_TRUE(soon([&] { return tree_.processes().size() > 1; }));
    // Begin comes to its end while ctest stands still, and the lock is held again before the next entry.
    ctest.signal(SIGSTOP);
    held.reset();
    EXPECT_TRUE(soon([&] { return std::filesystem::exists(home_ + "/latest/run.bin"); }));
    held = std::make_unique<Held>(home_);
    ctest.signal(SIGCONT);
    EXPECT_TRUE(soon([&] { return started() != 0; }));
    const int pid = started();
    if (pid != 0) ::kill(pid, SIGKILL);
    held.reset();
    return {ctest.wait(), pid};
  }

  CTestTree tree_{{"mixed"}};
  const std::string home_ = tree_.home_of(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Programs, CTestKilledAtItsStart, testing::Values("mixed_gtest", "mixed_catch2"),
                         [](const auto& one) { return one.param; });

// R12: what only that entry could run is "not run", and not "not selected".
TEST_P(CTestKilledAtItsStart, IsNamedWithTheTestsThatDidNotRun) {
  const auto [ended, pid] = killed({});
  EXPECT_EQ(ended.code, 8) << ended.told();
  EXPECT_EQ(entries_with(ended.out, "Failed", ".end "), 1) << ended.out;
  EXPECT_THAT(starts(tree_.log()), IsEmpty());
  const Json report = tree_.report(GetParam());
  ASSERT_TRUE(report.is_object()) << ended.told();
  EXPECT_EQ(report["exit_code"], 3);
  EXPECT_THAT(problem_titles(report),
              ElementsAre("serial (pid " + std::to_string(pid) + ") ended before it began its work"));
  const Names serial = GetParam() == "mixed_gtest" ? gtest_serial() : catch2_serial();
  const auto told = outcomes(report);
  for (const std::string& test : serial) {
    ASSERT_EQ(told.count(test), 1U) << test;
    EXPECT_EQ(told.at(test), "not_run");
    EXPECT_EQ(reason_of(report, test), "no shard was left to run it");
  }
  EXPECT_EQ(told.size(), serial.size());
}

// Its next execution has all to do, and is not lost.
TEST_P(CTestKilledAtItsStart, IsNotLostWhenCTestExecutesItAgain) {
  const auto [ended, pid] = killed({"--repeat", "until-pass:2"});
  EXPECT_NE(pid, 0);
  EXPECT_EQ(ended.code, 0) << ended.told();
  const Json report = tree_.report(GetParam());
  ASSERT_TRUE(report.is_object()) << ended.told();
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_THAT(report["problems"], IsEmpty());
  EXPECT_EQ(started(), 0);
}

TEST_F(CTestKilled, AShardThatHangsIsEndedByCTestAndReported) {
  tree_.set("CLEAVE_TEST_HANG", kFirst);
  const Finished ended = tree_.ctest({"-j2"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  EXPECT_EQ(entries_with(ended.out, "Timeout"), 1) << ended.out;
  const Json report = expect_truth(frail_tests());
  EXPECT_EQ(test_named(report, kFirst)["outcome"], "crashed");
}

// R21: a process that left its session is found, ended and named; it turns nothing red.
TEST_F(CTestKilled, ALeakedProcessIsEndedAndNamed) {
  tree_.set("CLEAVE_TEST_LEAK", kFirst);
  const Finished ended = tree_.ctest({"-j2"});
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(tree_.processes(), IsEmpty());
  const Json report = tree_.report("frail");
  ASSERT_EQ(report["problems"].size(), 1U);
  EXPECT_EQ(report["problems"][0]["warning"], true);
  EXPECT_THAT(report["problems"][0]["title"], HasSubstr("outlived"));
}

// R14: with one job the first shard runs its whole part; ctest starts nothing after it, not even the end.
TEST_F(CTestKilled, StopOnFailureStillReports) {
  tree_.set("CLEAVE_TEST_FAIL", kFirst);
  const Finished ended = tree_.ctest({"-j1", "--stop-on-failure"});
  EXPECT_EQ(ended.code, 8) << ended.out;
  const Json report = expect_truth(store_tests());
  EXPECT_EQ(report["totals"]["failed"], 1);
  EXPECT_EQ(report["totals"]["passed"], 11);
}

// FEATURES §4: ctest dies at once and leaves its tests behind; the shard notices, ends and reports. One job, so that it
// is certain what had started.
class CTestItselfKilled : public CTestKilled {
 protected:
  /// What holds when the shard was told by a signal while it ran the third test.
  void expect_interrupted(const Json& report, const std::string& signal) {
    const auto told = outcomes(report);
    EXPECT_EQ(told.at("Many/Store.Keeps/0"), "passed");
    EXPECT_EQ(told.at("Many/Store.Keeps/1"), "passed");
    EXPECT_EQ(told.at("Many/Store.Keeps/11"), "not_run");
    EXPECT_EQ(reason_of(report, "Many/Store.Keeps/11"), "interrupted by " + signal);
    EXPECT_EQ(report["interrupted_by"], signal);
  }
};

// A terminal sends it to all; with ctest's death that is the second signal, and the test that runs is ended.
TEST_F(CTestItselfKilled, ByAnInterruptOfTheTerminalEndsTheTestToo) {
  tree_.set("CLEAVE_TEST_HANG", "Many/Store.Keeps/2");
  Running ctest = tree_.start_ctest({"-j1"});
  tree_.wait_for_start("Many/Store.Keeps/2");
  ::kill(-ctest.pid(), SIGINT);
  EXPECT_EQ(ctest.wait().signal, SIGINT);
  const Json report = expect_truth(store_tests());
  // Which of the two signals the shard sees first is open.
  expect_interrupted(report, report["interrupted_by"] == "SIGINT" ? "SIGINT" : "SIGTERM");
  EXPECT_NE(outcomes(report).at("Many/Store.Keeps/2"), "passed");
  EXPECT_THAT(reason_of(report, "Many/Store.Keeps/2"), HasSubstr("interrupted by SIG"));
}

TEST_F(CTestItselfKilled, ByATerminateLetsTheTestThatRunsEnd) {
  tree_.set("CLEAVE_TEST_SLOW", "Many/Store.Keeps/2");
  Running ctest = tree_.start_ctest({"-j1"});
  tree_.wait_for_start("Many/Store.Keeps/2");
  ctest.signal(SIGTERM);
  EXPECT_EQ(ctest.wait().signal, SIGTERM);
  const Json report = expect_truth(store_tests());
  expect_interrupted(report, "SIGTERM");
  EXPECT_EQ(outcomes(report).at("Many/Store.Keeps/2"), "passed");
}

// The test that hangs is ended after a time of grace.
TEST_F(CTestItselfKilled, ByAKillEndsATestThatHangs) {
  tree_.set("CLEAVE_TEST_HANG", "Many/Store.Keeps/2");
  Running ctest = tree_.start_ctest({"-j1"});
  tree_.wait_for_start("Many/Store.Keeps/2");
  ctest.signal(SIGKILL);
  EXPECT_EQ(ctest.wait().signal, SIGKILL);
  const Json report = expect_truth(store_tests());
  expect_interrupted(report, "SIGTERM");
  EXPECT_NE(outcomes(report).at("Many/Store.Keeps/2"), "passed");
  EXPECT_THAT(reason_of(report, "Many/Store.Keeps/2"), HasSubstr("interrupted by SIGTERM"));
}

// ctest may be killed in the moment in which it starts an entry, which then is the child of init, or of whoever takes
// orphans: it must not take that one for a ctest with a new run, in which every test would run once more.
TEST_F(CTestItselfKilled, AnEntryThatItStartedInItsLastMomentRunsNothing) {
  tree_.set("CLEAVE_TEST_HANG", "Many/Store.Keeps/2");
  Running ctest = tree_.start_ctest({"-j1"});
  tree_.wait_for_start("Many/Store.Keeps/2");
  const int group = ctest.pid();
  ctest.signal(SIGKILL);
  EXPECT_EQ(ctest.wait().signal, SIGKILL);
  const std::size_t before = tree_.log().size();
  Sandbox::Arguments late{"/usr/bin/python3", "-c",
                          "import os, sys; os.setpgid(0, int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])",
                          std::to_string(group)};
  for (const std::string& argument : tree_.command_of("frail.shard-1")) late.push_back(argument);
  const Finished entry = tree_.run(late);
  EXPECT_EQ(entry.code, 3) << entry.told();
  EXPECT_THAT(entry.err, HasSubstr("the ctest that started this entry is gone: run ")) << entry.told();
  EXPECT_EQ(tree_.log().size(), before);
  expect_interrupted(expect_truth(store_tests()), "SIGTERM");
}

// As above, of the first entry: nobody would ever end a run that it made, nor the fixtures of it.
TEST_F(CTestItselfKilled, ABeginThatItStartedInItsLastMomentMakesNoRun) {
  tree_.set("DASHBOARD_TEST_FROM_CTEST", "3.25.1");
  Sandbox::Arguments orphan{"/usr/bin/python3", "-c",
                            "import os, sys, time\n"
                            "first = os.getpid()\n"
                            "if os.fork(): os._exit(0)\n"
                            "while os.getppid() == first: time.sleep(0.001)\n"
                            "os.execv(sys.argv[1], sys.argv[1:])"};
  for (const std::string& argument : tree_.command_of("frail.begin")) orphan.push_back(argument);
  const Finished begin = tree_.run(orphan);
  EXPECT_THAT(begin.err, HasSubstr("the ctest that started this entry is gone: nothing runs")) << begin.told();
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_FALSE(std::filesystem::exists(tree_.home_of("frail") + "/runs"));
}

// What a killed run did not do is there to be done: the next one is whole.
TEST_F(CTestKilled, TheNextRunIsWholeAndGreen) {
  tree_.set("CLEAVE_TEST_HANG", kFirst);
  Running ctest = tree_.start_ctest({"-j2"});
  tree_.wait_for_start(kFirst);
  ::kill(-ctest.pid(), SIGKILL);
  ctest.wait();
  EXPECT_TRUE(tree_.all_processes_end());
  tree_.unset("CLEAVE_TEST_HANG");
  tree_.clear_log();
  // It may have been killed in the middle of a write.
  const std::vector<std::string> torn{tree_.home_of("frail") + "/last-failed.tmp-AbCdEf",
                                      tree_.home_of("frail") + "/history.tmp-AbCdEf"};
  for (const std::string& file : torn) tree_.write(file, "half");
  const Finished next = tree_.ctest({"-j2"});
  EXPECT_EQ(next.code, 0) << next.out;
  EXPECT_EQ(starts(tree_.log()), each(frail_tests()));
  for (const std::string& file : torn) EXPECT_FALSE(std::filesystem::exists(file)) << file;
}

}  // namespace
}  // namespace cleave::test
