// What real runs leave in the history beside them.
#include <gmock/gmock.h>

#include <filesystem>

#include "own_run.hpp"
#include "plan/history.hpp"
#include "run/history_store.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class HistoryOfRuns : public testing::Test {
 protected:
  std::string home() const { return box_.home_of(costs_); }
  plan::History history() const {
    run::LoadedHistory loaded = run::HistoryStore(home()).load();
    EXPECT_EQ(loaded.warning, "");
    return loaded.history;
  }
  static plan::TestHistory of(const plan::History& history, const std::string& suite, const std::string& name) {
    const auto found = history.tests.find({suite, name, ""});
    EXPECT_NE(found, history.tests.end()) << suite << "." << name;
    return found == history.tests.end() ? plan::TestHistory() : found->second;
  }

  Sandbox box_;
  std::string costs_ = program("gtest_costs");
};

// R22: what a test takes, and what it costs beside: the start of a worker with its environment, the suite's set-up.
TEST_F(HistoryOfRuns, HasWhatTestsAndSetUpsAndStartsTook) {
  const Finished run = box_.sharded(costs_, 1);
  ASSERT_EQ(run.code, 0) << run.told();
  const plan::History history = this->history();
  const auto answers = of(history, "Server", "Answers").passed.mean;
  const auto server = history.suites.at("Server").cost.mean;
  EXPECT_GE(answers, 20ms);
  EXPECT_GE(of(history, "Server", "Streams").passed.mean, 120ms);
  // GoogleTest itself says 0 ms.
  EXPECT_GE(of(history, "Quick", "TakesLessThanAMillisecond").passed.mean, 300us);
  EXPECT_EQ(of(history, "Quick", "Skips").outcomes, "s");
  EXPECT_EQ(history.tests.size(), 4U);
  EXPECT_GE(server, 90ms);
  EXPECT_GE(history.process_start.cost.mean, 40ms);
  // None has the time of another in it.
  EXPECT_LT(answers, server);
  EXPECT_LT(history.suites.at("Quick").cost.mean, server);
  EXPECT_LT(history.process_start.cost.mean, 40ms + server);
  EXPECT_FALSE(fs::exists(home() + "/latest/history-taken"));
}

// R25
TEST_F(HistoryOfRuns, RemembersOverRunsWhatWasRedAndHowLongItReallyTakes) {
  ASSERT_EQ(box_.sharded(costs_, 2).code, 0);
  box_.set("COSTS_FAIL", "Streams");
  ASSERT_EQ(box_.sharded(costs_, 2).code, 1);
  const plan::TestHistory red = of(history(), "Server", "Streams");
  EXPECT_EQ(red.outcomes, "pf");
  EXPECT_TRUE(red.red);
  EXPECT_GE(red.expected(), 120ms);
  box_.unset("COSTS_FAIL");
  ASSERT_EQ(box_.sharded(costs_, 2).code, 0);
  EXPECT_EQ(of(history(), "Server", "Streams").outcomes, "pfp");
  EXPECT_FALSE(of(history(), "Server", "Streams").red);
  EXPECT_EQ(of(history(), "Server", "Answers").runs, 3U);
}

TEST_F(HistoryOfRuns, CountsRunsThatAreAtWorkAtTheSameTime) {
  std::vector<Running> running;
  running.reserve(4);
  for (int i = 0; i < 4; ++i) running.push_back(box_.start_sharded(costs_, 2));
  for (Running& each : running) EXPECT_EQ(each.wait().code, 0);
  EXPECT_EQ(of(history(), "Server", "Answers").runs, 4U);
  EXPECT_EQ(of(history(), "Quick", "Skips").runs, 4U);
}

TEST_F(HistoryOfRuns, KeepsWhatAnotherSelectionShowed) {
  ASSERT_EQ(box_.sharded(costs_, 2, {"--gtest_filter=Server.*"}).code, 0);
  ASSERT_EQ(box_.sharded(costs_, 2, {"--gtest_filter=Quick.*"}).code, 0);
  EXPECT_EQ(of(history(), "Server", "Streams").runs, 1U);
  EXPECT_EQ(of(history(), "Quick", "TakesLessThanAMillisecond").runs, 1U);
}

TEST_F(HistoryOfRuns, CountsEachRepetition) {
  ASSERT_EQ(box_.sharded(costs_, 2, {"--gtest_repeat=3", "--gtest_filter=Server.Answers"}).code, 0);
  EXPECT_EQ(of(history(), "Server", "Answers").outcomes, "ppp");
}

TEST_F(HistoryOfRuns, ThatIsCorruptIsAWarningPutAsideAndLeavesTheRunGreen) {
  ASSERT_EQ(box_.sharded(costs_, 2).code, 0);
  std::string text = box_.read(home() + "/history");
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 4);
  box_.write("torn", text);
  fs::copy_file(box_.path("torn"), home() + "/history", fs::copy_options::overwrite_existing);
  const Finished run = box_.sharded(costs_, 2);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_THAT(run.err, HasSubstr("cleave: warning: read history: " + home() + "/history:"));
  EXPECT_EQ(box_.read(home() + "/history.bad"), text);
  EXPECT_EQ(of(history(), "Server", "Answers").runs, 1U);
  EXPECT_THAT(box_.sharded(costs_, 2).err, Not(HasSubstr("warning")));
}

TEST_F(HistoryOfRuns, ThatCannotBeWrittenIsAWarningAndLeavesTheRunGreen) {
  fs::create_directories(home() + "/history/in the way");
  const Finished run = box_.sharded(costs_, 2);
  EXPECT_EQ(run.code, 0) << run.told();
  EXPECT_THAT(run.err, HasSubstr("cleave: warning: the history of gtest_costs was not recorded: "));
  EXPECT_EQ(box_.report(costs_)["totals"]["passed"], 3);
}

TEST_F(HistoryOfRuns, KnowsHowATestDied) {
  const std::string crashes = program("gtest_crashes");
  EXPECT_EQ(box_.sharded(crashes, 2).code, 1);
  const plan::History history = run::HistoryStore(box_.home_of(crashes)).load().history;
  EXPECT_EQ(of(history, "Crashes", "B_Segfaults").outcomes, "c");
  EXPECT_TRUE(of(history, "Crashes", "B_Segfaults").red);
}

TEST_F(HistoryOfRuns, OfCatch2HasTheStartOfAWorkerAndNoSuites) {
  const std::string basics = program("catch2_v2_basics");
  EXPECT_EQ(box_.sharded(basics, 2).code, 1);
  const plan::History history = run::HistoryStore(box_.home_of(basics)).load().history;
  EXPECT_FALSE(history.tests.empty());
  EXPECT_TRUE(history.suites.empty());
  EXPECT_GT(history.process_start.cost.mean, 0ns);
}

}  // namespace
}  // namespace cleave::test
