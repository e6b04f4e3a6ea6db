#include "plan/memory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "plan/cgroup.hpp"

namespace cleave::plan {
namespace {

constexpr std::uint64_t kMega = 1024 * 1024;
constexpr std::uint64_t kGiga = 1024 * kMega;

// R22: `memory:1G`.
TEST(MemorySize, CountsIn1024s) {
  const std::vector<std::pair<std::string_view, std::uint64_t>> cases{
      {"1", 1},
      {"4096", 4096},
      {"100K", 102400},
      {"1k", 1024},
      {"512M", 512 * kMega},
      {"1G", kGiga},
      {"2.5G", 2 * kGiga + kGiga / 2},
      {"0.5k", 512},
      {"1T", 1024 * kGiga},
      {"1024T", 1024 * 1024 * kGiga},
      {"0.0001K", 1},
      {"007M", 7 * kMega},
      {"1125899906842624", 1024 * 1024 * kGiga},
      {"1125899906842623", 1024 * 1024 * kGiga - 1},
  };
  for (const auto& [text, bytes] : cases) {
    const auto size = parse_memory_size(text);
    ASSERT_TRUE(size) << text << ": " << size.error().what;
    EXPECT_EQ(*size, bytes) << text;
  }
}

// R22.
TEST(MemorySize, RefusesWhatIsNoSizeAndNamesIt) {
  for (const std::string_view text : {"",
                                      "G",
                                      "0",
                                      "0K",
                                      "0.0G",
                                      "-1G",
                                      "+1G",
                                      "1.5",
                                      "1..5G",
                                      "1.2.3G",
                                      ".5G",
                                      "5.G",
                                      "1 G",
                                      " 1G",
                                      "1G ",
                                      "1GB",
                                      "1GiB",
                                      "1e3K",
                                      "0x10",
                                      "infG",
                                      "nanG",
                                      "1P",
                                      "1025T",
                                      "1125899906842625",
                                      "99999999999999999999999",
                                      "1024.1T",
                                      "1,5G"}) {
    const auto size = parse_memory_size(text);
    ASSERT_FALSE(size) << text << " became " << *size;
    EXPECT_EQ(size.error().kind, Errc::usage);
    EXPECT_EQ(size.error().what, "memory size '" + std::string(text) +
                                     "' is not a number of bytes or a number with K, M, G or T, from 1 to 1024T, for "
                                     "example 512M or 1.5G");
  }
}

// R09.
TEST(MemoryOfMachine, IsWhatTheKernelCallsAvailable) {
  const MemoryRoom room = memory_of_machine(
      "MemTotal:        2000 kB\nMemFree:          100 kB\nMemAvailable:     800 kB\nBuffers:           50 kB\n"
      "Cached:           300 kB\nSwapCached:       999 kB\n");
  EXPECT_EQ(room, (MemoryRoom{800 * 1024, 2000 * 1024}));
}

// R09: kernels before 3.14, and a few containers.
TEST(MemoryOfMachine, WithoutMemAvailableCountsThePageCacheAsFree) {
  const MemoryRoom room = memory_of_machine(
      "MemTotal:        2000 kB\nMemFree:          100 kB\nBuffers:           50 kB\nSwapCached:       999 kB\n"
      "Cached:           300 kB\n");
  EXPECT_EQ(room, (MemoryRoom{450 * 1024, 2000 * 1024}));
}

TEST(MemoryOfMachine, IsUnlimitedWhereNothingIsSaid) {
  EXPECT_EQ(memory_of_machine(""), MemoryRoom{});
  EXPECT_EQ(memory_of_machine("MemTotal: many kB\nMemAvailable\n"), MemoryRoom{});
}

// R09: page cache that was read once is not in anybody's way.
TEST(MemoryOfGroup, InactiveFilePagesAreGivenBack) {
  const MemoryRoom room = memory_of_group({"1000\n", std::nullopt, "700\n", "anon 300\ninactive_file 250\n"});
  EXPECT_EQ(room, (MemoryRoom{550, 1000}));
}

// R09: version 1 counts the group's own pages and, under another name, those of the groups below too.
TEST(MemoryOfGroup, OfVersion1CountsThePagesOfTheGroupsBelow) {
  const MemoryRoom room =
      memory_of_group({"1000\n", std::nullopt, "700\n", "inactive_file 1\nactive_file 9\ntotal_inactive_file 250\n"});
  EXPECT_EQ(room.available, 550U);
}

TEST(MemoryOfGroup, TheSmallerOfTheTwoLimitsBinds) {
  EXPECT_EQ(memory_of_group({"max\n", "600\n", "100\n", ""}), (MemoryRoom{500, 600}));
  EXPECT_EQ(memory_of_group({"900\n", "600\n", "100\n", ""}), (MemoryRoom{500, 600}));
  EXPECT_EQ(memory_of_group({"500\n", "600\n", "100\n", ""}), (MemoryRoom{400, 500}));
}

TEST(MemoryOfGroup, PastItsLimitLeavesNothing) {
  EXPECT_EQ(memory_of_group({"1000\n", std::nullopt, "1200\n", "inactive_file 100\n"}), (MemoryRoom{0, 1000}));
}

TEST(MemoryOfGroup, MoreCacheThanUsageIsNoMoreThanTheLimit) {
  EXPECT_EQ(memory_of_group({"1000\n", std::nullopt, "100\n", "inactive_file 900\n"}).available, 1000U);
}

TEST(MemoryOfGroup, WithoutALimitIsUnlimited) {
  EXPECT_EQ(memory_of_group({"max\n", "max\n", "700\n", ""}), MemoryRoom{});
  EXPECT_EQ(memory_of_group({}), MemoryRoom{});
  EXPECT_EQ(memory_of_group({"", "", "", ""}), MemoryRoom{});
}

// R22.
TEST(MemoryAllows, TestsWhosePromisesFitTheTotalAndWhatIsFree) {
  const MemoryRoom room{4 * kGiga, 8 * kGiga};
  const std::vector<MemoryClaim> fresh{{2 * kGiga, 0}};
  EXPECT_TRUE(memory_allows(room, 2 * kGiga, fresh));
  EXPECT_FALSE(memory_allows(room, 2 * kGiga + 1, fresh)) << "the other one will still take its two";
  const std::vector<MemoryClaim> grown{{2 * kGiga, 2 * kGiga}};
  EXPECT_TRUE(memory_allows(room, 4 * kGiga, grown)) << "the other one has its two already";
  EXPECT_FALSE(memory_allows(room, 4 * kGiga + 1, grown));
}

TEST(MemoryAllows, NoMoreThanTheTotalEvenWhileAllOfItIsFree) {
  const std::vector<MemoryClaim> running{{3 * kGiga, 3 * kGiga}, {3 * kGiga, 3 * kGiga}};
  EXPECT_FALSE(memory_allows({kUnlimitedMemory, 8 * kGiga}, 3 * kGiga, running));
  EXPECT_TRUE(memory_allows({kUnlimitedMemory, 9 * kGiga}, 3 * kGiga, running));
}

TEST(MemoryAllows, AClaimThatHoldsMoreThanItSaidGivesNoCredit) {
  const std::vector<MemoryClaim> running{{kGiga, 5 * kGiga}};
  EXPECT_FALSE(memory_allows({kGiga, 8 * kGiga}, kGiga + 1, running));
}

TEST(MemoryAllows, ATestLargerThanTheMachineToRunAlone) {
  EXPECT_TRUE(memory_allows({0, kGiga}, 100 * kGiga, {}));
  EXPECT_FALSE(memory_allows({0, kGiga}, 100 * kGiga, std::vector<MemoryClaim>{{1, 1}}));
}

TEST(MemoryAllows, HugePromisesDoNotWrapAround) {
  const std::vector<MemoryClaim> running{{kUnlimitedMemory, 0}, {kUnlimitedMemory, 0}};
  EXPECT_FALSE(memory_allows({kGiga, kGiga}, 2, running));
}

constexpr std::string_view kUnifiedMount =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

// R16, R22: a limit may be set on any level.
TEST(CgroupFolders, GoFromTheOwnGroupToTheMountPoint) {
  const auto folders = cgroup_folders("0::/user.slice/app.scope\n", kUnifiedMount, "memory");
  EXPECT_EQ(folders.v2, (std::vector<std::string>{"/sys/fs/cgroup/user.slice/app.scope", "/sys/fs/cgroup/user.slice",
                                                  "/sys/fs/cgroup"}));
  EXPECT_TRUE(folders.v1.empty());
}

TEST(CgroupFolders, OfAMachineWithBothVersionsAreOfTheControllersHierarchy) {
  const auto folders =
      cgroup_folders("4:memory:/box/a:b\n2:cpu,cpuacct:/other\n0::/unified\n",
                     "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
                     "35 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
                     "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
                     "memory");
  EXPECT_EQ(folders.v1, (std::vector<std::string>{"/sys/fs/cgroup/memory/box/a:b", "/sys/fs/cgroup/memory/box",
                                                  "/sys/fs/cgroup/memory"}));
  EXPECT_EQ(folders.v2, (std::vector<std::string>{"/sys/fs/cgroup/unified/unified", "/sys/fs/cgroup/unified"}));
}

// R22: a container of version 1 sees its group's path of the host, and its own group as the root of the mount.
TEST(CgroupFolders, OfAContainerAreBelowItsMount) {
  constexpr std::string_view kMount = "35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
  EXPECT_EQ(cgroup_folders("4:memory:/docker/ab\n", kMount, "memory").v1,
            (std::vector<std::string>{"/sys/fs/cgroup/memory"}));
  EXPECT_EQ(cgroup_folders("4:memory:/docker/ab/in\n", kMount, "memory").v1,
            (std::vector<std::string>{"/sys/fs/cgroup/memory/in", "/sys/fs/cgroup/memory"}));
  EXPECT_EQ(cgroup_folders("4:memory:/docker/abc\n", kMount, "memory").v1,
            (std::vector<std::string>{"/sys/fs/cgroup/memory"}))
      << "another group whose name begins alike is not below";
}

TEST(CgroupFolders, NeverLeadOutOfTheMount) {
  EXPECT_EQ(cgroup_folders("0::/../../etc\n", kUnifiedMount, "memory").v2,
            (std::vector<std::string>{"/sys/fs/cgroup"}));
}

TEST(CgroupFolders, OfAMountPointWithABlankAreFound) {
  EXPECT_EQ(cgroup_folders("0::/a\n", "30 23 0:26 / /mnt/my\\040groups rw - cgroup2 none rw\n", "memory").v2,
            (std::vector<std::string>{"/mnt/my groups/a", "/mnt/my groups"}));
}

TEST(CgroupFolders, AreNoneWhereNothingIsMounted) {
  EXPECT_TRUE(cgroup_folders("0::/a\n", "", "memory").v2.empty());
  EXPECT_TRUE(cgroup_folders("", kUnifiedMount, "memory").v2.empty());
  EXPECT_TRUE(cgroup_folders("4:pids:/a\n", "35 31 0:32 / /c rw - cgroup c rw,pids\n", "memory").v1.empty());
}

}  // namespace
}  // namespace cleave::plan
