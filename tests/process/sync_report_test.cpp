// Who holds what and who waits for it, as a report of a hang tells it.
#include <gmock/gmock.h>

#include <cstdlib>
#include <memory>
#include <regex>

#include "cleave/detail/sync_table.hpp"
#include "sync_crowd.hpp"

namespace cleave::test {
namespace {

using detail::SyncLabel;
using detail::SyncOwner;
using detail::SyncState;
using testing::ElementsAre;
using testing::MatchesRegex;

class SyncTextTest : public testing::Test {
 protected:
  SyncTextTest() {
    table_->header.kind = detail::SyncKind::semaphore;
    table_->header.permits = 2;
    table_->header.name[0] = 'd';
    table_->header.name[1] = 'b';
  }
  void add(int pid, SyncState state, std::string_view who, seconds since) {
    const SyncOwner owner{pid, 77};
    const int index = detail::claim_sync_entry(*table_, owner, now_, alive_);
    ASSERT_GE(index, 0);
    detail::write_sync_entry(*table_, index, owner, state, SyncLabel::mutex, since, who);
  }
  std::string held() const { return detail::held_by_text(detail::read_sync_table(*table_, alive_), now_); }

  const std::unique_ptr<detail::SyncTable> table_ = std::make_unique<detail::SyncTable>();
  const seconds now_{100};
  int dead_ = 0;
  const detail::SyncAlive alive_ = [this](const SyncOwner& owner) { return owner.pid != dead_; };
};

TEST_F(SyncTextTest, NamesHoldersWithTestAndTime) {
  EXPECT_EQ(held(), "");
  add(4712, SyncState::waiting, "shard-1, Orders.AreSent", seconds(99));
  EXPECT_EQ(held(), "");
  add(4711, SyncState::exclusive, "shard-2, Orders.AreStored", seconds(86));
  EXPECT_EQ(held(), "held by pid 4711 (shard-2, Orders.AreStored) for 14.0 s");
  dead_ = 4711;
  EXPECT_EQ(held(), "");
}

TEST_F(SyncTextTest, ThoseThatBeganFirstComeFirst) {
  add(30, SyncState::shared, "", seconds(95));
  add(20, SyncState::shared, "fixtures", seconds(70));
  EXPECT_EQ(held(), "held shared by pid 20 (fixtures) for 30.0 s, pid 30 for 5.0 s");
}

TEST_F(SyncTextTest, ShowsEightHoldersAndCountsTheRest) {
  for (int pid = 1; pid <= 11; ++pid) add(pid, SyncState::permit, "", seconds(pid));
  const std::string text = held();
  EXPECT_NE(text.find("pid 8 for 92.0 s and 3 more"), std::string::npos) << text;
  EXPECT_EQ(text.find("pid 9 "), std::string::npos) << text;
}

TEST_F(SyncTextTest, CutsLongNamesBetweenCharacters) {
  std::string name(151, 'x');
  add(1, SyncState::exclusive, name + "\xC3\xA4" + "yz", seconds(100));
  EXPECT_EQ(held(), "held by pid 1 (" + name + ") for 0.0 s");
}

TEST_F(SyncTextTest, TitlesSayTheNumbersOfAName) {
  EXPECT_EQ(detail::title_of(table_->header, SyncLabel::semaphore), "Semaphore 'db' (2 permits)");
  table_->header.permits = 1;
  EXPECT_EQ(detail::title_of(table_->header, SyncLabel::semaphore), "Semaphore 'db' (1 permit)");
  table_->header.kind = detail::SyncKind::rate;
  table_->header.per_second = 2.5;
  EXPECT_EQ(detail::title_of(table_->header, SyncLabel::rate_limiter), "RateLimiter 'db' (2.5 a second)");
  table_->header.kind = detail::SyncKind::lock;
  EXPECT_EQ(detail::title_of(table_->header, SyncLabel::shared_mutex), "SharedMutex 'db'");
}

class SyncReportTest : public SyncTest {};

TEST_F(SyncReportTest, SaysWhatAProcessWaitsForAndWhoHoldsThat) {
  Mutex mutex(name());
  const int holder = crowd_.start([&] {
    mutex.lock();
    board_[0] = 1;
    board_.wait_for(1);
    mutex.unlock();
  });
  ASSERT_TRUE(soon([&] { return board_[0] == 1; }));
  EXPECT_THAT(holders(), MatchesRegex("Mutex '" + name() + "': held by pid " + std::to_string(holder) +
                                      " \\(sync_tests\\) for [0-9]+\\.[0-9] s"));
  const int waiter = crowd_.start([&] { mutex.lock(); });
  ASSERT_TRUE(waits_soon(waiter));
  const std::string held = "held by pid " + std::to_string(holder) + " \\(sync_tests\\) for [0-9]+\\.[0-9] s";
  EXPECT_THAT(waits_of(waiter), MatchesRegex("waits for Mutex '" + name() + "' for [0-9]+\\.[0-9] s, " + held));
  EXPECT_THAT(holders(), MatchesRegex("Mutex '" + name() + "': " + held + "; waited for by pid " +
                                      std::to_string(waiter) + " \\(sync_tests\\) for [0-9]+\\.[0-9] s"));
  EXPECT_EQ(waits_of(holder), "");
  EXPECT_EQ(waits_of(::getpid()), "");
  board_[1] = 1;
  EXPECT_TRUE(crowd_.all_succeed());
  EXPECT_EQ(holders(), "");
}

TEST_F(SyncReportTest, ShowsEveryWaitOfAProcess) {
  Mutex mutex(name());
  Semaphore semaphore(name(), 1);
  mutex.lock();
  semaphore.acquire();
  const int waiter = crowd_.start([&] {
    std::thread other([&] { static_cast<void>(mutex.try_lock_for(seconds(60))); });
    semaphore.acquire();
    other.join();
  });
  const std::string pattern =
      "waits for Mutex '.*' for .* s, held by .*; waits for Semaphore '.*' \\(1 permit\\) for .*";
  EXPECT_TRUE(soon([&] { return std::regex_match(waits_of(waiter), std::regex(pattern)); })) << waits_of(waiter);
  semaphore.release();
  mutex.unlock();
  EXPECT_TRUE(crowd_.succeeds(waiter));
}

TEST_F(SyncReportTest, ReadsNothingFromFoldersAndFilesThatAreNotTables) {
  EXPECT_EQ(run::waits_of("/nowhere", 1), "");
  const std::string folder = sync_folder() + "-" + name();
  ASSERT_EQ(::system(("mkdir -p " + folder + "/folder && echo text > " + folder +
                      "/a.lock && head -c 20000 "
                      "/dev/zero > " +
                      folder + "/b.lock && ln -s /dev/zero " + folder + "/c.lock && touch " + folder + "/d.lock")
                         .c_str()),
            0);
  EXPECT_THAT(run::lock_holders(folder), ElementsAre());
  EXPECT_EQ(run::waits_of(folder, 1), "");
}

// The real thing: tests of several shards, one of which is killed while it holds the lock.
TEST(SyncInARun, HoldersAreNamedByShardAndTestAndTheirDeathFreesTheLock) {
  Sandbox box;
  const std::string program = CLEAVE_SYNC_PROGRAM;
  box.set("SYNC_GATE", box.path("gate"));
  Running running = box.start_sharded(program, 2);
  const std::string folder = box.home_of(program) + "/latest/sync";
  const auto text = [&] {
    std::string all;
    for (const std::string& one : run::lock_holders(folder)) {
      if (one.find("'orders'") != std::string::npos) all += one;
    }
    return all;
  };
  const std::regex expected(
      "Mutex 'orders': held by pid ([0-9]+) \\(shard-[01], Holds\\.AndIsKilled\\) for [0-9.]+ s; "
      "waited for by pid ([0-9]+) \\(shard-[01], Waits\\.AndGetsIt\\) for [0-9.]+ s");
  std::smatch found;
  std::string seen;
  EXPECT_TRUE(soon([&] { return std::regex_match(seen = text(), found, expected); })) << seen;
  if (found.size() == 3) {
    EXPECT_THAT(run::waits_of(folder, std::stoi(found[2])),
                MatchesRegex("waits for Mutex 'orders' for [0-9.]+ s, held by pid [0-9]+ \\(shard-[01], "
                             "Holds.AndIsKilled\\) for [0-9.]+ s"));
  }
  box.write("gate", "");
  const Finished finished = running.wait();
  const auto outcomes = outcomes_by_name(box.report(program));
  EXPECT_THAT(outcomes.at("Holds.AndIsKilled"), ElementsAre("crashed")) << finished.told();
  EXPECT_THAT(outcomes.at("Waits.AndGetsIt"), ElementsAre("passed")) << finished.told();
  EXPECT_TRUE(box.all_processes_end());
}

}  // namespace
}  // namespace cleave::test
