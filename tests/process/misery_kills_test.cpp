// Who kills what under ctest, for each framework: ctest itself by any signal, and a shard in the middle of a line of
// its journal. own_run_signals_test.cpp has the same for own runs.

#include <signal.h>

#include <fstream>

#include "mishap_runs.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

std::string proc_file(int pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

int parent_of(int pid) {
  const std::string stat = proc_file(pid, "stat");
  const auto end = stat.rfind(')');
  return end == std::string::npos ? -1 : std::stoi(stat.substr(end + 4));
}

/// `waits` in a real ctest, from the moment when three of its twelve tests run, one in each shard.
class MiseryKills : public MishapTest {
 protected:
  Running start() {
    run_.box().set("CLEAVE_TEST_LOG", run_.box().path("log"));
    run_.box().set("WAITS_GATE", run_.box().path("gate"));
    run_.box().write("log", "");
    Running running = run_.start("waits", {});
    EXPECT_TRUE(soon([&] { return started().size() == 3; })) << run_.box().read("log");
    at_the_gate_ = started();
    return running;
  }
  void open_gate() { run_.box().write("gate", ""); }
  /// Each test that has started, and its process.
  std::map<std::string, int> started() {
    std::map<std::string, int> all;
    for (const TestLine& line : test_lines(run_.box().read("log"))) {
      // Its last value is there: the line was read whole.
      if (line.what == "start" && line.values.count("prefix") != 0) all[line.test] = std::stoi(line.values.at("pid"));
    }
    return all;
  }
  /// Every test has one outcome: what passed did so according to the test itself too, and what did not run says why.
  Json expect_truth() {
    EXPECT_TRUE(run_.box().all_processes_end()) << testing::PrintToString(run_.box().processes());
    std::map<std::string, int> starts;
    std::set<std::string> ended;
    for (const TestLine& line : test_lines(run_.box().read("log"))) {
      if (line.what == "start") ++starts[line.test];
      if (line.what == "end") ended.insert(line.test);
    }
    for (const auto& [test, count] : starts) EXPECT_EQ(count, 1) << test;
    const Told told = run_.told("waits", {});
    EXPECT_TRUE(XmlParser::parse(told.junit)) << told.junit;
    if (!told.report.is_object()) {
      ADD_FAILURE() << "there is no report";
      return Json{{"tests", Json::array()}};
    }
    EXPECT_NE(told.report["exit_code"], 0);
    EXPECT_EQ(told.report["tests"].size(), 12U);
    for (const Json& test : told.report["tests"]) {
      const std::string name = test["full_name"].get<std::string>();
      EXPECT_TRUE(test["outcome"] != "passed" || ended.count(name) == 1) << name;
      EXPECT_TRUE(test["outcome"] == "passed" || test["attempts"].back()["reason"] != "") << name;
    }
    return told.report;
  }
  void expect_outcome(const Json& report, const std::string& of_started, const std::string& reason_of_others) {
    for (const Json& test : report["tests"]) {
      const bool was_there = at_the_gate_.count(test["full_name"].get<std::string>()) != 0;
      EXPECT_EQ(test["outcome"], was_there ? of_started : "not_run") << test["full_name"];
      if (was_there) continue;
      EXPECT_NE(test["attempts"].back()["reason"].get<std::string>().find(reason_of_others), std::string::npos)
          << test["attempts"];
    }
  }

  std::map<std::string, int> at_the_gate_;
};

// R14, R21: a terminal sends it to ctest, which dies at once, and to all that it started.
TEST_P(MiseryKills, TwoInterruptsOfTheTerminalEndAllAndAreReported) {
  Running ctest = start();
  ::kill(-ctest.pid(), SIGINT);
  ::kill(-ctest.pid(), SIGINT);
  EXPECT_EQ(ctest.wait().signal, SIGINT);
  expect_outcome(expect_truth(), "not_run", "interrupted by SIG");
}

// R14, R21: what runs may end, what has not begun does not begin.
TEST_P(MiseryKills, ATerminatedCTestLetsRunningTestsEndAndIsReported) {
  Running ctest = start();
  ctest.signal(SIGTERM);
  EXPECT_TRUE(soon([&] { return parent_of(parent_of(at_the_gate_.begin()->second)) != ctest.pid(); }));
  open_gate();
  EXPECT_EQ(ctest.wait().signal, SIGTERM);
  const Json report = expect_truth();
  EXPECT_GE(report["totals"]["passed"], 3);
  EXPECT_NE(report["interrupted_by"], "");
}

// R21
TEST_P(MiseryKills, AKilledCTestLeavesNoProcessAndIsReported) {
  Running ctest = start();
  ctest.signal(SIGKILL);
  EXPECT_TRUE(soon([&] { return parent_of(parent_of(at_the_gate_.begin()->second)) != ctest.pid(); }));
  open_gate();
  EXPECT_EQ(ctest.wait().signal, SIGKILL);
  EXPECT_GE(expect_truth()["totals"]["passed"], 3);
}

// R12: the journal ends in the middle of a record. What stands before counts, the rest is told as lost.
TEST_P(MiseryKills, AShardThatDiesWhileItWritesItsJournalIsNamed) {
  Running ctest = start();
  const auto [victim, worker] = *at_the_gate_.begin();
  const int shard = parent_of(worker);
  const std::string command = proc_file(shard, "cmdline");
  const auto at = command.find("--cleave-entry=shard:");
  ASSERT_NE(at, std::string::npos) << command;
  const std::string number = command.substr(at + std::string("--cleave-entry=shard:").size(), 1);
  ::kill(shard, SIGKILL);
  EXPECT_TRUE(soon([&] { return proc_file(shard, "cmdline").empty(); }));
  const std::string journal = run_.home("waits") + "/latest/shard-" + number + ".journal";
  ASSERT_GT(fs::file_size(journal), 3U) << journal;
  fs::resize_file(journal, fs::file_size(journal) - 3);
  open_gate();
  EXPECT_EQ(ctest.wait().code, 8);
  const Json report = expect_truth();
  EXPECT_EQ(report["exit_code"], 3);
  EXPECT_NE(test_named(report, victim)["outcome"], "passed");
  EXPECT_NE(all_words_of(report).find("shard-" + number), std::string::npos) << all_words_of(report);
}

INSTANTIATE_TEST_SUITE_P(Of, MiseryKills,
                         testing::Combine(testing::Values("gtest", "catch2_v2"), testing::Values("ctest")),
                         mishap_name);

}  // namespace
}  // namespace cleave::test
