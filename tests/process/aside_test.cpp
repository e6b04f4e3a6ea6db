// Work beside a process, in a fork of it.
#include "run/aside.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <new>
#include <thread>

#include "os/machine.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using run::Aside;

class AsideWork : public testing::Test {
 protected:
  void SetUp() override {
    if (os::usable_cpus() < 2) GTEST_SKIP() << "nothing goes on beside a process that has one CPU";
  }
  static bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }
};

// R12
TEST_F(AsideWork, IsDoneInAnotherProcessWhenItSaysSo) {
  const fs::path file = fs::temp_directory_path() / ("cleave-aside-" + std::to_string(::getpid()));
  Aside aside = Aside::begin([&] {
    std::ofstream(file) << ::getppid();
    return true;
  });
  EXPECT_TRUE(aside.done());
  int parent = 0;
  std::ifstream(file) >> parent;
  fs::remove(file);
  EXPECT_EQ(parent, ::getpid());
  EXPECT_FALSE(has_children());
}

// R12: whatever became of it, the caller knows that it has to do the work itself.
TEST_F(AsideWork, IsNotDoneWhenItFailsOrThrowsOrIsKilled) {
  EXPECT_FALSE(Aside().done());
  EXPECT_FALSE(Aside::begin([] { return false; }).done());
  EXPECT_FALSE(Aside::begin([]() -> bool { throw std::bad_alloc(); }).done());
  EXPECT_FALSE(Aside::begin([]() -> bool { return std::raise(SIGKILL) == 0; }).done());
  EXPECT_FALSE(has_children());
}

// R12: nobody waits for ever, and nothing is left of it.
TEST_F(AsideWork, IsEndedWhenItTakesTooLong) {
  Aside aside = Aside::begin([] {
    ::pause();
    return true;
  });
  EXPECT_FALSE(aside.done(50ms));
  EXPECT_FALSE(has_children());
}

// R12: a fork has none of the other threads, and what they held is held for ever.
TEST_F(AsideWork, DoesNotBeginBesideOtherThreads) {
  std::atomic<bool> over = false;
  std::thread other([&] { over.wait(false); });
  Aside aside = Aside::begin([] { return true; });
  const bool began = has_children();
  over = true;
  over.notify_one();
  other.join();
  EXPECT_FALSE(began);
  EXPECT_FALSE(aside.done());
}

}  // namespace
}  // namespace cleave::test
