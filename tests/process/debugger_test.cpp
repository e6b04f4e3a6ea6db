#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "own_run.hpp"
#include "sanitized.hpp"

namespace cleave::test {
namespace {

class Debugged : public EachFramework {
 protected:
  void SetUp() override {
    EachFramework::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // The search for leaks traces the process itself, and ends it with an error where gdb does that already.
    if (kUnderAddressSanitizer) box_.set("ASAN_OPTIONS", "detect_leaks=0");
    if (std::filesystem::exists(kGdb)) return;
    if (std::getenv("CI") != nullptr) FAIL() << kGdb << " is not installed";
    GTEST_SKIP() << kGdb << " is not installed";
  }

  /// gdb, which does as told, then the program with the arguments.
  Finished gdb(const Sandbox::Arguments& orders, const Sandbox::Arguments& command) const {
    Sandbox::Arguments all{kGdb, "-nx", "-batch"};
    for (const std::string& order : orders) all.insert(all.end(), {"-ex", order});
    all.push_back("--args");
    all.insert(all.end(), command.begin(), command.end());
    return box_.run(all);
  }

  static constexpr const char* kGdb = "/usr/bin/gdb";
};

constexpr std::string_view kSaid = "cleave: warning: a debugger is attached";

// R18: DESIGN §3
TEST_P(Debugged, ProgramRunsItsTestsInOneProcessAndSaysSo) {
  const Finished plain = box_.run({of("serial")});
  box_.set("CLEAVE_OUTPUT", "stream");
  const Finished debugged =
      gdb({"set detach-on-fork off", "run", "info inferiors"}, {of("serial"), "--cleave-jobs=2", "--cleave-retries=1"});
  EXPECT_NE(debugged.err.find(kSaid), std::string::npos) << debugged.told();
  EXPECT_EQ(debugged.err.find(kSaid), debugged.err.rfind(kSaid)) << debugged.told();
  EXPECT_NE(debugged.out.find("[Inferior 1 (process"), std::string::npos) << debugged.told();
  EXPECT_EQ(debugged.out.find("[New inferior 2"), std::string::npos) << debugged.told();
  EXPECT_EQ(plain.code, 0) << plain.told();
  EXPECT_NE(debugged.out.find("exited normally"), std::string::npos) << debugged.told();
  EXPECT_FALSE(std::filesystem::exists(box_.reports()));
}

// R18
TEST_P(Debugged, TestIsWhereABreakpointStopsWithoutAnySettingOfGdb) {
  const std::string in_the_test = choose("Basics_Passes_Test::TestBody", "basics.cpp:15");
  const Finished stopped = gdb({"break " + in_the_test, "run", "bt"}, {of("basics"), "--cleave-jobs=2"});
  EXPECT_NE(stopped.out.find("Breakpoint 1, "), std::string::npos) << stopped.told();
  EXPECT_NE(stopped.out.find(" main ("), std::string::npos) << stopped.told();
}

// R18: editors start the command of an entry in their debugger.
TEST_P(Debugged, EntryOfCTestRunsItsTestsInTheDebugger) {
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  const Finished debugged = gdb({"run"}, {of("serial"), "--cleave-entry=shard:0/2"});
  EXPECT_NE(debugged.err.find(kSaid), std::string::npos) << debugged.told();
  const std::vector<TestLine> lines = test_lines(box_.read("log"));
  EXPECT_GT(count_lines(lines, "start"), 10);
  std::set<std::string> processes;
  for (const TestLine& line : lines) {
    if (const auto pid = line.values.find("pid"); pid != line.values.end()) processes.insert(pid->second);
  }
  EXPECT_LE(processes.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Under, Debugged, testing::Values("gtest", "catch2_v2", "catch2_v3"), framework_name);

}  // namespace
}  // namespace cleave::test
