// R05: readers together, writers alone.
#include <mutex>
#include <shared_mutex>

#include "sync_crowd.hpp"

namespace cleave::test {
namespace {

class SharedMutexTest : public SyncTest {
 protected:
  /// A process that reads until `board_[1]` is set, and has said so.
  int start_reader() {
    const int before = board_[0];
    const int pid = crowd_.start([this] {
      const std::shared_lock<SharedMutex> lock(mutex_);
      ++board_[0];
      board_.wait_for(1);
    });
    EXPECT_TRUE(soon([&] { return board_[0] == before + 1; }));
    return pid;
  }
  int start_writer() {
    const int pid = crowd_.start([this] {
      const std::lock_guard<SharedMutex> lock(mutex_);
      ++board_[2];
    });
    EXPECT_TRUE(waits_soon(pid));
    return pid;
  }

  SharedMutex mutex_{name()};
};

TEST_F(SharedMutexTest, ReadersOfManyThreadsAndProcessesHoldItTogether) {
  constexpr int kProcesses = 4;
  constexpr int kThreads = 2;
  for (int i = 0; i < kProcesses; ++i) {
    crowd_.start([this] {
      const auto meet = [this] {
        const std::shared_lock<SharedMutex> lock(mutex_);
        ++board_[0];
        // Comes to an end only when all are inside at the same time.
        if (!soon([&] { return board_[0] == kProcesses * kThreads; })) throw FixtureError("alone");
      };
      std::thread other(meet);
      meet();
      other.join();
    });
  }
  EXPECT_TRUE(crowd_.all_succeed());
}

TEST_F(SharedMutexTest, WritersAreAlone) {
  constexpr int kRounds = 40;
  for (int process = 0; process < 4; ++process) {
    crowd_.start([this, process] {
      const auto work = [&](int thread) {
        for (int i = 0; i < kRounds; ++i) {
          if ((i + process + thread) % 3 == 0) {
            const std::lock_guard<SharedMutex> lock(mutex_);
            if (++board_[0] != 1 || board_[1] != 0) ++board_[2];
            std::this_thread::yield();
            --board_[0];
          } else {
            const std::shared_lock<SharedMutex> lock(mutex_);
            ++board_[1];
            if (board_[0] != 0) ++board_[2];
            std::this_thread::yield();
            --board_[1];
          }
        }
      };
      std::thread other([&] { work(1); });
      work(0);
      other.join();
    });
  }
  EXPECT_TRUE(crowd_.all_succeed());
  EXPECT_EQ(board_[2], 0) << "times that a writer was not alone";
}

TEST_F(SharedMutexTest, AStreamOfReadersDoesNotStarveAWriter) {
  // Each reader stays until the next one is inside, so that the lock is never free by itself; unless none comes for a
  // while, because a writer keeps them waiting.
  for (int i = 0; i < 4; ++i) {
    crowd_.start([this] {
      while (board_[1] == 0) {
        const std::shared_lock<SharedMutex> lock(mutex_);
        const int mine = ++board_[0];
        for (int ms = 0; ms < 20 && board_[0] == mine; ++ms) std::this_thread::sleep_for(milliseconds(1));
      }
    });
  }
  ASSERT_TRUE(soon([&] { return board_[0] > 20; }));
  const int writer = crowd_.start([this] {
    for (int i = 0; i < 5; ++i) {
      const std::lock_guard<SharedMutex> lock(mutex_);
      ++board_[2];
    }
  });
  for (int i = 0; i < 5; ++i) {
    const bool got = mutex_.try_lock_for(seconds(10));
    EXPECT_TRUE(got) << i;
    if (!got) break;
    mutex_.unlock();
  }
  EXPECT_TRUE(soon([&] { return board_[2] == 5; }));
  EXPECT_TRUE(crowd_.succeeds(writer));
  board_[1] = 1;
  EXPECT_TRUE(crowd_.all_succeed());
}

TEST_F(SharedMutexTest, AWriterThatWaitsComesBeforeLaterReaders) {
  start_reader();
  const int writer = start_writer();
  EXPECT_FALSE(mutex_.try_lock_shared());
  EXPECT_FALSE(mutex_.try_lock_shared_for(milliseconds(20)));
  crowd_.kill_one(writer);
  EXPECT_TRUE(mutex_.try_lock_shared()) << "the writer is dead, the reader still reads";
  EXPECT_FALSE(mutex_.try_lock());
  mutex_.unlock_shared();
}

TEST_F(SharedMutexTest, IsFreedWhenAReaderIsKilled) {
  const int first = start_reader();
  const int second = start_reader();
  const int writer = start_writer();
  crowd_.kill_one(first);
  EXPECT_EQ(board_[2], 0) << "the other one still reads";
  crowd_.kill_one(second);
  EXPECT_TRUE(crowd_.succeeds(writer));
  EXPECT_EQ(board_[2], 1);
}

TEST_F(SharedMutexTest, IsFreedWhenTheWriterIsKilled) {
  const int writer = crowd_.start([this] {
    mutex_.lock();
    board_[3] = 1;
    while (true) ::pause();
  });
  ASSERT_TRUE(soon([&] { return board_[3] == 1; }));
  const int reader = crowd_.start([this] { mutex_.lock_shared(); });
  EXPECT_TRUE(waits_soon(reader));
  crowd_.kill_one(writer);
  EXPECT_TRUE(crowd_.succeeds(reader));
}

TEST_F(SharedMutexTest, IsTheSameLockAsAMutexOfThatName) {
  Mutex mutex(name());
  const int reader = start_reader();
  EXPECT_FALSE(mutex.try_lock());
  const std::string error = error_of([&] { mutex.lock_for(milliseconds(5)); });
  EXPECT_NE(error.find("held shared by pid " + std::to_string(reader)), std::string::npos) << error;
  crowd_.kill_one(reader);
  mutex.lock_for(seconds(30));
  EXPECT_FALSE(mutex_.try_lock_shared());
  mutex.unlock();
}

TEST_F(SharedMutexTest, AThreadThatReadsMustNotLockAgain) {
  mutex_.lock_shared();
  EXPECT_EQ(error_of([&] { mutex_.lock(); }),
            "lock of SharedMutex '" + name() + "': this thread holds it already: shared");
  EXPECT_NE(error_of([&] { mutex_.lock_shared(); }), "");
  EXPECT_NE(error_of([&] { mutex_.lock_shared_for(seconds(60)); }), "");
  mutex_.unlock_shared();
  mutex_.lock();
  EXPECT_NE(error_of([&] { mutex_.lock_shared(); }), "");
  mutex_.unlock();
}

}  // namespace
}  // namespace cleave::test
