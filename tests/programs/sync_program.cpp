// Two tests of two shards: one takes a lock and is killed once the file named by SYNC_GATE is there, the other waits
// for that lock.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "cleave/sync.hpp"

namespace {

cleave::Mutex g_orders("orders");
cleave::Semaphore g_held("held", 1);

TEST(Holds, AndIsKilled) {
  const std::lock_guard<cleave::Mutex> lock(g_orders);
  const auto permit = g_held.hold();
  const char* gate = std::getenv("SYNC_GATE");
  ASSERT_NE(gate, nullptr);
  for (int i = 0; i < 30000 && access(gate, F_OK) != 0; ++i) usleep(2000);
  kill(getpid(), SIGKILL);
}

TEST(Waits, AndGetsIt) {
  // Behind the other one: the permit is free as long as nobody has the lock.
  while (g_held.try_acquire()) {
    g_held.release();
    usleep(2000);
  }
  const std::lock_guard<cleave::Mutex> lock(g_orders);
  EXPECT_TRUE(g_held.try_acquire_for(std::chrono::seconds(30)));
}

}  // namespace
