// What is read from the kernel, from make and from people is text that may be anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../support/property.hpp"
#include "plan/cgroup.hpp"
#include "plan/jobserver.hpp"
#include "plan/load.hpp"
#include "plan/memory.hpp"
#include "plan/stagger.hpp"

namespace cleave::plan {
namespace {

using std::chrono::nanoseconds;
using test::Choices;

/// Pieces of what is expected, cut and mixed with bytes of any value.
std::string random_text(Choices& choices) {
  static const std::vector<std::string> pieces{"MemTotal:",
                                               "MemAvailable: ",
                                               " kB\n",
                                               "inactive_file ",
                                               "total_inactive_file",
                                               "max",
                                               "0::/",
                                               "4:memory:/",
                                               "a/b",
                                               "/..",
                                               "\n",
                                               " - cgroup2 c rw",
                                               " - cgroup c rw,memory",
                                               "30 23 0:26 / /sys",
                                               "\\040",
                                               "\\",
                                               "$$",
                                               " ",
                                               "some avg10=",
                                               "0.15 ",
                                               "1/87",
                                               "1e999",
                                               "-1",
                                               "18446744073709551616",
                                               "99999999999999999999",
                                               "K",
                                               "G",
                                               ".",
                                               "--jobserver-auth=",
                                               "--jobserver-fds=",
                                               "fifo:",
                                               "3,4",
                                               "-j",
                                               "--jobs=",
                                               "--",
                                               "n",
                                               "nan",
                                               "inf",
                                               "0x1p4",
                                               "\t"};
  std::string text;
  for (std::uint32_t i = choices.number(0, 12); i > 0; --i) {
    if (choices.chance(75)) {
      text += choices.one_of(pieces);
    } else if (choices.chance(50)) {
      text += choices.one_of(test::hostile_names());
    } else {
      text += static_cast<char>(choices.number(0, 255));
    }
  }
  return text.substr(0, text.size() - std::min<std::size_t>(text.size(), choices.chance(30) ? 1 : 0));
}

// R09, R22: whatever stands there is read within its bounds, and gives a value that keeps to its promises, or an error.
TEST(NeighbourProperty, NoTextIsTooStrangeToRead) {
  for (const std::uint64_t seed : test::seeds({}, 3000)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::string text = random_text(choices);
    const std::string other = random_text(choices);

    if (const auto size = parse_memory_size(text)) {
      EXPECT_GE(*size, 1U);
      EXPECT_LE(*size, std::uint64_t{1} << 50);
    }
    const MemoryRoom machine = memory_of_machine(text);
    EXPECT_LE(machine.available, machine.total);
    const MemoryRoom group = memory_of_group({text, other, random_text(choices), random_text(choices)});
    EXPECT_LE(group.available, group.total);
    if (const auto load = parse_load(text, other)) {
      EXPECT_GE(load->one_minute, 0);
      EXPECT_LE(load->cpu_pressure.value_or(0), 100);
    }
    if (const auto limit = parse_max_load(text, 2)) {
      EXPECT_GT(*limit, 0);
    }
    const CgroupFolders folders = cgroup_folders(text + "\n0::" + other, text + "\n" + other, "memory");
    for (const auto* version : {&folders.v1, &folders.v2}) {
      for (const std::string& folder : *version) EXPECT_EQ(folder.front(), '/');
    }
    (void)parse_make_flags(text);
  }
}

// R22.
TEST(NeighbourProperty, AMemorySizeIsWhatItsNumberAndUnitSay) {
  for (const std::uint64_t seed : test::seeds({}, 500)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::uint32_t unit = choices.number(0, 3);
    const std::uint64_t scale = std::uint64_t{1} << (10 * (unit + 1));
    const std::string letter(1, (choices.chance(50) ? "KMGT" : "kmgt")[unit]);
    const std::uint64_t whole = choices.number(1, 1000);
    EXPECT_EQ(*parse_memory_size(std::to_string(whole) + letter), whole * scale);
    const std::uint32_t eighths = choices.number(1, 7);
    EXPECT_EQ(*parse_memory_size(std::to_string(whole) + "." + std::to_string(eighths * 125) + letter),
              whole * scale + scale * eighths / 8);
    EXPECT_EQ(*parse_memory_size(std::to_string(whole * scale)), whole * scale);
  }
}

// R28: what a child is told is what it reads, whatever MAKEFLAGS was before and wherever the FIFO is.
TEST(NeighbourProperty, AChildReadsTheAddressThatItWasTold) {
  for (const std::uint64_t seed : test::seeds({359}, 1000)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    JobServerAddress address;
    if (choices.chance(50)) {
      address.fifo = "/" + random_text(choices);
    } else {
      address.read_fd = static_cast<int>(choices.number(0, 100000));
      address.write_fd = static_cast<int>(choices.number(0, 100000));
    }
    std::string previous = random_text(choices);
    // A backslash at the end would quote the blank behind it; make never writes one.
    while (previous.ends_with('\\')) previous.pop_back();
    const std::uint32_t jobs = choices.number(1, 1024);
    const std::string text = make_flags_with(previous, address, jobs);
    const auto flags = parse_make_flags(text);
    ASSERT_TRUE(flags) << text << ": " << flags.error().what;
    EXPECT_EQ(flags->server, address) << text;
    EXPECT_EQ(flags->jobs, jobs) << text;
    EXPECT_EQ(make_flags_with(text, address, jobs), text) << "once more changes nothing";
  }
}

// R22: however tests come and go, those that run beside another fit in the machine by what they said.
TEST(NeighbourProperty, WhatMemoryAllowsFitsInTheTotal) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const std::uint64_t total = choices.number(100, 1000);
    std::vector<MemoryClaim> running;
    for (int step = 0; step < 100; ++step) {
      if (!running.empty() && choices.chance(30)) running.erase(running.begin());
      std::uint64_t used = 0;
      for (MemoryClaim& claim : running) {
        claim.held = choices.number(static_cast<std::uint32_t>(claim.held), static_cast<std::uint32_t>(claim.promised));
        used += claim.held;
      }
      const std::uint64_t wanted = choices.number(1, 1200);
      const MemoryRoom room{total - std::min(total, used), total};
      if (!memory_allows(room, wanted, running)) continue;
      running.push_back({wanted, 0});
      std::uint64_t promised = 0;
      for (const MemoryClaim& claim : running) promised += claim.promised;
      EXPECT_TRUE(running.size() == 1 || promised <= total);
    }
  }
}

// R09: the load that our own tests make never goes past the limit by more than one of them, and never stays at none.
TEST(NeighbourProperty, TheGateKeepsTheLoadAtItsLimit) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const double limit = choices.number(1, 80) / 10.0;
    const std::uint32_t neighbours = choices.number(0, 6);
    LoadGate gate;
    std::uint32_t running = 0;
    for (int step = 0; step < 200; ++step) {
      if (running > 0 && choices.chance(20)) --running;
      if (gate.may_start(running + neighbours, limit, running)) {
        EXPECT_TRUE(running == 0 || running + neighbours < limit);
        ++running;
      } else {
        EXPECT_GT(running, 0U);
      }
    }
  }
}

// R06: of all who ask at any times, no two start within the distance, and nobody waits longer than it.
TEST(NeighbourProperty, StartsKeepTheirDistance) {
  for (const std::uint64_t seed : test::seeds({}, 300)) {
    SCOPED_TRACE("CLEAVE_PROPERTY_SEED=" + std::to_string(seed));
    Choices choices(seed);
    const nanoseconds apart(choices.number(0, 1000));
    Stagger stagger(apart);
    nanoseconds now(choices.number(0, 5000));
    std::vector<nanoseconds> starts;
    for (int step = 0; step < 100; ++step) {
      const nanoseconds next = stagger.next_start(now);
      EXPECT_GE(next, now);
      EXPECT_LE(next, now + apart);
      if (choices.chance(60)) {
        now = next;
        stagger.started(now);
        starts.push_back(now);
      } else {
        now += nanoseconds(choices.number(0, 700));
      }
    }
    for (std::size_t i = 1; i < starts.size(); ++i) EXPECT_GE(starts[i] - starts[i - 1], apart);
  }
}

}  // namespace
}  // namespace cleave::plan
