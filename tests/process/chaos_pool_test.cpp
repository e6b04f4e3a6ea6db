// `cleave run` over several programs, with Cleave in them and without, in which anything is hit.

#include "chaos.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::uint64_t kCases = 4;

class PoolChaos : public testing::Test {
 protected:
  Sandbox::Arguments command(const Sandbox& box, std::uint32_t jobs) const {
    Sandbox::Arguments words{CLEAVE_TOOL, "run", "--dir=" + box.reports(), "-j" + std::to_string(jobs)};
    words.insert(words.end(), programs_.begin(), programs_.end());
    return words;
  }
  static std::string home(const Sandbox& box) { return box.reports() + "/cleave/run"; }

  /// How many tests there are, by a run that nobody disturbs.
  std::size_t undisturbed(Sandbox& box) const {
    box.write("log", "");
    const Finished run = box.run(command(box, 4));
    EXPECT_EQ(run.code, 0) << run.told();
    const Json report = Json::parse(box.read(home(box) + "/latest/report.json"), nullptr, false);
    if (!report.is_object()) return 0;
    const std::size_t tests = report["tests"].size();
    EXPECT_EQ(report["totals"]["passed"], tests);
    const auto lines = test_lines(box.read("log"));
    EXPECT_EQ(count_lines(lines, "start"), static_cast<int>(tests));
    expect_nothing_left(box, home(box));
    for (const std::string& each : programs_) expect_nothing_left(box, box.home_of(each));
    return tests;
  }

  void one_case(std::uint64_t seed) {
    Choices choices(seed);
    Sandbox box;
    box.set("CLEAVE_TEST_LOG", box.path("log"));
    Running running = box.start(command(box, choices.number(1, 5)));
    Mischief mischief(choices, box, running, milliseconds(700));
    mischief.begin();
    for (std::uint32_t left = choices.number(1, 4); left > 0; --left) {
      const std::uint32_t what = choices.number(1, 100);
      if (what <= 40) {
        tally_.hits += mischief.send_one_at(Mischief::kAnywhere, mischief.some_end()) ? 1 : 0;
      } else if (what <= 60) {
        tally_.hits += mischief.stop_one_at(what <= 50 ? Mischief::kAnywhere : 0) ? 1 : 0;
      } else if (what <= 80) {
        tally_.hits += mischief.kill_several();
      } else {
        mischief.signal_root(mischief.some_end());
      }
      mischief.pause(milliseconds(0), milliseconds(250));
    }
    const Finished run = running.wait();
    SCOPED_TRACE("seed " + std::to_string(seed) + ":" + mischief.said() + " " + run.told());
    EXPECT_FALSE(run.timed_out || run.held);
    EXPECT_TRUE(box.all_processes_end()) << testing::PrintToString(box.processes());
    judge(box, run);
    if (choices.chance(looked_after(40)) || run.signal != 0) {
      EXPECT_EQ(undisturbed(box), tests_);
    }
  }

  void judge(const Sandbox& box, const Finished& run) {
    tally_.red += run.code == 0 ? 0 : 1;
    std::map<std::string, int> starts;
    if (std::filesystem::exists(box.path("log"))) {
      for (const TestLine& line : test_lines(box.read("log"))) {
        if (line.what == "start") ++starts[line.test + " prefix=" + line.values.at("prefix")];
      }
    }
    for (const auto& [test, times] : starts) EXPECT_EQ(times, 1) << test;
    if (run.signal != 0) return;
    for (const std::string& each : programs_) expect_nothing_left(box, box.home_of(each), Torn::may_be_left);
    expect_nothing_left(box, home(box), Torn::may_be_left);
    if (!std::filesystem::exists(home(box) + "/latest/report.json")) {
      EXPECT_GT(run.code, 1);
      EXPECT_NE(run.err, "");
      return;
    }
    ++tally_.reports;
    const Json report = Json::parse(box.read(home(box) + "/latest/report.json"), nullptr, false);
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["exit_code"], run.code);
    expect_reports_agree(box, home(box), report);
    expect_truth_of_outcomes(report);
    if (run.code == 0) {
      EXPECT_EQ(report["totals"]["passed"], tests_);
    }
  }

  const Sandbox::Arguments programs_{program("gtest_chaos"), program("catch2_v2_chaos"),
                                     program("gtest_serial_names_plain")};
  std::size_t tests_ = 0;
  ChaosTally tally_;
};

// R10, R11, R12, R20
TEST_F(PoolChaos, ARunOverSeveralProgramsIsTrueOrRedAndTheNextOneIsWhole) {
  const OwnThings own;
  {
    Sandbox calm;
    calm.set("CLEAVE_TEST_LOG", calm.path("log"));
    tests_ = undisturbed(calm);
  }
  ASSERT_GT(tests_, 50U);
  for (const std::uint64_t seed : chaos_seeds({}, kCases)) {
    ++tally_.runs;
    one_case(seed);
    if (HasFailure()) return;
  }
  tally_.expect_much();
  own.expect_unchanged();
}

}  // namespace
}  // namespace cleave::test
