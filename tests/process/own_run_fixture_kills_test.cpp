// Whoever is killed or interrupted in the middle of a run with fixtures: they are torn down once, or what they started
// is ended by the next run.

#include <csignal>

#include "fixture_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class FixtureKills : public FixtureRuns {
 protected:
  /// Every test of the report has an outcome, and one that did not run has a reason.
  void expect_accounted_for(const Json& report, std::size_t tests) const {
    EXPECT_EQ(report["tests"].size(), tests);
    for (const Json& test : report["tests"]) {
      EXPECT_EQ(test["attempts"].size(), 1U) << test["full_name"];
      EXPECT_TRUE(test["outcome"] != "not_run" || !reason_in(test).empty()) << test["full_name"];
    }
  }
  int not_run_because(const Json& report, const std::string& part) const {
    int count = 0;
    for (const Json& test : report["tests"]) {
      count += test["outcome"] == "not_run" && reason_in(test).find(part) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  /// The next run is green, and there is nothing left behind it.
  void expect_next_run_is_green() {
    for (const char* name : {"FIXTURES_DEED", "FIXTURES_HANG"}) box_.unset(name);
    clear_log();
    const Finished next = box_.sharded(binary_, 2);
    EXPECT_EQ(next.code, 0) << next.told();
    EXPECT_EQ(log().of_run(), kWholeLife);
    expect_nothing_left();
  }
};

// R36, R40: a worker that dies takes no fixture with it.
TEST_P(FixtureKills, AKilledWorkerKeepsTheFixtures) {
  box_.set("FIXTURES_DEED", "Own3");
  box_.set("FIXTURES_DEED_IS", "kill self");
  const Finished run = box_.sharded(binary_, 1);
  EXPECT_EQ(run.code, 1) << run.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["totals"]["crashed"], 1);
  EXPECT_EQ(report["totals"]["passed"], 28);
  EXPECT_EQ(test_named(report, own(3))["outcome"], "crashed");
  EXPECT_THAT(problem_titles(report), IsEmpty());
  const FixtureLog log = this->log();
  EXPECT_EQ(log.of_run(), kWholeLife);
  EXPECT_EQ(log.count("set_up instance"), 1U);
  EXPECT_EQ(log.count("tear_down instance"), 1U);
  const auto seen = log.all("saw instance ");
  EXPECT_EQ(seen.size(), 11U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1U);
  expect_nothing_left();
}

// R36: tests are not sent to a fixture that is gone.
TEST_P(FixtureKills, AKilledLeaderBreaksTheRunAndItsDependantsDoNotRun) {
  let_wait("Shared0");
  Running running = start_waiting(1, shared_in_order());
  const int leader = this->leader();
  ::kill(leader, SIGKILL);
  EXPECT_TRUE(soon([&] { return is_gone(leader); }));
  // The keeper has told it.
  EXPECT_TRUE(soon([&] { return std::filesystem::exists(box_.home_of(binary_) + "/latest/fixtures/lost"); }));
  open_gate();
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 3) << run.told();
  const Json report = box_.report(binary_);
  expect_accounted_for(report, 12);
  const auto problems = problems_with(report, "the leader was killed by SIGKILL");
  ASSERT_EQ(problems.size(), 1U) << report["problems"];
  EXPECT_THAT(problems[0]["detail"], HasSubstr("'base', 'top'"));
  EXPECT_GT(not_run_because(report, "the process that held it was killed by SIGKILL"), 0) << report["tests"];
  // Nothing passed behind it.
  const FixtureLog log = this->log();
  EXPECT_EQ(report["totals"]["passed"],
            std::count_if(log.lines().begin(), log.lines().begin() + log.first("deed "),
                          [](const FixtureLine& line) { return line.what.starts_with("saw "); }));
  expect_nothing_left();
  expect_next_run_is_green();
}

// Somebody ends the leader politely: it tears down, and nobody may take it for being there.
TEST_P(FixtureKills, ATerminatedLeaderIsToldLikeAKilledOne) {
  let_wait("Shared0");
  Running running = start_waiting(1, shared_in_order());
  const int leader = this->leader();
  ::kill(leader, SIGTERM);
  EXPECT_TRUE(soon([&] { return is_gone(leader); }));
  EXPECT_TRUE(soon([&] { return std::filesystem::exists(box_.home_of(binary_) + "/latest/fixtures/lost"); }));
  open_gate();
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 3) << run.told();
  const Json report = box_.report(binary_);
  expect_accounted_for(report, 12);
  EXPECT_EQ(problems_with(report, "the leader").size(), 1U) << report["problems"];
  EXPECT_GT(not_run_because(report, "the process that held it"), 0) << report["tests"];
  EXPECT_EQ(log().of_run(), kWholeLife);
  expect_nothing_left();
}

/// Signals to the supervisor, one after the other.
struct SignalsCase {
  const char* name;
  std::vector<int> signals;
};

// R36, R14: torn down exactly once, and the report says what happened.
TEST_P(FixtureKills, SignalsTearDownExactlyOnce) {
  for (const SignalsCase& each : {SignalsCase{"SIGINT", {SIGINT}}, SignalsCase{"SIGTERM", {SIGTERM}},
                                  SignalsCase{"SIGINT", {SIGINT, SIGTERM}}, SignalsCase{"SIGHUP", {SIGHUP, SIGHUP}}}) {
    clear_log();
    let_wait("Own0");
    Running running = start_waiting(2, {only_own()});
    const int worker = log().pid_of("deed ");
    for (const int signal : each.signals) {
      running.signal(signal);
      EXPECT_TRUE(soon([&] {
        const std::string status = box_.read("/proc/" + std::to_string(running.pid()) + "/status");
        return status.find("ShdPnd:\t0000000000000000") != std::string::npos;
      }));
    }
    if (each.signals.size() == 1) {
      EXPECT_FALSE(is_gone(worker));
      open_gate();
    }
    const Finished run = running.wait();
    EXPECT_EQ(run.code, 1) << each.name << run.told();
    const Json report = box_.report(binary_);
    EXPECT_EQ(report["interrupted_by"].get<std::string>().substr(0, 3), "SIG");
    expect_accounted_for(report, 12);
    // The other shard may have run all the rest before the signal came.
    EXPECT_EQ(not_run_because(report, "interrupted by"), not_run_because(report, "")) << report["tests"];
    EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "tear_down base"})) << each.name;
    EXPECT_EQ(log().count("tear_down instance"), log().count("set_up instance"));
    EXPECT_EQ(log().count("cleaned "), 2U) << each.name;
    EXPECT_FALSE(run.held);
    expect_nothing_left();
  }
}

// A set-up that is under way when the run is interrupted has ten seconds, as a test has, and not its limit of two
// minutes.
TEST_P(FixtureKills, AnInterruptDuringASetUpEndsSoonAndLeavesNothing) {
  box_.set("FIXTURES_HANG", "base");
  Running running = box_.start_sharded(binary_, 2, {only_shared()});
  EXPECT_TRUE(soon([&] { return log().count("set_up base") > 0; }));
  running.signal(SIGINT);
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_FALSE(run.timed_out);
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["interrupted_by"], "SIGINT");
  expect_accounted_for(report, 12);
  EXPECT_EQ(report["totals"]["not_run"], 12);
  expect_nothing_left();
  expect_next_run_is_green();
}

// Who cancels a job often signals every process of it: the keeper is not the first to go.
TEST_P(FixtureKills, ASignalToAllProcessesStillTearsDownAndCleans) {
  let_wait("Own0");
  Running running = start_waiting(2, {only_own()});
  std::vector<int> all{running.pid(), keeper(), leader()};
  for (const int pid : all) ::kill(pid, SIGTERM);
  open_gate();
  const Finished run = running.wait();
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_EQ(box_.report(binary_)["interrupted_by"], "SIGTERM");
  EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "tear_down base"}));
  EXPECT_EQ(log().count("cleaned "), 2U);
  expect_nothing_left();
}

// R36, R21: nobody is there to ask for it, and yet all is torn down, cleaned and reported.
TEST_P(FixtureKills, AKilledSupervisorLeavesTheKeeperToTearDownAndReport) {
  let_wait("Own0");
  Running running = start_waiting(2, {only_own()});
  running.signal(SIGKILL);
  const Finished run = running.wait();
  EXPECT_EQ(run.signal, SIGKILL);
  EXPECT_FALSE(run.held) << "the fixtures hold the output of the run";
  EXPECT_TRUE(all_torn_down());
  EXPECT_EQ(log().of_run(), (std::vector<std::string>{"set_up base", "tear_down base"}));
  EXPECT_EQ(log().count("tear_down instance"), log().count("set_up instance"));
  EXPECT_EQ(log().count("cleaned "), 2U);
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["exit_code"], 3);
  expect_accounted_for(report, 12);
  expect_nothing_left();
  expect_next_run_is_green();
}

// A run that is killed while it sets up has nothing to report, but all the same to undo.
TEST_P(FixtureKills, ASupervisorThatIsKilledDuringASetUpLeavesNothing) {
  box_.set("FIXTURES_HANG", "top");
  Running running = box_.start_sharded(binary_, 2, {only_shared()});
  EXPECT_TRUE(soon([&] { return log().count("set_up top") > 0; }));
  running.signal(SIGKILL);
  running.wait();
  EXPECT_TRUE(box_.all_processes_end());
  expect_nothing_left();
  expect_next_run_is_green();
}

// The leader outlives its keeper for as long as it takes to tear down.
TEST_P(FixtureKills, AKilledKeeperLetsTheLeaderTearDownAndBreaksTheRun) {
  let_wait("Shared0");
  Running running = start_waiting(1, shared_in_order());
  const int keeper = this->keeper();
  ASSERT_GT(keeper, 1);
  ASSERT_NE(keeper, running.pid());
  ::kill(keeper, SIGKILL);
  EXPECT_TRUE(soon([&] { return log().count("tear_down base") == 1; }));
  open_gate();
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_THAT(run.err, HasSubstr("keeper"));
  const Json report = box_.report(binary_);
  expect_accounted_for(report, 12);
  EXPECT_GT(not_run_because(report, "keeper"), 0) << report["tests"];
  EXPECT_EQ(log().of_run(), kWholeLife);
  EXPECT_TRUE(box_.all_processes_end());
  // Nobody could clean the prefixes: the next run does.
  const auto left = names_in(box_.home_of(binary_) + "/left");
  EXPECT_EQ(left.size(), 1U);
  clear_log();
  box_.unset("FIXTURES_DEED");
  const Finished next = box_.sharded(binary_, 1, {only_alone()});
  EXPECT_EQ(next.code, 0) << next.told();
  EXPECT_EQ(log().count("swept "), 1U);
  expect_nothing_left();
}

// A tear-down takes its time also when the keeper is not there to wait for it: here the tests end first.
TEST_P(FixtureKills, AKeeperThatIsKilledAtTheEndLetsTheLeaderTearDown) {
  let_wait("Alone");
  box_.set("FIXTURES_SLOW_TEAR_DOWN", "base");
  const std::string tests =
      is_gtest() ? "--gtest_filter=Alone.NeedsNothing:*Shared*/0" : "alone needs nothing,shared 0";
  Running running = start_waiting(1, {tests});
  ::kill(keeper(), SIGKILL);
  open_gate();
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_EQ(log().of_run(), kWholeLife) << "somebody killed the leader before it could tear down";
  EXPECT_TRUE(box_.all_processes_end());
}

// R21: the worst case. All who could have torn down are dead; the next run ends what they had started, and sweeps.
TEST_P(FixtureKills, WhenAllAreKilledTheNextRunEndsWhatIsLeftAndSweeps) {
  let_wait("Shared0");
  Running running = start_waiting(2, {only_shared()});
  const int leader = this->leader();
  const int keeper = this->keeper();
  // In this order nobody goes on: the kernel wakes who is stopped when a parent dies, not when a child does.
  for (const int pid : {running.pid(), keeper, leader}) ::kill(pid, SIGSTOP);
  for (const int pid : {leader, keeper, running.pid()}) ::kill(pid, SIGKILL);
  running.wait();
  EXPECT_TRUE(soon([&] { return is_gone(keeper) && is_gone(leader); }));
  EXPECT_TRUE(soon([&] { return box_.processes().size() == 1; })) << testing::PrintToString(box_.processes());
  EXPECT_EQ(names_in(box_.home_of(binary_) + "/left").size(), 1U);
  EXPECT_EQ(log().count("tear_down"), 0U);

  clear_log();
  box_.unset("FIXTURES_DEED");
  const Finished next = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(next.code, 0) << next.told();
  const Json report = box_.report(binary_);
  const auto told = problems_with(report, "processes of an earlier run");
  ASSERT_EQ(told.size(), 1U) << report["problems"];
  EXPECT_EQ(told[0]["warning"], true);
  EXPECT_EQ(log().count("swept "), 2U);
  EXPECT_LT(log().last("swept "), log().first("body"));
  expect_nothing_left();
}

// The same while a set-up is under way, before it could say what it has started.
TEST_P(FixtureKills, WhenAllAreKilledDuringASetUpTheNextRunEndsWhatIsLeft) {
  box_.set("FIXTURES_HANG", "top");
  Running running = box_.start_sharded(binary_, 2, {only_shared()});
  EXPECT_TRUE(soon([&] { return log().count("set_up top") > 0; }));
  // Until the `sleep` of top is there: supervisor, keeper, leader and that.
  EXPECT_TRUE(soon([&] { return box_.processes().size() == 4; })) << testing::PrintToString(box_.processes());
  const int leader = this->leader();
  const int keeper = this->keeper();
  for (const int pid : {running.pid(), keeper, leader}) ::kill(pid, SIGSTOP);
  for (const int pid : {leader, keeper, running.pid()}) ::kill(pid, SIGKILL);
  running.wait();
  EXPECT_TRUE(soon([&] { return is_gone(keeper) && is_gone(leader); }));
  box_.unset("FIXTURES_HANG");
  const Finished next = box_.sharded(binary_, 2, {only_alone()});
  EXPECT_EQ(next.code, 0) << next.told();
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, FixtureKills, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
