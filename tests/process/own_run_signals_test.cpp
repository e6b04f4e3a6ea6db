#include <chrono>
#include <csignal>
#include <filesystem>

#include "own_run.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

/// True when no signal waits for the process and it sleeps: it has been once around its loop since it was sent one.
bool has_taken_signals(const Sandbox& box, int pid) {
  const std::string status = box.read("/proc/" + std::to_string(pid) + "/status");
  return status.find("ShdPnd:\t0000000000000000") != std::string::npos && status.find("State:\tS") != std::string::npos;
}

/// `waits` over two shards, from the moment when two of its twelve tests run.
class Signals : public EachFramework {
 protected:
  Running start() {
    box_.set("CLEAVE_TEST_LOG", box_.path("log"));
    box_.set("WAITS_GATE", box_.path("gate"));
    std::filesystem::remove(box_.path("gate"));
    box_.write("log", "");
    Running running = box_.start_sharded(of("waits"), 2);
    const auto started = [&] { return count_lines(test_lines(box_.read("log")), "start") == 2; };
    EXPECT_TRUE(soon(started)) << box_.read("log");
    for (const TestLine& line : test_lines(box_.read("log"))) started_.insert(line.test);
    return running;
  }
  void send(const Running& running, int signal) {
    running.signal(signal);
    EXPECT_TRUE(soon([&] { return has_taken_signals(box_, running.pid()); }));
  }
  void expect_report(const std::string& signal, const std::string& outcome_of_started) {
    const Json report = box_.report(of("waits"));
    EXPECT_EQ(report["interrupted_by"], signal);
    EXPECT_EQ(report["totals"]["selected"], 12);
    EXPECT_EQ(report["exit_code"], 1);
    for (const Json& test : report["tests"]) {
      const bool ran = started_.count(test["full_name"].get<std::string>()) != 0;
      EXPECT_EQ(test["outcome"], ran ? outcome_of_started : "not_run") << test["full_name"];
    }
    const std::string junit = box_.read(box_.home_of(of("waits")) + "/latest/junit.xml");
    EXPECT_NE(junit.find(signal), std::string::npos) << junit;
  }

  std::set<std::string> started_;
};

// R14: what runs may end, and the rest is told as not run.
TEST_P(Signals, TheFirstInterruptLetsRunningTestsEndAndStartsNoMore) {
  Running running = start();
  send(running, SIGINT);
  box_.write("gate", "");
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_NE(run.out.find("SIGINT"), std::string::npos) << run.told();
  expect_report("SIGINT", "passed");
  EXPECT_EQ(count_lines(test_lines(box_.read("log")), "end"), 2);
  EXPECT_TRUE(box_.processes().empty()) << testing::PrintToString(box_.processes());
}

// R14.
TEST_P(Signals, ATerminationDoesTheSame) {
  Running running = start();
  send(running, SIGTERM);
  box_.write("gate", "");
  const Finished run = running.wait();
  EXPECT_EQ(run.code, 1) << run.told();
  expect_report("SIGTERM", "passed");
  EXPECT_TRUE(box_.processes().empty()) << testing::PrintToString(box_.processes());
}

// R14, R21: the second one ends what runs, at once, and there is a report all the same.
TEST_P(Signals, TheSecondEndsRunningTestsAtOnce) {
  Running running = start();
  send(running, SIGINT);
  EXPECT_EQ(box_.processes().size(), 3U) << "the supervisor and two workers";
  const auto before = steady_clock::now();
  running.signal(SIGINT);
  const Finished run = running.wait();
  // The grace after the first one is ten seconds.
  EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(7));
  EXPECT_EQ(run.code, 1) << run.told();
  expect_report("SIGINT", "not_run");
  EXPECT_EQ(count_lines(test_lines(box_.read("log")), "end"), 0);
  EXPECT_TRUE(box_.processes().empty()) << testing::PrintToString(box_.processes());
}

// R21: nothing outlives a supervisor that had no chance to clean up, and the next run is not disturbed.
TEST_P(Signals, WorkersDieWithAKilledSupervisor) {
  Running running = start();
  running.signal(SIGKILL);
  const Finished run = running.wait();
  EXPECT_EQ(run.signal, SIGKILL);
  EXPECT_FALSE(run.held);
  EXPECT_TRUE(box_.all_processes_end()) << testing::PrintToString(box_.processes());
  EXPECT_EQ(count_lines(test_lines(box_.read("log")), "end"), 0);
  box_.write("gate", "");
  const Finished next = box_.sharded(of("waits"), 2);
  EXPECT_EQ(next.code, 0) << next.told();
  EXPECT_EQ(box_.report(of("waits"))["totals"]["passed"], 12);
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Signals, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
