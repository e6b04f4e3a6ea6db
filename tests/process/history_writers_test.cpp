// One history, and many processes that record in it at once.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "../support/report_builder.hpp"
#include "run/history_store.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kWriters = 8;
constexpr int kUpdates = 50;

class HistoryWriters : public testing::Test {
 protected:
  HistoryWriters() {
    std::string pattern = (fs::temp_directory_path() / "cleave-writers-XXXXXX").string();
    home_ = ::mkdtemp(pattern.data());
  }
  HistoryWriters(const HistoryWriters&) = delete;
  HistoryWriters& operator=(const HistoryWriters&) = delete;
  ~HistoryWriters() override { fs::remove_all(home_); }

  /// In a process of its own: `updates` runs, each of a test that all writers have and of one that is this writer's.
  int fork_writer(int number, int updates) const {
    const int pid = ::fork();
    if (pid != 0) return pid;
    ReportBuilder builder;
    builder.test("All", "shared", plan::Outcome::passed);
    builder.test("Own", std::to_string(number), plan::Outcome::passed);
    builder.report().costs = {{"All", "shard-1", 1s, 1ms}};
    bool good = true;
    for (int i = 0; i < updates; ++i) {
      const std::string run = home_ + "/runs/" + std::to_string(number) + "-" + std::to_string(i);
      const auto told = run::HistoryStore(home_).record(builder.report(), run, 20'000);
      good = good && told && told->empty();
    }
    ::_exit(good ? 0 : 1);
  }
  static int status_of(int pid) {
    int status = -1;
    return ::waitpid(pid, &status, 0) == pid ? status : -1;
  }
  plan::History history() const {
    const run::LoadedHistory loaded = run::HistoryStore(home_).load();
    EXPECT_EQ(loaded.warning, "");
    return loaded.history;
  }

  std::string home_;
};

// R22: entries of ctest and runs of one's own end at the same time.
TEST_F(HistoryWriters, LoseNothingOfWhatTheyRecordAtOnceAndReadersSeeWholeFiles) {
  std::vector<int> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) writers.push_back(fork_writer(i, kUpdates));
  std::uint32_t before = 0;
  int status = 0;
  while (::waitpid(writers.front(), &status, WNOHANG) == 0) {
    const plan::History seen = history();
    const auto shared = seen.tests.find({"All", "shared", ""});
    const std::uint32_t runs = shared == seen.tests.end() ? 0 : shared->second.runs;
    ASSERT_GE(runs, before);
    before = runs;
  }
  EXPECT_EQ(status, 0);
  for (std::size_t i = 1; i < writers.size(); ++i) EXPECT_EQ(status_of(writers[i]), 0) << i;
  const plan::History all = history();
  EXPECT_EQ(all.tests.at({"All", "shared", ""}).runs, static_cast<std::uint32_t>(kWriters * kUpdates));
  EXPECT_EQ(all.suites.at("All").cost.samples, static_cast<std::uint32_t>(kWriters * kUpdates));
  for (int i = 0; i < kWriters; ++i) {
    EXPECT_EQ(all.tests.at({"Own", std::to_string(i), ""}).runs, static_cast<std::uint32_t>(kUpdates)) << i;
  }
}

// A run may be killed at any moment, also in this one.
TEST_F(HistoryWriters, LeaveAWholeHistoryAndNothingElseWhenTheyAreKilled) {
  for (int round = 0; round < 60; ++round) {
    const int writer = fork_writer(round, 1'000'000);
    ::usleep(static_cast<useconds_t>(2000 + 400 * round));
    ::kill(writer, SIGKILL);
    ASSERT_EQ(status_of(writer), SIGKILL);
    history();
    ASSERT_EQ(status_of(fork_writer(1000 + round, 1)), 0);
  }
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(home_)) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{"history", "history.lock", "runs"}));
}

// A process that was stopped while it held the lock must not stop every run of its user.
TEST_F(HistoryWriters, GiveUpWithAnErrorWhenTheLockIsHeldForLong) {
  const auto held = os::FileLock::acquire(home_ + "/history.lock");
  ASSERT_TRUE(held);
  ReportBuilder builder;
  builder.test("All", "shared", plan::Outcome::passed);
  const auto told = run::HistoryStore(home_, 50ms).record(builder.report(), home_ + "/runs/1", 20'000);
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().what.find("history.lock: another process has held it for 50 ms"), std::string::npos);
}

}  // namespace
}  // namespace cleave::test
