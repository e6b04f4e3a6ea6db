// One test waits for a lock that another holds, and both hang. Run over two shards, the one that waits has started first
// and so comes to its limit first. Each waits for ten seconds at most for the other to be where it should.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cleave/fixtures.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

cleave::Mutex database("database");

std::string held_marker() { return std::string(std::getenv("LOCKS_FOLDER")) + "/held"; }

TEST(Holder, A_ComesLater) { usleep(400'000); }

TEST(Holder, B_HoldsTheLockAndHangs) {
  database.lock();
  std::ofstream(held_marker()) << "held";
  while (true) pause();
}

TEST(Waiter, WaitsForTheLock) {
  for (int i = 0; i < 1000 && !std::ifstream(held_marker()); ++i) usleep(10'000);
  database.lock();
  database.unlock();
}

}  // namespace
