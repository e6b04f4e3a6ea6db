// Runs with once-per-run fixtures in which anything is hit: the keeper, the leader, the hosts of shards, what a fixture
// started, workers, entries, ctest. Each fixture is set up at most once, everything is torn down unless those who would
// do it were killed, and the next run ends and sweeps what is left, and is whole.

#include "chaos.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::uint64_t kCases = 3;

class FixtureChaos : public testing::Test {
 protected:
  void prepare(Sandbox& box) const {
    box.set("FIXTURES_LOG", box.path("fixture-log"));
    box.set("FIXTURES_GATE", box.path("gate"));
  }
  static FixtureLog log_of(const Sandbox& box) { return FixtureLog(box.path("fixture-log")); }

  /// What becomes of a run that `start` has started.
  Finished disturb(Choices& choices, const Sandbox& box, Running running, milliseconds usual, bool under_ctest,
                   std::string& said, bool& all_may_be_down) {
    Mischief mischief(choices, box, running, usual);
    mischief.begin();
    for (std::uint32_t left = choices.number(1, 3); left > 0; --left) {
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 45) {
        tally_.hits += mischief.send_one_at(Mischief::kAnywhere, mischief.some_end()) ? 1 : 0;
      } else if (what <= 65) {
        tally_.hits += mischief.stop_one_at(what <= 55 ? Mischief::kAnywhere : 0) ? 1 : 0;
      } else if (what <= 85) {
        tally_.hits += mischief.kill_several();
      } else {
        mischief.signal_root(mischief.some_end());
        if (under_ctest) break;
      }
      mischief.pause(milliseconds(0), usual / 3);
    }
    const Finished run = running.wait();
    said = mischief.said();
    all_may_be_down = !mischief.hit_fixtures();
    EXPECT_FALSE(run.timed_out || run.held);
    return run;
  }

  /// What holds at once, and what holds when the next run has ended.
  void judge(const Sandbox& box, const Finished& run, const std::string& home, bool all_down) {
    const FixtureLog log = log_of(box);
    for (const char* name : {"base", "top"}) {
      const std::size_t up = log.count("set_up " + std::string(name));
      EXPECT_LE(up, 1U) << name;
      EXPECT_LE(log.count("tear_down " + std::string(name)), up) << name;
    }
    if (all_down) {
      EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
      EXPECT_EQ(log_of(box).count("tear_down base"), log_of(box).count("set_up base"));
    }
    tally_.red += run.code == 0 ? 0 : 1;
    if (!std::filesystem::exists(home + "/latest/report.json")) {
      EXPECT_NE(run.code, 0);
      return;
    }
    ++tally_.reports;
    const Json report = Json::parse(box.read(home + "/latest/report.json"), nullptr, false);
    ASSERT_TRUE(report.is_object());
    expect_truth_of_outcomes(report);
    if (run.code == 0) {
      EXPECT_EQ(report["totals"]["passed"], tests_);
    }
  }

  void expect_next_is_whole(const Sandbox& box, const std::string& home, const Finished& next) const {
    EXPECT_EQ(next.code, 0) << next.told();
    const Json report = Json::parse(box.read(home + "/latest/report.json"), nullptr, false);
    ASSERT_TRUE(report.is_object());
    expect_reports_agree(box, home, report);
    EXPECT_EQ(report["totals"]["passed"], tests_);
    EXPECT_EQ(log_of(box).of_run(), kWholeLife);
    expect_nothing_left(box, home);
    for (const std::string& line : log_of(box).all("saw ")) {
      const auto words = words_of(line);
      EXPECT_FALSE(somebody_listens_on(std::stoi(words.at(words.size() - 2)))) << line;
    }
  }

  const std::size_t tests_ = 29;
  ChaosTally tally_;
};

// R12, R20, R21, R36
TEST_F(FixtureChaos, AnOwnRunTearsDownAndTheNextOneIsWhole) {
  const OwnThings own;
  const std::string binary = program("gtest_fixtures");
  ASSERT_NE(binary, "");
  for (const std::uint64_t seed : chaos_seeds({}, kCases)) {
    ++tally_.runs;
    Choices choices(seed);
    Sandbox box;
    prepare(box);
    Running running = box.start_sharded(binary, choices.number(1, 4));
    std::string said;
    bool all_down = false;
    const Finished run = disturb(choices, box, std::move(running), milliseconds(400), false, said, all_down);
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + said + " " + run.told());
    judge(box, run, box.home_of(binary), all_down);
    std::filesystem::remove(box.path("fixture-log"));
    expect_next_is_whole(box, box.home_of(binary), box.sharded(binary, 2));
    if (HasFailure()) return;
  }
  tally_.expect_much();
  own.expect_unchanged();
}

// R12, R20, R21, R36
TEST_F(FixtureChaos, ACTestTearsDownAndTheNextOneIsWhole) {
  const OwnThings own;
  for (const std::uint64_t seed : chaos_seeds({}, kCases)) {
    ++tally_.runs;
    Choices choices(seed);
    CTestTree tree({"fixtures"});
    prepare(tree);
    Running running = tree.start_ctest({"-j" + std::to_string(choices.number(1, 4))});
    std::string said;
    bool all_down = false;
    const Finished run = disturb(choices, tree, std::move(running), milliseconds(900), true, said, all_down);
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + said + " " + run.told());
    judge(tree, run, tree.home_of("fixtures"), all_down);
    std::filesystem::remove(tree.path("fixture-log"));
    expect_next_is_whole(tree, tree.home_of("fixtures"), tree.ctest({"-j2"}));
    if (HasFailure()) return;
  }
  tally_.expect_much();
  own.expect_unchanged();
}

}  // namespace
}  // namespace cleave::test
