#include "report/live.hpp"

#include <gtest/gtest.h>

#include "report/cells.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr LiveStyle kPlain{};
constexpr LiveStyle kAscii{false, false};

LiveState state_of(std::uint32_t done, std::vector<LiveState::Lane> lanes) {
  LiveState state;
  state.total = 48;
  state.done = done;
  state.failed = 1;
  state.flaky = 2;
  state.remaining = seconds(67);
  state.lanes = std::move(lanes);
  return state;
}

const std::vector<LiveState::Lane> kTwo{{"shard-0", "Shop.SellsOut", seconds(28)}, {"shard-1", "", std::nullopt}};

// R18
TEST(LiveStatus, IsWholeAtEightyColumns) {
  EXPECT_EQ(live_status(state_of(12, kTwo), 80, 24, seconds(30), kPlain),
            (std::vector<std::string>{
                "12/48  ━━━━━━────────────────────  1 failed  2 flaky  30 s, about 1 m 07 s left",
                "  shard-0  Shop.SellsOut                             2 s",
                "  shard-1  waits",
            }));
}

TEST(LiveStatus, LeavesOutTheBarAndWhatMattersLeastAtFortyColumns) {
  EXPECT_EQ(live_status(state_of(12, kTwo), 40, 24, seconds(30), kAscii), (std::vector<std::string>{
                                                                              "12/48  1 failed  about 1 m 07 s left",
                                                                              "  0  Shop.SellsOut                  2 s",
                                                                              "  1  waits",
                                                                          }));
}

TEST(LiveStatus, SaysSoWhenNobodyKnowsWhatIsLeft) {
  LiveState state = state_of(12, {});
  state.remaining.reset();
  state.failed = state.flaky = 0;
  EXPECT_EQ(live_status(state, 80, 24, seconds(30), kAscii).front(),
            "12/48  =======-----------------------  30 s, ? left");
}

TEST(LiveStatus, NoLineIsWiderThanTheTerminalWhateverTheNames) {
  const std::string names[] = {"日本語の長い名前を持つテスト.日本語の長い名前を持つテスト",
                               "new\nline \x1b[31m \x1b[2J", std::string(500, 'x'), "🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀",
                               "\xff\xfe"};
  LiveState state = state_of(4000000000U, {});
  state.total = state.failed = state.flaky = 4000000000U;
  for (const std::string& name : names)
    state.lanes.push_back({"shard-" + std::to_string(state.lanes.size()), name, seconds(0)});
  for (std::uint32_t width = 0; width <= 200; ++width) {
    for (const std::string& line : live_status(state, width, 24, std::chrono::hours(3), kPlain)) {
      EXPECT_LE(cells_of(line), width > 1 ? width - 1 : 1) << width << ": " << line;
      EXPECT_EQ(printable(line), line);
      EXPECT_EQ(line.find('\n'), std::string::npos);
    }
  }
}

TEST(LiveStatus, CollapsesToWhatRunsLongestOnShortTerminals) {
  std::vector<LiveState::Lane> lanes;
  for (int i = 0; i < 8; ++i) lanes.push_back({"shard-" + std::to_string(i), "T" + std::to_string(i), seconds(20 - i)});
  const LiveState state = state_of(12, lanes);
  EXPECT_EQ(live_status(state, 80, 8, seconds(30), kPlain).size(), 4u);
  EXPECT_EQ(live_status(state, 80, 8, seconds(30), kPlain)[1].substr(0, 13), "  shard-6  T6");
  EXPECT_EQ(live_status(state, 80, 8, seconds(30), kPlain)[3], "  and 6 more shards");
  EXPECT_EQ(live_status(state, 80, 18, seconds(30), kPlain).size(), 9u);
  EXPECT_EQ(live_status(state, 80, 4, seconds(30), kPlain)[1].substr(0, 13), "  shard-7  T7");
  for (const std::uint32_t height : {0U, 1U, 2U, 3U}) {
    EXPECT_EQ(live_status(state, 80, height, seconds(30), kPlain).size(), 1u) << height;
  }
}

TEST(LiveStatus, IsTheSameWithinASecond) {
  const LiveState state = state_of(12, kTwo);
  EXPECT_EQ(live_status(state, 80, 24, milliseconds(30100), kPlain),
            live_status(state, 80, 24, milliseconds(30900), kPlain));
  EXPECT_NE(live_status(state, 80, 24, milliseconds(30100), kPlain),
            live_status(state, 80, 24, milliseconds(31100), kPlain));
}

TEST(LiveStatus, ColourIsOnlyThereWhenAskedFor) {
  LiveStyle coloured;
  coloured.colour = true;
  const auto lines = live_status(state_of(12, kTwo), 80, 24, seconds(60), coloured);
  EXPECT_NE(lines[0].find("\x1b[31m1 failed\x1b[0m"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("\x1b[33m32 s\x1b[0m"), std::string::npos) << "long ones stand out: " << lines[1];
  for (const std::string& line : live_status(state_of(12, kTwo), 80, 24, seconds(60), kPlain)) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  }
}

TEST(LanesBlock, NamesWhatEveryLaneRunsWithItsStacks) {
  EXPECT_EQ(lanes_block(state_of(12, kTwo), "no result for 15 s", seconds(90), {"#0 wait()\n#1 main\x1b()", ""}),
            "no result for 15 s: 12 of 48 done, 1 failed, 2 flaky, about 1 m 07 s left\n"
            "  shard-0  Shop.SellsOut  1 m 02 s\n"
            "    #0 wait()\n"
            "    #1 main\\x1b()\n"
            "  shard-1  waits\n");
}

TEST(WholeSeconds, RoundsDown) {
  EXPECT_EQ(whole_seconds(milliseconds(1999)), "1 s");
  EXPECT_EQ(whole_seconds(seconds(123)), "2 m 03 s");
  EXPECT_EQ(whole_seconds(seconds(3720)), "1 h 02 m");
  EXPECT_EQ(whole_seconds(seconds(-5)), "0 s");
}

TEST(LiveStatus, AStopSaysWhatIsWaitedForAndWhatAnotherOneDoes) {  // R18
  LiveState state = state_of(12, kTwo);
  state.stopping = LiveState::Stopping{"SIGINT", seconds(98)};
  EXPECT_EQ(live_status(state, 80, 24, seconds(90), {})[1],
            "stopping (SIGINT): 1 test may run on for 8 s; Ctrl-C again ends it now");
  EXPECT_EQ(live_status(state, 40, 24, seconds(90), {})[1], "stopping: 8 s left; Ctrl-C again: now");
  EXPECT_EQ(live_status(state, 80, 24, seconds(99), {})[1], "stopping (SIGINT): what runs is ended");
  state.lanes = {{"fixtures", "tears down 'db'", seconds(80), true}};
  EXPECT_EQ(live_status(state, 80, 24, seconds(90), {})[1], "stopping (SIGINT): fixtures are torn down");
  state.lanes.clear();
  EXPECT_EQ(live_status(state, 80, 24, seconds(90), {})[1], "stopping (SIGINT)");
}

TEST(LiveStatus, AStopTakesALineOfThoseThatThereAre) {
  LiveState state = state_of(12, kTwo);
  state.stopping = LiveState::Stopping{"SIGINT", seconds(98)};
  for (const std::uint32_t height : {2u, 3u, 4u, 5u, 6u, 8u, 24u}) {
    const auto lines = live_status(state, 80, height, seconds(90), {});
    EXPECT_LE(lines.size(), std::max(1u, height / 2)) << height;
    const auto stops = [](const std::string& line) { return line.find("stopping") == 0; };
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(), stops), 1) << height;
  }
}

}  // namespace
}  // namespace cleave::report
