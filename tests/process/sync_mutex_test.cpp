// R05: critical sections of several processes.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <mutex>

#include "os/own_folder.hpp"
#include "sync_crowd.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

// At namespace scope, as users have it; never used: constructing must touch nothing.
const Mutex kNeverUsed("never-used");

class MutexTest : public SyncTest {
 protected:
  /// Starts a process that locks, says so, and keeps it until `board_[1]` is set.
  int start_holder() {
    const int pid = crowd_.start([this] {
      mutex_.lock();
      board_[0] = 1;
      board_.wait_for(1);
      mutex_.unlock();
    });
    EXPECT_TRUE(soon([&] { return board_[0] == 1; }));
    return pid;
  }
  /// Starts a process that waits for the lock, then counts up `board_[2]`.
  int start_waiter() {
    const int pid = crowd_.start([this] {
      const std::lock_guard<Mutex> lock(mutex_);
      ++board_[2];
    });
    EXPECT_TRUE(waits_soon(pid));
    return pid;
  }

  Mutex mutex_{name()};
};

TEST_F(MutexTest, ExcludesThreadsOfManyProcesses) {
  // Read, then written: without the lock most of the increments are lost.
  const std::string path = sync_folder() + "-counter";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const int zero = 0;
  ASSERT_EQ(::pwrite(fd, &zero, sizeof zero, 0), 4);
  constexpr int kProcesses = 8;
  constexpr int kThreads = 3;
  constexpr int kRounds = 25;
  const auto add = [&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::lock_guard<Mutex> lock(mutex_);
      int value = -1;
      if (::pread(fd, &value, sizeof value, 0) != 4) throw FixtureError("pread");
      std::this_thread::yield();
      ++value;
      if (::pwrite(fd, &value, sizeof value, 0) != 4) throw FixtureError("pwrite");
    }
  };
  for (int process = 0; process < kProcesses; ++process) {
    crowd_.start([&] {
      std::vector<std::thread> threads;
      for (int i = 1; i < kThreads; ++i) threads.emplace_back(add);
      add();
      for (std::thread& thread : threads) thread.join();
    });
  }
  EXPECT_TRUE(crowd_.all_succeed());
  int value = -1;
  EXPECT_EQ(::pread(fd, &value, sizeof value, 0), 4);
  EXPECT_EQ(value, kProcesses * kThreads * kRounds);
  ::close(fd);
}

TEST_F(MutexTest, IsFreedWhenItsHolderIsKilled) {
  const int holder = start_holder();
  for (int i = 0; i < 3; ++i) start_waiter();
  EXPECT_EQ(board_[2], 0);
  crowd_.kill_one(holder);
  EXPECT_TRUE(crowd_.all_succeed());
  EXPECT_EQ(board_[2], 3);
}

TEST_F(MutexTest, WaitersThatAreKilledDoNotKeepOthersWaiting) {
  start_holder();
  // The first one has the next turn; the second stands in the queue.
  const int first = start_waiter();
  const int second = start_waiter();
  start_waiter();
  crowd_.kill_one(second);
  crowd_.kill_one(first);
  board_[1] = 1;
  EXPECT_TRUE(crowd_.all_succeed());
  EXPECT_EQ(board_[2], 1);
}

TEST_F(MutexTest, ATimedWaitEndsAtItsLimitAndNotBefore) {
  start_holder();
  bool got = true;
  EXPECT_FALSE(mutex_.try_lock());
  EXPECT_GE(seconds_of([&] { got = mutex_.try_lock_for(milliseconds(150)); }), 0.15);
  EXPECT_FALSE(got);
  EXPECT_FALSE(mutex_.try_lock_for(milliseconds(-1)));
  board_[1] = 1;
  EXPECT_TRUE(mutex_.try_lock_for(seconds(30)));
  mutex_.unlock();
  EXPECT_TRUE(crowd_.all_succeed());
}

TEST_F(MutexTest, ATimedWaitThatFailsNamesTheHolder) {
  const int holder = start_holder();
  const std::string error = error_of([&] { mutex_.lock_for(milliseconds(20)); });
  EXPECT_EQ(error.find("Mutex '" + name() + "': not free within 20 ms: held by pid " + std::to_string(holder) + " ("),
            0U)
      << error;
  board_[1] = 1;
  mutex_.lock_for(seconds(30));
  mutex_.unlock();
}

TEST_F(MutexTest, ATimedWaitIsWokenByTheDeathOfTheHolder) {
  const int holder = start_holder();
  const int waiter = crowd_.start([this] {
    if (!mutex_.try_lock_for(seconds(60))) throw FixtureError("not free");
    ++board_[2];
  });
  EXPECT_TRUE(waits_soon(waiter));
  crowd_.kill_one(holder);
  EXPECT_TRUE(crowd_.succeeds(waiter));
}

TEST_F(MutexTest, AThreadThatLocksTwiceGetsAnError) {
  const std::lock_guard<Mutex> lock(mutex_);
  Mutex same(name());
  EXPECT_EQ(error_of([&] { same.lock(); }),
            "lock of Mutex '" + name() + "': this thread holds it already: exclusively");
  EXPECT_NE(error_of([&] { mutex_.try_lock_for(seconds(60)); }), "");
  EXPECT_FALSE(mutex_.try_lock());
  // Another thread is one who waits.
  bool got = true;
  std::thread([&] { got = mutex_.try_lock_for(milliseconds(1)); }).join();
  EXPECT_FALSE(got);
}

TEST_F(MutexTest, MayBeUnlockedByAnotherThread) {
  std::unique_lock<Mutex> lock(mutex_);
  std::thread([moved = std::move(lock)]() mutable { moved.unlock(); }).join();
  EXPECT_TRUE(mutex_.try_lock());
  mutex_.unlock();
  mutex_.unlock();  // What nobody holds stays so.
  EXPECT_TRUE(mutex_.try_lock());
  mutex_.unlock();
}

// The child's copy of the descriptor would hold the lock for as long as the child lives.
TEST_F(MutexTest, AForkedChildHasNothingOfItsParentsLock) {
  const int parent = crowd_.start([this] {
    mutex_.lock();
    const int child = ::fork();
    if (child == 0) {
      mutex_.unlock();
      board_[3] = mutex_.try_lock() ? 1 : 2;
      board_[4] = ::getpid();
      board_.wait_for(1);
      ++board_[5];
      ::_exit(0);
    }
    while (true) ::pause();
  });
  ASSERT_TRUE(soon([&] { return board_[4] != 0; }));
  EXPECT_EQ(board_[3], 2) << "in the child it counts as held by another process";
  EXPECT_FALSE(mutex_.try_lock()) << "the child cannot unlock it for its parent";
  EXPECT_NE(holders().find("held by pid " + std::to_string(parent)), std::string::npos) << holders();
  crowd_.kill_one(parent);
  EXPECT_TRUE(mutex_.try_lock_for(seconds(30))) << "the parent is dead, the child lives";
  EXPECT_EQ(board_[5], 0);
  mutex_.unlock();
  board_[1] = 1;
  EXPECT_TRUE(soon([&] { return board_[5] == 1; }));
}

TEST_F(MutexTest, AChildForkedWhileAThreadWaitsHasNothingOfThatEither) {
  start_holder();
  const int parent = crowd_.start([this] {
    std::thread waiter([this] {
      mutex_.lock();
      board_[3] = 1;
      while (true) ::pause();
    });
    while (run::waits_of(sync_folder(), ::getpid()).empty()) std::this_thread::sleep_for(milliseconds(1));
    if (::fork() == 0) {
      // Usable, too, although the other thread was in the middle of a wait.
      board_[4] = mutex_.try_lock_for(milliseconds(5)) ? 1 : 2;
      board_.wait_for(6);
      ++board_[5];
      ::_exit(0);
    }
    waiter.join();
  });
  ASSERT_TRUE(soon([&] { return board_[4] != 0; }));
  EXPECT_EQ(board_[4], 2);
  board_[1] = 1;
  ASSERT_TRUE(soon([&] { return board_[3] == 1; }));
  EXPECT_FALSE(mutex_.try_lock());
  crowd_.kill_one(parent);
  EXPECT_TRUE(mutex_.try_lock_for(seconds(30)));
  EXPECT_EQ(board_[5], 0);
  mutex_.unlock();
  board_[6] = 1;
  EXPECT_TRUE(soon([&] { return board_[5] == 1; }));
}

TEST_F(MutexTest, ForksFromAThreadBesideLocksInOthers) {
  if (kUnderAddressSanitizer) GTEST_SKIP() << "its allocator stays locked in a child when a thread held it at the fork";
  std::atomic<bool> stop{false};
  std::array<std::thread, 3> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      while (!stop) {
        const std::lock_guard<Mutex> lock(mutex_);
      }
    });
  }
  const int rounds = kSanitized ? 10 : 100;
  for (int i = 0; i < rounds; ++i) {
    const int child = crowd_.start([this] {
      const std::lock_guard<Mutex> lock(mutex_);
      ++board_[2];
    });
    EXPECT_TRUE(crowd_.succeeds(child));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(board_[2], rounds);
}

TEST_F(MutexTest, NamesThatNoFileCanHaveAreErrorsAtTheFirstUse) {
  for (const char* wrong : {"", ".", ".hidden", "a/b", "../x", "a b", "\xC3\xA4", "line\n", "semi;colon"}) {
    Mutex mutex(wrong);
    EXPECT_EQ(error_of([&] { mutex.lock(); }),
              "Mutex '" + std::string(wrong) +
                  "': a name has 1 to 64 letters, digits, '_', '-' or '.', and does not begin with '.'");
  }
  EXPECT_NE(error_of([&] { Mutex(std::string(65, 'x')).lock(); }), "");
  for (const std::string& right : {std::string(64, 'x'), std::string("a.b-c_D9"), std::string("-")}) {
    Mutex mutex(right);
    EXPECT_TRUE(mutex.try_lock()) << right;
    mutex.unlock();
  }
}

TEST_F(MutexTest, ConstructingOneTouchesNoFile) {
  const Mutex unused(name() + "-unused");
  mutex_.lock();
  mutex_.unlock();
  EXPECT_TRUE(fs::exists(sync_folder() + "/" + name() + ".lock"));
  EXPECT_FALSE(fs::exists(sync_folder() + "/" + name() + "-unused.lock"));
  EXPECT_FALSE(fs::exists(sync_folder() + "/" + kNeverUsed.name() + ".lock"));
}

TEST_F(MutexTest, LeavesNoDescriptorOpen) {
  mutex_.lock();
  mutex_.unlock();
  const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  const auto before = count();
  for (int i = 0; i < 20; ++i) {
    const std::lock_guard<Mutex> lock(mutex_);
    EXPECT_FALSE(mutex_.try_lock());
  }
  EXPECT_EQ(count(), before);
}

class MachineReachTest : public MutexTest {
 protected:
  const std::string folder_ = os::machine_folder();
  const std::string of_test_ = "cleave-test-" + std::to_string(::getpid());
};

TEST_F(MachineReachTest, HoldsBetweenRuns) {
  Mutex mutex(of_test_, Reach::machine);
  Mutex of_run(of_test_);
  const std::string file = folder_ + "/sync/" + of_test_ + ".lock";
  mutex.lock();
  const int other = crowd_.start([&] {
    // Another run has another folder.
    fs::create_directories(sync_folder() + "-other");
    ::setenv("CLEAVE_SHARED_DIR", (sync_folder() + "-other").c_str(), 1);
    board_[0] = mutex.try_lock() ? 1 : 2;
    board_[1] = of_run.try_lock() ? 1 : 2;
  });
  EXPECT_TRUE(crowd_.succeeds(other));
  EXPECT_EQ(board_[0], 2);
  EXPECT_EQ(board_[1], 1);
  EXPECT_TRUE(of_run.try_lock()) << "another lock than that of the machine";
  of_run.unlock();
  const auto texts = run::lock_holders("/nowhere");
  EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find("Mutex '" + of_test_ + "': held by pid ") == 0;
  }));
  mutex.unlock();
  struct stat status {};
  EXPECT_EQ(::stat(folder_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_TRUE(fs::remove(file));
}

TEST_F(MachineReachTest, AFolderThatOthersCouldHaveMadeIsRefused) {
  const std::string base = sync_folder() + "-" + name();
  fs::create_directories(base + "/target");
  fs::create_directory_symlink(base + "/target", base + "/link");
  auto made = os::make_own_folder(base + "/link");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().what, "folder " + base + "/link: is a link: it is not used");
  fs::create_directory(base + "/open");
  fs::permissions(base + "/open", fs::perms(0777));
  EXPECT_FALSE(os::make_own_folder(base + "/open"));
  EXPECT_TRUE(os::make_own_folder(base + "/new"));
  EXPECT_TRUE(os::make_own_folder(base + "/new"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder to somebody else";
  ASSERT_EQ(::chown((base + "/new").c_str(), 12345, 12345), 0);
  made = os::make_own_folder(base + "/new");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().what, "folder " + base + "/new: belongs to user 12345, not to user 0: it is not used");
}

}  // namespace
}  // namespace cleave::test
