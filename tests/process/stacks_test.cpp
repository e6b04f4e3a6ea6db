#include "stacks.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

class Stacks : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    if (IsSkipped() || has_reader()) return;
    if (std::getenv("CI") != nullptr) FAIL() << "cleave-stacks is not built: libdw is missing";
    GTEST_SKIP() << "cleave-stacks is not built: libdw is missing";
  }
  /// Runs one test of the program; `test` is its name in the report.
  std::string run_one(const std::string& test, const Sandbox::Arguments& more = {}) {
    Sandbox::Arguments arguments{is_gtest() ? "--gtest_filter=" + test : test};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run_ = box_.sharded(of("stacks"), 1, arguments);
    EXPECT_EQ(run_.code, 1) << run_.told();
    EXPECT_TRUE(box_.all_processes_end()) << "the run left a process behind";
    return box_.stacks(of("stacks"), test);
  }
  std::string reason(const std::string& test) const { return box_.attempt(of("stacks"), test)["reason"]; }

  StackSandbox box_;
  Finished run_;
};

// R20: where it faulted, with the callers, as function, file and line; and still dead of the same signal.
TEST_P(Stacks, OfAFaultBeginWhereItHappened) {
  const std::string test = choose<std::string>("Crash.Faults", "faults");
  const std::string stacks = run_one(test);
  const auto top = stacks.find(", got the signal:\n  #0  depot::read_label");
  ASSERT_NE(top, std::string::npos) << stacks;
  EXPECT_TRUE(holds(stacks.substr(top, 200), line_with("the fault"))) << stacks;
  EXPECT_TRUE(holds(stacks, "depot::open_shelf")) << stacks;
  EXPECT_EQ(reason(test), "killed by SIGSEGV");
  EXPECT_TRUE(holds(run_.out, "depot::read_label")) << run_.told();
}

// R20
TEST_P(Stacks, OfAnAbortShowWhoAborted) {
  const std::string test = choose<std::string>("Crash.Aborts", "aborts");
  const std::string stacks = run_one(test);
  EXPECT_TRUE(holds(stacks, "depot::give_up_stock() at")) << stacks;
  EXPECT_TRUE(holds(stacks, line_with("the abort"))) << stacks;
  EXPECT_EQ(reason(test), "killed by SIGABRT");
}

// R20: the thread that crashed comes first, the one that waits for it after it.
TEST_P(Stacks, OfASecondThreadThatCrashesComeBeforeThoseOfTheFirst) {
  const std::string stacks = run_one(choose<std::string>("Crash.InASecondThread", "in a second thread"));
  const auto crashed = stacks.find("got the signal:\n  #0  depot::read_label");
  const auto waiting = stacks.find("depot::crash_in_a_second_thread() at");
  ASSERT_NE(crashed, std::string::npos) << stacks;
  ASSERT_NE(waiting, std::string::npos) << stacks;
  EXPECT_LT(crashed, waiting) << stacks;
}

// R20: the handler needs a stack of its own.
TEST_P(Stacks, OfAnOverflowAreShownWithTheRecursionFolded) {
  const std::string test = choose<std::string>("Crash.OverflowsTheStack", "overflows the stack");
  const std::string stacks = run_one(test);
  EXPECT_TRUE(holds(stacks, "depot::count_for_ever")) << stacks;
  EXPECT_TRUE(holds(stacks, "times more")) << stacks;
  EXPECT_LT(stacks.size(), 4000U) << stacks;
  EXPECT_EQ(reason(test), "killed by SIGSEGV");
}

// R20: both sides of a deadlock, each at its line, before the kill.
TEST_P(Stacks, OfADeadlockShowBothThreads) {
  const std::string test = choose<std::string>("Hang.InADeadlock", "in a deadlock");
  const std::string stacks = run_one(test, {"--cleave-timeout=1s"});
  for (const std::string comment : {"waits for the shelf", "waits for the ledger"}) {
    EXPECT_TRUE(holds(stacks, line_with(comment))) << comment << ":\n" << stacks;
  }
  EXPECT_TRUE(holds(stacks, "depot::book_from_the_shelf()")) << stacks;
  EXPECT_TRUE(holds(stacks, "depot::book_from_the_ledger()")) << stacks;
  EXPECT_TRUE(holds(reason(test), "1000 ms")) << reason(test);
  EXPECT_EQ(test_named(box_.report(of("stacks")), test)["outcome"], "timed_out");
}

// R20: the walk goes through the frame of the signal.
TEST_P(Stacks, OfAHangInASignalHandlerShowWhatWasInterrupted) {
  const std::string stacks =
      run_one(choose<std::string>("Hang.InASignalHandler", "in a signal handler"), {"--cleave-timeout=1s"});
  const auto handler = stacks.find("depot::wait_in_the_handler");
  const auto below = stacks.find("depot::hang_in_a_signal_handler()");
  ASSERT_NE(handler, std::string::npos) << stacks;
  ASSERT_NE(below, std::string::npos) << stacks;
  EXPECT_LT(handler, below) << stacks;
}

// R20: nothing is made up about a death that nobody can look at.
TEST_P(Stacks, OfAProcessThatWasKilledAreNotClaimed) {
  const std::string test = choose<std::string>("Killed.ByItself", "kills itself");
  EXPECT_EQ(run_one(test), "");
  EXPECT_EQ(reason(test), "killed by SIGKILL");
  EXPECT_FALSE(holds(run_.out, "thread ") || holds(run_.out, "no stacks")) << run_.told();
}

INSTANTIATE_TEST_SUITE_P(Frameworks, Stacks, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

class GtestStacks : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_reader()) GTEST_SKIP() << "cleave-stacks is not built: libdw is missing";
  }
  Finished run(const std::string& filter, const Sandbox::Arguments& more = {}) {
    Sandbox::Arguments arguments{"--gtest_filter=" + filter};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return box_.sharded(binary_, 1, arguments);
  }

  StackSandbox box_;
  const std::string binary_ = program("gtest_stacks");
};

// R20: stuck in malloc, with malloc's lock held as a rule: nothing of the process has to run.
TEST_F(GtestStacks, OfAHangInTheAllocatorAreRead) {
  const Finished run = this->run("Hang.InTheAllocator", {"--cleave-timeout=2s"});
  EXPECT_EQ(run.code, 1) << run.told();
  const std::string stacks = box_.stacks(binary_, "Hang.InTheAllocator");
  EXPECT_TRUE(holds(stacks, "depot::churn_for_ever() at")) << stacks;
}

// R26: children that die on purpose say nothing and wait for nobody, and the worker that dies after them is still
// heard.
TEST_F(GtestStacks, OfDeathTestsAreNotTakenAndTheNextCrashIsHeard) {
  const Finished run = this->run("Deaths.*");
  EXPECT_EQ(run.code, 1) << run.told();
  for (const std::string test : {"Deaths.A_Fast", "Deaths.B_ThreadSafe"}) {
    EXPECT_EQ(test_named(box_.report(binary_), test)["outcome"], "passed") << run.told();
    EXPECT_EQ(box_.stacks(binary_, test), "");
    // A child that waited would do so for half a minute.
    EXPECT_LT(box_.attempt(binary_, test)["seconds"].get<double>(), 20) << test;
  }
  EXPECT_TRUE(holds(box_.stacks(binary_, "Deaths.C_Own"), line_with("the abort"))) << run.told();
}

// R20: what dies outside of a test is looked at as well.
TEST_F(GtestStacks, OfACrashInASuiteSetUpStandWithItsTest) {
  const Finished run = this->run("DiesInSetUp.*");
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_TRUE(holds(box_.stacks(binary_, "DiesInSetUp.Never"), "SetUpTestSuite()")) << run.told();
}

// R26: a test may take the signal over and give it back, and may close what it does not know.
TEST_F(GtestStacks, LeaveHandlersAndDescriptorsToTheTest) {
  const Finished run = this->run("OwnHandler.*:Closed.*");
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_EQ(test_named(box_.report(binary_), "OwnHandler.Survives")["outcome"], "passed") << run.told();
  const Json closed = box_.attempt(binary_, "Closed.LineThenAborts");
  EXPECT_EQ(closed["reason"], "killed by SIGABRT");
  EXPECT_LT(closed["seconds"].get<double>(), 20);
}

// R20: what a test waits for may be another process.
TEST_F(GtestStacks, OfAHangShowTheProcessesThatTheTestStarted) {
  const Finished run = this->run("Hang.WaitingForChildren", {"--cleave-timeout=2s"});
  EXPECT_EQ(run.code, 1) << run.told();
  const std::string stacks = box_.stacks(binary_, "Hang.WaitingForChildren");
  const auto own = stacks.find("depot::wait_for_children() at");
  const auto child = stacks.find("depot::idle_in_a_child() at");
  ASSERT_NE(own, std::string::npos) << stacks;
  ASSERT_NE(child, std::string::npos) << stacks;
  EXPECT_LT(own, child) << stacks;
  EXPECT_TRUE(holds(stacks, " (sleep 300), started here: waits")) << "as it was before it was stopped: " << stacks;
  EXPECT_TRUE(holds(run.out, "(sleep 300), started here")) << run.told();
  EXPECT_TRUE(box_.all_processes_end()) << "the run left a process behind";
}

/// What happens while there is no test yet; both must be told of with the stack, in a run without a report.
TEST_F(GtestStacks, OfACrashOnTheWayToTheTestsAreInTheError) {
  box_.set("STACKS_IN_MAIN", "crash");
  const Finished run = this->run("*");
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_TRUE(holds(run.err, "main was killed by SIGSEGV without running the tests")) << run.told();
  EXPECT_TRUE(holds(run.err, ", got the signal:\n")) << run.told();
  EXPECT_TRUE(holds(run.err, line_with("the fault"))) << run.told();
}

TEST_F(GtestStacks, OfAHangOnTheWayToTheTestsAreInTheError) {
  box_.set("STACKS_IN_MAIN", "hang");
  const Finished run = this->run("*", {"--cleave-timeout=1s"});
  EXPECT_EQ(run.code, 3) << run.told();
  EXPECT_TRUE(holds(run.err, "did not come to its tests within the limit for one test")) << run.told();
  EXPECT_TRUE(holds(run.err, "depot::idle_in_a_child() at")) << run.told();
  EXPECT_TRUE(box_.all_processes_end()) << "the run left a process behind";
}

/// Fixtures are set up in a process of their own, which has no test to tell of it.
class FixtureStacks : public GtestStacks {
 protected:
  /// What the report says of the fixture, whole.
  std::string told_of(const std::string& title) {
    const Finished run = box_.sharded(program("gtest_fixtures"), 1, {"--gtest_filter=All/Own.*/0"});
    EXPECT_NE(run.code, 0) << run.told();
    EXPECT_TRUE(box_.all_processes_end()) << "the run left a process behind";
    const Json report = box_.report(program("gtest_fixtures"));
    for (const Json& problem : report["problems"]) {
      if (problem["title"] == title) return problem["detail"];
    }
    ADD_FAILURE() << "no problem is called " << title << run.told();
    return {};
  }
};

// R20
TEST_F(FixtureStacks, OfACrashInASetUpStandWithTheFixture) {
  box_.set("FIXTURES_CRASH", "base");
  const std::string told = told_of("fixture 'base' could not be set up");
  EXPECT_TRUE(holds(told, "its process was killed by SIGABRT while it set the fixture up\n")) << told;
  EXPECT_TRUE(holds(told, ", got the signal:\n")) << told;
  EXPECT_TRUE(holds(told, "fixtures::misbehave(")) << told;
}

TEST_F(FixtureStacks, OfATearDownThatHangsStandWithTheProcessThatHeldIt) {
  box_.set("FIXTURES_HANG_TEAR_DOWN", "base");
  const std::string told = told_of("the leader was killed after its limit of 5.00 s");
  EXPECT_TRUE(holds(told, "It held 'base' and was tearing down.\n")) << told;
  EXPECT_TRUE(holds(told, "pause")) << told;
}

}  // namespace
}  // namespace cleave::test
