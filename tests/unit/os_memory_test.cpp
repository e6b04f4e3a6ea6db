#include "os/memory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "os/load.hpp"
#include "temporary_folder.hpp"

namespace cleave::os {
namespace {

constexpr const char* kMeminfo = "MemTotal: 8 kB\nMemFree: 1 kB\nMemAvailable: 6 kB\n";

// R09, R22: a limit of any level binds, of either version of cgroups.
TEST(MemoryGauge, ShowsTheLeastThatTheMachineAndEachGroupLeave) {
  const test::TemporaryFolder folder;
  const std::string meminfo = folder.write("meminfo", kMeminfo);
  folder.write("v2/memory.max", "5000\n");
  folder.write("v2/memory.high", "max\n");
  folder.write("v2/memory.current", "1000\n");
  folder.write("v2/memory.stat", "anon 1\ninactive_file 500\n");
  folder.write("v2/a/memory.max", "max\n");
  folder.write("v2/a/memory.current", "900\n");
  const plan::CgroupFolders groups{{folder.path("v2/a"), folder.path("v2")}, {folder.path("v1")}};
  const MemoryGauge gauge(meminfo, groups);
  EXPECT_EQ(gauge.read(), (plan::MemoryRoom{4500, 5000})) << "the parent's limit";

  folder.write("v2/a/memory.high", "1800\n");
  EXPECT_EQ(gauge.read(), (plan::MemoryRoom{900, 1800})) << "the group's own";

  folder.write("v1/memory.limit_in_bytes", "1700\n");
  folder.write("v1/memory.usage_in_bytes", "1690\n");
  folder.write("v1/memory.stat", "inactive_file 9\ntotal_inactive_file 90\n");
  EXPECT_EQ(gauge.read(), (plan::MemoryRoom{100, 1700})) << "version 1";

  folder.write("meminfo", "MemTotal: 8 kB\nMemAvailable: 0 kB\n");
  EXPECT_EQ(gauge.read().available, 0U) << "the machine";
}

// R22: the group's own limit is the smaller one, and its neighbours have filled the parent's.
TEST(MemoryGauge, ShowsWhatNeighboursTookOfTheLimitOfAParent) {
  const test::TemporaryFolder folder;
  const std::string meminfo = folder.write("meminfo", kMeminfo);
  folder.write("all/memory.max", "5000\n");
  folder.write("all/memory.current", "4900\n");
  folder.write("all/own/memory.max", "2000\n");
  folder.write("all/own/memory.current", "10\n");
  const MemoryGauge gauge(meminfo, {{folder.path("all/own"), folder.path("all")}, {}});
  EXPECT_EQ(gauge.read(), (plan::MemoryRoom{100, 2000}));
}

TEST(MemoryGauge, IsUnlimitedWhereNothingCanBeRead) {
  const test::TemporaryFolder folder;
  const MemoryGauge gauge(folder.path("none"), {{folder.path("no/v2")}, {folder.path("no/v1")}});
  EXPECT_EQ(gauge.read(), plan::MemoryRoom{});
}

// R09: on the machine that runs this.
TEST(MemoryGauge, OfThisProcessShowsMemoryThatIsThere) {
  const plan::MemoryRoom room = MemoryGauge::of_this_process().read();
  EXPECT_GT(room.available, 1024U * 1024);
  EXPECT_LE(room.available, room.total);
  std::ostringstream meminfo;
  meminfo << std::ifstream("/proc/meminfo").rdbuf();
  EXPECT_LE(room.total, plan::memory_of_machine(meminfo.str()).total);
  EXPECT_LT(room.total, plan::kUnlimitedMemory);
}

// R09: this process itself is running while it reads.
TEST(LoadAverage, OfThisMachineCountsThisProcess) {
  const auto reading = load_average();
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_GE(reading->one_minute, 0);
  ASSERT_TRUE(reading->runnable);
  EXPECT_GE(*reading->runnable, 1U);
}

}  // namespace
}  // namespace cleave::os
