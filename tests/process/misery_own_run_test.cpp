// What limits, signals and hostile tests do to a run of a program by itself. Each row of the tables is a test; whatever
// it does, the run ends in time, each test has one outcome, the report can be read, and nothing is left behind.

#include <chrono>

#include "misery.hpp"
#include "own_run.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

class Misery : public testing::TestWithParam<std::tuple<std::string, MiseryCase>> {
 protected:
  void SetUp() override {
    if (!binary_.empty()) return;
    if (std::getenv("CI") != nullptr) FAIL() << std::get<0>(GetParam()) << " is not built";
    GTEST_SKIP() << std::get<0>(GetParam()) << " is not built";
  }

  const std::string binary_ = program(std::get<0>(GetParam()) + "_misery");
  Sandbox box_;
};

// R12, R20, R21, R26
TEST_P(Misery, OfOneTestHasOneTruthfulOutcomeAndLeavesTheOthersAlone) {
  MiseryCase one = std::get<1>(GetParam());
  if (const std::string why = impossible_here(one); !why.empty()) GTEST_SKIP() << why;
  // GoogleTest's worker asks for more work behind the test, and cannot; that of Catch2 has nothing more to ask.
  if (std::get<0>(GetParam()) == "gtest" && one.name.rfind("ClosesAllDescriptors", 0) == 0) {
    one.problem = "exited with status 97";
    one.code = 1;
  }
  box_.set("MISERY", one.name);
  box_.set("CLEAVE_TEST_LOG", box_.path("log"));
  const Finished run = box_.sharded(binary_, 2, {"--cleave-timeout=20s"});
  EXPECT_EQ(run.code, one.expected_code()) << run.told().substr(0, 5000);
  EXPECT_FALSE(run.timed_out || run.held);
  const Json report = box_.report(binary_);
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["exit_code"], run.code);
  expect_one_outcome_each(report, box_.read("log"), one);
  expect_told(report, one);
  expect_nothing_left(box_, box_.home_of(binary_));
}

INSTANTIATE_TEST_SUITE_P(, Misery,
                         testing::Combine(testing::Values("gtest", "catch2_v3"), testing::ValuesIn(miseries())),
                         [](const auto& one) { return std::get<0>(one.param) + "_" + std::get<1>(one.param).name; });

}  // namespace
}  // namespace cleave::test
