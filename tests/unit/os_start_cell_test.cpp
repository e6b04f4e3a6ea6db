#include "os/start_cell.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

#include "os/machine.hpp"
#include "temporary_folder.hpp"

namespace cleave::os {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// R06.
TEST(StartCell, KeepsTheDistanceBetweenAllWhoHaveTheFileOpen) {
  const test::TemporaryFolder folder;
  auto one = StartCell::open(folder.path("starts"));
  auto other = StartCell::open(folder.path("starts"));
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->try_start(milliseconds(150), seconds(7)), nanoseconds(0));
  EXPECT_EQ(other->try_start(milliseconds(150), seconds(7) + milliseconds(50)), milliseconds(100));
  EXPECT_EQ(one->try_start(milliseconds(150), seconds(7) + milliseconds(149)), milliseconds(1));
  EXPECT_EQ(other->try_start(milliseconds(150), seconds(7) + milliseconds(150)), nanoseconds(0));
  EXPECT_EQ(one->try_start(milliseconds(150), seconds(7) + milliseconds(150)), milliseconds(150));
  struct stat status {};
  ASSERT_EQ(::stat(folder.path("starts").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

// R06: each attempt reads the clock first, so that a slower one comes with an older time.
TEST(StartCell, NoTwoOfManyAtOnceStartWithinTheDistance) {
  const test::TemporaryFolder folder;
  constexpr nanoseconds kApart = milliseconds(2);
  std::mutex mutex;
  std::vector<nanoseconds> starts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      auto cell = StartCell::open(folder.path("starts"));
      ASSERT_TRUE(cell);
      for (int count = 0; count < 5;) {
        const nanoseconds now = monotonic_now();
        const nanoseconds wait = cell->try_start(kApart, now);
        ASSERT_LE(wait, kApart);
        if (wait == nanoseconds::zero()) {
          const std::scoped_lock lock(mutex);
          starts.push_back(now);
          ++count;
        }
        sleep_for(wait);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(starts.begin(), starts.end());
  ASSERT_EQ(starts.size(), 30U);
  for (std::size_t i = 1; i < starts.size(); ++i) EXPECT_GE(starts[i] - starts[i - 1], kApart);
}

TEST(StartCell, WhateverTheFileHoldsDelaysNobodyForLong) {
  const test::TemporaryFolder folder;
  auto cell = StartCell::open(folder.path("starts"));
  ASSERT_TRUE(cell);
  EXPECT_EQ(cell->try_start(milliseconds(150), seconds(1'000'000)), nanoseconds(0));
  EXPECT_EQ(cell->try_start(milliseconds(150), seconds(5)), nanoseconds(0)) << "the clock began anew";
  EXPECT_EQ(cell->try_start(milliseconds(150), seconds(5)), milliseconds(150));
}

TEST(StartCell, RefusesAFileOfSomethingElse) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("starts", "sixteen bytes or more of text");
  const auto cell = StartCell::open(path);
  ASSERT_FALSE(cell);
  EXPECT_EQ(cell.error().kind, Errc::corrupt);
  EXPECT_EQ(cell.error().what, "open " + path + ": it is not a file of start times");
  EXPECT_FALSE(StartCell::open(folder.path("no/such/folder")));
}

}  // namespace
}  // namespace cleave::os
