// Fixtures under a real ctest, which starts an entry after the other and knows nothing of what lives between them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "ctest_tree.hpp"
#include "fixture_log.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class CTestFixtures : public testing::Test {
 protected:
  void SetUp() override {
    tree_.set("FIXTURES_LOG", tree_.path("fixture-log"));
    tree_.set("FIXTURES_GATE", tree_.path("gate"));
  }
  FixtureLog log() const { return FixtureLog(tree_.path("fixture-log")); }
  void clear_log() const { std::filesystem::remove(tree_.path("fixture-log")); }
  void open_gate() const { tree_.write("gate", ""); }
  Json report() const { return tree_.report("fixtures"); }

  /// Starts ctest, and returns once `test` waits for open_gate().
  Running start_waiting(const std::string& test, const Sandbox::Arguments& arguments) {
    tree_.set("FIXTURES_DEED", test);
    tree_.set("FIXTURES_DEED_IS", "wait");
    Running ctest = tree_.start_ctest(arguments);
    EXPECT_TRUE(soon([&] { return log().count("deed ") > 0; }));
    return ctest;
  }
  void expect_nothing_left() const {
    EXPECT_TRUE(tree_.all_processes_end()) << testing::PrintToString(tree_.processes());
    for (const char* name : {"fixtures", "fixtures_catch2"}) {
      EXPECT_THAT(names_in(tree_.home_of(name) + "/left"), IsEmpty());
      for (const std::string& folder : names_in(tree_.home_of(name) + "/latest/tmp")) {
        EXPECT_FALSE(folder.ends_with("-fixtures")) << folder;
      }
    }
    for (const std::string& line : log().all("saw ")) {
      const auto words = words_of(line);
      EXPECT_FALSE(somebody_listens_on(std::stoi(words.at(words.size() - 2)))) << line;
    }
  }
  /// Every instance that was set up was torn down.
  void expect_instances_torn_down() const {
    auto up = log().all("set_up instance ");
    auto down = log().all("tear_down instance ");
    std::sort(up.begin(), up.end());
    std::sort(down.begin(), down.end());
    EXPECT_EQ(up, down);
  }

  CTestTree tree_{{"fixtures"}};
};

// R36, R40: one leader for all entries; it goes with the entry `end`, behind the last shard.
TEST_F(CTestFixtures, OneLeaderServesAllEntriesAndGoesWithTheEnd) {
  for (const char* jobs : {"-j1", "-j4"}) {
    clear_log();
    const Finished run = tree_.ctest({jobs});
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_FALSE(run.held);
    EXPECT_EQ(log().of_run(), kWholeLife) << jobs;
    EXPECT_THAT(tree_.processes(), IsEmpty()) << "the end did not wait for the fixtures";
    EXPECT_EQ(report()["totals"]["passed"], 29);
    EXPECT_THAT(problem_titles(report()), IsEmpty());
    const auto seen = log().all("saw base ");
    EXPECT_EQ(seen.size(), 12U);
    EXPECT_THAT(seen, testing::Each(seen.front()));
    expect_instances_torn_down();
    const auto cleaned = log().all("cleaned ");
    EXPECT_EQ(cleaned.size(), 3U);
    EXPECT_EQ(std::set<std::string>(cleaned.begin(), cleaned.end()).size(), 3U);
    EXPECT_LT(log().last("cleaned "), log().first("tear_down top"));
    expect_nothing_left();
  }
}

TEST_F(CTestFixtures, ASubsetOfTheShardsHasItsLeaderToo) {
  const Finished run = tree_.ctest({"-R", "shard-0"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(log().of_run(), kWholeLife);
  EXPECT_EQ(log().count("set_up instance"), 1U);
  EXPECT_THAT(tree_.processes(), IsEmpty());
  expect_nothing_left();
}

// Neither begin nor end are executed: the first shard starts the keeper, and the end of ctest ends it.
TEST_F(CTestFixtures, WithoutBeginAndEndTheKeeperGoesByItself) {
  const Finished run = tree_.ctest({"-j2", "-FA", "fixtures"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_FALSE(run.held);
  EXPECT_TRUE(soon([&] { return log().count("tear_down base") > 0; }));
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  EXPECT_EQ(report()["totals"]["passed"], 29);
  EXPECT_EQ(report()["exit_code"], 0);
  expect_nothing_left();
}

// A tear-down that takes five seconds to be given up holds nobody up who reads what ctest prints.
TEST_F(CTestFixtures, NothingHoldsTheOutputOfCTest) {
  tree_.set("FIXTURES_HANG_TEAR_DOWN", "base");
  const Finished run = tree_.ctest({"-R", "shard-0", "-FA", "fixtures"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_FALSE(run.held);
  EXPECT_FALSE(tree_.processes().empty()) << "the tear-down does not hang";
  expect_nothing_left();
  // The report is written anew by the keeper.
  EXPECT_EQ(problems_with(report(), "the leader was killed after its limit").size(), 1U) << report()["problems"];
}

// R23, R36
TEST_F(CTestFixtures, RepeatUntilFailKeepsTheFixturesOfTheRun) {
  const Finished run = tree_.ctest({"-j2", "--repeat", "until-fail:2"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(log().of_run(), kWholeLife);
  EXPECT_EQ(log().count("saw base "), 24U);
  EXPECT_EQ(log().count("saw instance "), 24U);
  expect_instances_torn_down();
  expect_nothing_left();
}

// R25, R36: only what is run again decides what is set up.
TEST_F(CTestFixtures, RerunFailedSetsUpWhatThoseTestsNeed) {
  tree_.set("FIXTURES_FAIL_TEST", "1");
  EXPECT_EQ(tree_.ctest({"-j2"}).code, 8);
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_nothing_left();

  clear_log();
  tree_.unset("FIXTURES_FAIL_TEST");
  tree_.set("FIXTURES_DEED", "Own3");
  tree_.set("FIXTURES_DEED_IS", "kill self");
  const Finished none = tree_.ctest({"-j2", "--rerun-failed"});
  EXPECT_EQ(none.code, 0) << none.told();
  EXPECT_EQ(log().count("evidence "), 1U);
  EXPECT_EQ(log().count("set_up"), 0U);
  expect_nothing_left();

  EXPECT_EQ(tree_.ctest({"-j2"}).code, 8);
  clear_log();
  tree_.unset("FIXTURES_DEED");
  const Finished own = tree_.ctest({"-j2", "--rerun-failed"});
  EXPECT_EQ(own.code, 0) << own.told();
  EXPECT_EQ(log().count("saw "), 1U);
  EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "tear_down base"}));
  expect_nothing_left();
}

TEST_F(CTestFixtures, StopOnFailureTearsDownWithoutTheEnd) {
  tree_.set("FIXTURES_FAIL_TEST", "1");
  const Finished run = tree_.ctest({"-j1", "--stop-on-failure"});
  EXPECT_EQ(run.code, 8) << run.told();
  EXPECT_FALSE(run.held);
  EXPECT_TRUE(soon([&] { return log().count("tear_down base") > 0; }));
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  EXPECT_EQ(report()["totals"]["failed"], 1);
  EXPECT_EQ(report()["totals"]["passed"], 28);
  expect_nothing_left();
}

// R36, R21: ctest dies in the middle; the shards end what they run, and the keeper tears down and reports.
TEST_F(CTestFixtures, AKilledCTestLeavesTheKeeperToTearDown) {
  Running ctest = start_waiting("Own0", {"-j2"});
  ctest.signal(SIGKILL);
  const Finished run = ctest.wait();
  EXPECT_EQ(run.signal, SIGKILL);
  open_gate();
  EXPECT_TRUE(soon([&] { return log().count("tear_down base") > 0; }));
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  EXPECT_NE(report()["exit_code"], 0);
  EXPECT_THAT(tree_.file_of_latest("fixtures", "junit.xml"), HasSubstr("</testsuites>"));
  expect_nothing_left();

  clear_log();
  tree_.unset("FIXTURES_DEED");
  const Finished next = tree_.ctest({"-j2"});
  EXPECT_EQ(next.code, 0) << next.told();
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_nothing_left();
}

TEST_F(CTestFixtures, AnInterruptOfTheTerminalTearsDownOnce) {
  Running ctest = start_waiting("Own0", {"-j2"});
  ::kill(-ctest.pid(), SIGINT);
  const Finished run = ctest.wait();
  EXPECT_EQ(run.signal, SIGINT);
  EXPECT_TRUE(soon([&] { return log().count("tear_down base") > 0; }));
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  EXPECT_NE(report()["exit_code"], 0);
  expect_nothing_left();
}

// R36: a run whose fixtures are gone does not come to a green end, and nobody sets them up a second time.
TEST_F(CTestFixtures, AKilledKeeperBreaksTheRun) {
  Running ctest = start_waiting("Own0", {"-j1"});
  const int leader = log().pid_of("set_up base");
  ::kill(parent_of_process(leader), SIGKILL);
  EXPECT_TRUE(soon([&] { return is_gone(leader); }));
  open_gate();
  const Finished run = ctest.wait();
  EXPECT_EQ(run.code, 8) << run.told();
  EXPECT_GE(entries_with(run.out, "Failed", ".end "), 1) << run.out;
  EXPECT_TRUE(tree_.all_processes_end());
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  const Json report = this->report();
  EXPECT_EQ(report["totals"]["selected"], 29);
  int because = 0;
  for (const Json& test : report["tests"]) {
    because += reason_in(test).find("keeper was killed") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(because, 0) << report["tests"];

  clear_log();
  tree_.unset("FIXTURES_DEED");
  const Finished next = tree_.ctest({"-j2"});
  EXPECT_EQ(next.code, 0) << next.told();
  EXPECT_GE(log().count("swept "), 1U);
  expect_nothing_left();
}

// R24, R40: ctest kills a shard and starts it again at once, while what it had is still torn down: none of it may be
// taken for the new one's.
TEST_F(CTestFixtures, AShardThatIsStartedAgainHasFixturesOfItsOwn) {
  tree_.set("FIXTURES_DEED", "Own3");
  tree_.set("FIXTURES_DEED_IS", "hang once");
  tree_.set("FIXTURES_SLOW_TEAR_DOWN", "instance");
  const Finished run = tree_.ctest({"-j2", "--repeat", "after-timeout:3"});
  EXPECT_EQ(entries_with(run.out, "Timeout"), 1) << run.out;
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_EQ(report()["totals"]["passed"], 29);
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_instances_torn_down();
  const FixtureLog log = this->log();
  std::multiset<std::string> prefixes;
  for (const std::string& prefix : log.all("set_up instance ")) prefixes.insert(prefix);
  int twice = 0;
  for (const std::string& prefix : std::set<std::string>(prefixes.begin(), prefixes.end())) {
    if (prefixes.count(prefix) == 1) continue;
    ++twice;
    EXPECT_EQ(prefixes.count(prefix), 2U);
    // What is set up again is so behind the tear-down and the cleaning of what was there before.
    EXPECT_LT(log.first("tear_down instance " + prefix), log.last("set_up instance " + prefix));
    EXPECT_LT(log.first("cleaned " + prefix), log.last("set_up instance " + prefix));
    EXPECT_EQ(log.count("cleaned " + prefix), 2U);
  }
  EXPECT_EQ(twice, 1);
  expect_nothing_left();
}

// Somebody else runs the same tree at the same time.
TEST_F(CTestFixtures, ASecondCTestInTheSameTreeHasItsOwnLeader) {
  Running first = tree_.start_ctest({"-j2"});
  Running second = tree_.start_ctest({"-j2"});
  for (Running* each : {&first, &second}) {
    const Finished run = each->wait();
    EXPECT_EQ(run.code, 0) << run.told();
  }
  for (const std::string& line : kWholeLife) EXPECT_EQ(log().count(line), 2U) << line;
  const auto seen = log().all("saw base ");
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 2U);
  EXPECT_EQ(log().count("cleaned "), 6U);
  EXPECT_EQ(log().count("swept "), 0U);
  expect_instances_torn_down();
  expect_nothing_left();
}

// R36: a run fixture is once for each binary, and its port is no other's.
TEST(CTestFixturesOfTwoBinaries, EachHasItsOwnLeader) {
  CTestTree tree({"fixtures", "fixtures_catch2"});
  tree.set("FIXTURES_LOG", tree.path("fixture-log"));
  const Finished run = tree.ctest({"-j4"});
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_THAT(tree.processes(), IsEmpty());
  const FixtureLog log(tree.path("fixture-log"));
  for (const std::string& line : kWholeLife) EXPECT_EQ(log.count(line), 2U) << line;
  std::set<std::string> ports;
  for (const std::string& line : log.all("saw base ")) ports.insert(words_of(line).front());
  EXPECT_EQ(ports.size(), 2U);
  const auto cleaned = log.all("cleaned ");
  EXPECT_EQ(cleaned.size(), 5U);
  EXPECT_EQ(std::set<std::string>(cleaned.begin(), cleaned.end()).size(), 5U);
  for (const char* name : {"fixtures", "fixtures_catch2"}) {
    EXPECT_EQ(tree.report(name)["totals"]["passed"], 29) << name;
    EXPECT_THAT(problem_titles(tree.report(name)), IsEmpty()) << name;
    EXPECT_THAT(names_in(tree.home_of(name) + "/left"), IsEmpty()) << name;
  }
}

}  // namespace
}  // namespace cleave::test
