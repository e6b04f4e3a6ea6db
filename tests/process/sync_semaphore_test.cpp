// R17: limits that all workers share, such as the connections of a pool.
#include "os/own_folder.hpp"
#include "sync_crowd.hpp"

namespace cleave::test {
namespace {

class SemaphoreTest : public SyncTest {
 protected:
  /// A process that holds one permit until `board_[1]` is set, and has said so.
  int start_holder(Semaphore& semaphore) {
    const int before = board_[0];
    const int pid = crowd_.start([&] {
      const auto permit = semaphore.hold();
      ++board_[0];
      board_.wait_for(1);
    });
    EXPECT_TRUE(soon([&] { return board_[0] == before + 1; }));
    return pid;
  }
  int start_waiter(Semaphore& semaphore) {
    const int pid = crowd_.start([&] {
      semaphore.acquire();
      ++board_[2];
    });
    EXPECT_TRUE(waits_soon(pid));
    return pid;
  }
};

TEST_F(SemaphoreTest, AllPermitsAreUsedAndNeverMore) {
  constexpr int kPermits = 3;
  Semaphore semaphore(name(), kPermits);
  for (int process = 0; process < 6; ++process) {
    crowd_.start([&] {
      const auto work = [&] {
        for (int i = 0; i < 15; ++i) {
          const auto permit = semaphore.hold();
          board_.raise(1, ++board_[0]);
          // The first holders stay until all permits are out once.
          if (!soon([&] { return board_[1] >= kPermits; })) throw FixtureError("a permit is never used");
          std::this_thread::yield();
          --board_[0];
        }
      };
      std::thread other(work);
      work();
      other.join();
    });
  }
  EXPECT_TRUE(crowd_.all_succeed());
  EXPECT_EQ(board_[1], kPermits) << "the most that were held at once";
  EXPECT_EQ(board_[0], 0);
}

TEST_F(SemaphoreTest, APermitComesBackWhenItsHolderIsKilled) {
  Semaphore semaphore(name(), 2);
  const int holder = start_holder(semaphore);
  start_holder(semaphore);
  const int first = start_waiter(semaphore);
  const int second = start_waiter(semaphore);
  EXPECT_FALSE(semaphore.try_acquire());
  crowd_.kill_one(holder);
  // It ends with its permit, which comes back for the second.
  EXPECT_TRUE(crowd_.succeeds(first));
  EXPECT_TRUE(crowd_.succeeds(second));
  EXPECT_EQ(board_[2], 2);
}

TEST_F(SemaphoreTest, AWaiterThatIsKilledTakesNoPermitAway) {
  Semaphore semaphore(name(), 1);
  start_holder(semaphore);
  const int first = start_waiter(semaphore);
  const int second = start_waiter(semaphore);
  crowd_.kill_one(first);
  board_[1] = 1;
  EXPECT_TRUE(crowd_.succeeds(second));
  EXPECT_TRUE(semaphore.try_acquire_for(seconds(30)));
  semaphore.release();
}

TEST_F(SemaphoreTest, ATimedWaitThatFailsNamesAllHolders) {
  Semaphore semaphore(name(), 2);
  const int first = start_holder(semaphore);
  const int second = start_holder(semaphore);
  EXPECT_FALSE(semaphore.try_acquire_for(milliseconds(20)));
  const std::string error = error_of([&] { static_cast<void>(semaphore.hold_for(milliseconds(30))); });
  EXPECT_EQ(error.find("Semaphore '" + name() + "' (2 permits): not free within 30 ms: held by pid "), 0U) << error;
  for (const int pid : {first, second}) {
    EXPECT_NE(error.find("pid " + std::to_string(pid) + " ("), std::string::npos) << error;
  }
  board_[1] = 1;
  EXPECT_TRUE(semaphore.hold_for(seconds(30)));
}

TEST_F(SemaphoreTest, PermitsAreGivenBackOnceAndOnlyByThoseWhoHaveThem) {
  Semaphore semaphore(name(), 2);
  semaphore.release();  // Adds none.
  auto permit = semaphore.hold();
  EXPECT_TRUE(permit);
  semaphore.release();  // The Permit keeps it.
  EXPECT_TRUE(semaphore.try_acquire());
  EXPECT_FALSE(semaphore.try_acquire());
  Semaphore::Permit moved = std::move(permit);
  EXPECT_TRUE(moved);
  moved.release();
  EXPECT_FALSE(moved);
  moved.release();
  EXPECT_TRUE(semaphore.try_acquire());
  EXPECT_FALSE(semaphore.try_acquire());
  semaphore.release();
  moved = semaphore.hold();
  moved = Semaphore::Permit();
  semaphore.release();
  EXPECT_TRUE(semaphore.try_acquire());
  EXPECT_TRUE(semaphore.try_acquire());
  semaphore.release();
  // What another thread of this process acquired.
  std::thread([&] { semaphore.release(); }).join();
  EXPECT_TRUE(semaphore.try_acquire());
  semaphore.release();
}

TEST_F(SemaphoreTest, AForkedChildGivesNothingBack) {
  Semaphore semaphore(name(), 1);
  auto permit = semaphore.hold();
  const int child = crowd_.start([&] {
    permit.release();
    semaphore.release();
    board_[0] = semaphore.try_acquire() ? 1 : 2;
  });
  EXPECT_TRUE(crowd_.succeeds(child));
  EXPECT_EQ(board_[0], 2);
  permit.release();
  EXPECT_TRUE(semaphore.try_acquire());
  semaphore.release();
}

TEST_F(SemaphoreTest, TwoNumbersForOneNameAreAnErrorThatNamesBoth) {
  Semaphore three(name(), 3);
  three.acquire();
  Semaphore four(name(), 4);
  const std::string expected = "Semaphore '" + name() + "': has 4 permits here and 3 for others who use the name";
  EXPECT_EQ(error_of([&] { four.acquire(); }), expected);
  EXPECT_EQ(error_of([&] { static_cast<void>(four.try_acquire()); }), expected);
  EXPECT_TRUE(crowd_.succeeds(crowd_.start([&] {
    if (error_of([&] { four.acquire(); }) != expected) throw FixtureError("no error in another process");
  })));
  three.release();
}

// A number that was changed in the source must not be an error for ever.
TEST_F(SemaphoreTest, OfTheMachineHasAnotherNumberOnceNobodyUsesTheFirst) {
  const std::string of_test = "cleave-test-" + std::to_string(::getpid());
  const int user = crowd_.start([&] {
    Semaphore three(of_test, 3, Reach::machine);
    three.acquire();
    three.release();  // Still one who uses it.
    board_[0] = 1;
    board_.wait_for(1);
  });
  ASSERT_TRUE(soon([&] { return board_[0] == 1; }));
  Semaphore four(of_test, 4, Reach::machine);
  EXPECT_NE(error_of([&] { four.acquire(); }), "");
  board_[1] = 1;
  EXPECT_TRUE(crowd_.succeeds(user));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(four.try_acquire());
  EXPECT_FALSE(four.try_acquire());
  EXPECT_EQ(::unlink((os::machine_folder() + "/sync/" + of_test + ".semaphore").c_str()), 0);
}

TEST_F(SemaphoreTest, HasFrom1To1024Permits) {
  for (const unsigned wrong : {0U, 1025U, ~0U}) {
    Semaphore semaphore(name() + "-wrong", wrong);
    EXPECT_EQ(error_of([&] { semaphore.acquire(); }),
              "Semaphore '" + name() + "-wrong': has from 1 to 1024 permits, not " + std::to_string(wrong));
  }
  EXPECT_NE(error_of([] { Semaphore("a/b", 1).acquire(); }), "");
}

// The table of a name has 64 entries; a hold without one counts none the less.
TEST_F(SemaphoreTest, AFullTableCostsTheDisplayAndNoPermit) {
  constexpr unsigned kPermits = 200;
  Semaphore semaphore(name(), kPermits);
  for (unsigned i = 0; i < kPermits; ++i) ASSERT_TRUE(semaphore.try_acquire()) << i;
  EXPECT_FALSE(semaphore.try_acquire());
  EXPECT_NE(holders().find(" and 56 more"), std::string::npos) << holders();
  const int waiter = crowd_.start([&] { semaphore.acquire(); });
  for (unsigned i = 0; i < kPermits; ++i) semaphore.release();
  EXPECT_TRUE(crowd_.succeeds(waiter));
  EXPECT_EQ(holders(), "");
}

TEST_F(SemaphoreTest, EntriesOfTheDeadAreUsedAgain) {
  Semaphore semaphore(name(), 100);
  const int dead = crowd_.start([&] {
    for (int i = 0; i < 64; ++i) semaphore.acquire();
    board_[0] = 1;
    while (true) ::pause();
  });
  ASSERT_TRUE(soon([&] { return board_[0] == 1; }));
  EXPECT_NE(holders().find("pid " + std::to_string(dead)), std::string::npos);
  crowd_.kill_one(dead);
  EXPECT_EQ(holders(), "") << "the dead are not shown";
  // Looked for ten times a second at most.
  EXPECT_TRUE(soon([&] {
    const auto permit = semaphore.hold();
    return holders().find("pid " + std::to_string(::getpid())) != std::string::npos;
  }));
}

}  // namespace
}  // namespace cleave::test
