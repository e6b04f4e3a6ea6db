// Fixtures of a run and of a shard, when all goes well.

#include "fixture_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

class Fixtures : public FixtureRuns {
 protected:
  void expect_green(const Finished& run, int tests) {
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_FALSE(run.held) << "the output of the run is still open";
    const Json report = box_.report(binary_);
    EXPECT_EQ(report["totals"]["passed"], tests);
    EXPECT_THAT(problem_titles(report), IsEmpty());
  }
};

// R36: one server for all, set up once and torn down once, in reverse order, in a process of its own.
TEST_P(Fixtures, OfARunAreSetUpOnceHoweverManyShardsThereAre) {
  for (const unsigned jobs : {1U, 2U, 4U, 8U}) {
    clear_log();
    expect_green(box_.sharded(binary_, jobs), 29);
    const FixtureLog log = this->log();
    EXPECT_EQ(log.of_run(), kWholeLife) << jobs << " shards";
    // The tests themselves compare every byte of the other payload, which has a NUL in it.
    const auto seen = log.all("saw base ");
    EXPECT_EQ(seen.size(), 12U);
    EXPECT_THAT(seen, Each(seen.front())) << jobs << " shards";
    const int leader = log.pid_of("set_up base");
    EXPECT_EQ(log.pid_of("set_up top"), leader);
    EXPECT_EQ(std::stoi(words_of(seen.front()).at(1)), leader);
    for (const FixtureLine& line : log.lines()) {
      EXPECT_TRUE(!line.what.starts_with("saw") || line.pid != leader) << line.what;
    }
    expect_nothing_left();
  }
}

// R40, R03: each shard that asks has an instance of its own, with its prefix and its port.
TEST_P(Fixtures, OfAShardAreSetUpOnceForEachShardThatUsesThem) {
  for (const unsigned jobs : {1U, 4U}) {
    clear_log();
    expect_green(box_.sharded(binary_, jobs, {only_own()}), 12);
    const FixtureLog log = this->log();
    std::map<std::string, std::set<std::string>> ports_by_prefix;
    std::set<std::string> ports;
    for (const std::string& line : log.all("saw instance ")) {
      const auto words = words_of(line);
      ports_by_prefix[words.at(0)].insert(words.at(1));
      ports.insert(words.at(1));
    }
    EXPECT_LE(ports_by_prefix.size(), jobs);
    EXPECT_EQ(ports.size(), ports_by_prefix.size());
    for (const auto& [prefix, mine] : ports_by_prefix) {
      EXPECT_EQ(mine.size(), 1U) << prefix;
      EXPECT_EQ(log.count("set_up instance " + prefix), 1U) << prefix;
      EXPECT_EQ(log.count("tear_down instance " + prefix), 1U) << prefix;
    }
    EXPECT_EQ(log.count("set_up instance "), ports_by_prefix.size());
    // It needs the base, which therefore outlives it.
    EXPECT_LT(log.first("set_up base"), log.first("set_up instance"));
    EXPECT_LT(log.last("tear_down instance"), log.first("tear_down base"));
    expect_nothing_left();
  }
}

// R36: what no selected test needs is not set up.
TEST_P(Fixtures, ThatNoTestNeedsAreNotSetUp) {
  expect_green(box_.sharded(binary_, 3, {only_alone()}), 5);
  EXPECT_EQ(log().count("set_up"), 0U);
  expect_nothing_left();

  clear_log();
  expect_green(box_.sharded(binary_, 3, {only_own()}), 12);
  EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "tear_down base"}));
  expect_nothing_left();

  clear_log();
  expect_green(box_.sharded(binary_, 3, {only_shared()}), 12);
  EXPECT_EQ(log().of_run(), kWholeLife);
  EXPECT_EQ(log().count("set_up instance"), 0U);
  expect_nothing_left();
}

// R40: a shard whose tests each have a process of their own still has one instance.
TEST_P(Fixtures, OfAShardOutliveAWorkerForEachTest) {
  expect_green(box_.sharded(binary_, 2, {only_own(), "--cleave-isolation=test"}), 12);
  const FixtureLog log = this->log();
  EXPECT_LE(log.count("set_up instance"), 2U);
  std::set<std::string> instances;
  std::set<int> workers;
  for (const FixtureLine& line : log.lines()) {
    if (!line.what.starts_with("saw instance")) continue;
    instances.insert(line.what);
    workers.insert(line.pid);
  }
  EXPECT_EQ(instances.size(), log.count("set_up instance"));
  EXPECT_EQ(workers.size(), 12U);
  expect_nothing_left();
}

// A thread that is there before main makes every start an exec instead of a fork.
TEST_P(Fixtures, ComeUpInAProgramWithAThreadBeforeMain) {
  box_.set("FIXTURES_THREAD", "1");
  expect_green(box_.sharded(binary_, 2), 29);
  EXPECT_EQ(log().of_run(), kWholeLife);
  EXPECT_EQ(log().count("cleaned "), 2U);
  expect_nothing_left();
}

// R28, R36: without a flag there is one process, which sets up what it uses and tears it down when it ends.
TEST_P(Fixtures, AreSetUpInTheProcessItselfWithoutCleave) {
  const Finished run = box_.run({binary_});
  EXPECT_EQ(run.code, 0) << run.told();
  const FixtureLog log = this->log();
  EXPECT_EQ(log.of_run(), kWholeLife);
  EXPECT_EQ(log.count("set_up instance"), 1U);
  EXPECT_EQ(log.count("tear_down instance"), 1U);
  const int self = log.pid_of("saw ");
  for (const FixtureLine& line : log.lines()) EXPECT_EQ(line.pid, self) << line.what;
  for (const char* what : {"cleanup first", "cleanup second", "process cleanup"})
    EXPECT_EQ(log.count(what), 1U) << what;
  EXPECT_LT(log.first("cleanup second"), log.first("cleanup first"));
  EXPECT_LT(log.first("process cleanup"), log.first("tear_down"));
  EXPECT_THAT(names_in(box_.path("tmp")), IsEmpty()) << "the folder of the process is still there";
  expect_nothing_left();
}

// The same when a set-up fails: its tests fail, and name it.
TEST_P(Fixtures, ThatFailWithoutCleaveFailTheirTests) {
  box_.set("FIXTURES_FAIL", "top");
  const Finished run = box_.run({binary_, only_shared()});
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_THAT(run.out, AllOf(HasSubstr("fixture 'top'"), HasSubstr("the disk is on fire")));
  EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "set_up top", "tear_down top", "tear_down base"}));
  expect_nothing_left();
}

// Two runs of one program at the same time have nothing in common but the program.
TEST_P(Fixtures, OfTwoRunsAtOnceAreApart) {
  Running first = box_.start_sharded(binary_, 2);
  Running second = box_.start_sharded(binary_, 2);
  for (Running* each : {&first, &second}) {
    const Finished run = each->wait();
    EXPECT_EQ(run.code, 0) << run.told();
  }
  const FixtureLog log = this->log();
  for (const std::string& line : kWholeLife) EXPECT_EQ(log.count(line), 2U) << line;
  const auto seen = log.all("saw base ");
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 2U);
  const auto cleaned = log.all("cleaned ");
  EXPECT_EQ(std::set<std::string>(cleaned.begin(), cleaned.end()).size(), 4U);
  EXPECT_EQ(log.count("swept"), 0U);
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Fixtures, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
