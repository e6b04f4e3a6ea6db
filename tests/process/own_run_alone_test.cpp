// What a process that runs one test knows of the others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "own_run.hpp"

namespace cleave::test {
namespace {

/// `gtest_knows` registers 24 tests before main, and in main at least Numbers.IsRun/0.
class Knows : public testing::Test {
 protected:
  /// How many tests GoogleTest knew in the process of `test`, when that or its suite ran by itself.
  int known_to(const std::string& test, const std::string& more, const std::string& isolation = "test") {
    box_.set("KNOWS_MORE", more);
    const Finished run = box_.sharded(binary_, 2, {"--cleave-isolation=" + isolation});
    EXPECT_EQ(run.code, 0) << run.told();
    return std::stoi(test_named(box_.report(binary_), test)["attempts"][0]["properties"]["known"].get<std::string>());
  }
  const std::string binary_ = program("gtest_knows");
  Sandbox box_;
};

// Each test that is filtered, cleared and destroyed in a fork costs the copy of a page.
TEST_F(Knows, AProcessOfOneTestHasThatAndWhatMainAdds) {
  EXPECT_EQ(known_to("Suite3.Two", ""), 2);
  EXPECT_EQ(known_to("Suite3.Two", "death"), 2);
  EXPECT_EQ(known_to("Suite3.Two", "late"), 5);
  // From GoogleTest 1.15 on, what main adds to a suite that is left out is left out with it.
  EXPECT_THAT(known_to("Suite3.Two", "inside"), testing::AnyOf(2, 3));
}

TEST_F(Knows, AProcessOfASuiteHasThatAndWhatMainAdds) {
  EXPECT_EQ(known_to("Suite3.One", "", "suite"), 3);
  EXPECT_EQ(known_to("Suite3.Two", "late", "suite"), 6);
  EXPECT_EQ(known_to("Suite7.Two", "inside", "suite"), 26) << "main adds to that suite";
}

// Where main's own tests stand in front of it, its place before main is another.
TEST_F(Knows, AProcessOfATestThatMainMovesHasAll) {
  EXPECT_EQ(known_to("Suite9.One", "inside"), 26);
  EXPECT_EQ(known_to("Suite3.Two", "ahead"), 26);
  EXPECT_EQ(known_to("Late.One", "late"), 28);
}

/// The parameter is what else there is.
class Alone : public testing::TestWithParam<std::string> {
 protected:
  Alone() { box_.set("KNOWS_MORE", GetParam()); }
  const std::string binary_ = program("gtest_knows");
  Sandbox box_;
};

// R42: whatever main adds, wherever it stands.
TEST_P(Alone, EveryTestRunsOnceWithTheOutcomeOfACommonProcess) {
  EXPECT_EQ(box_.sharded(binary_, 2).code, 0);
  const auto together = verdicts(box_.report(binary_));
  EXPECT_GE(together.size(), 25U);
  for (const char* isolation : {"test", "suite"}) {
    const Finished run = box_.sharded(binary_, 2, {std::string("--cleave-isolation=") + isolation});
    EXPECT_EQ(run.code, 0) << run.told();
    EXPECT_EQ(verdicts(box_.report(binary_)), together);
    for (const auto& [name, runs] : runs_by_name(box_.report(binary_))) EXPECT_EQ(runs, 1) << name;
  }
}

TEST_P(Alone, ShuffledTestsAndOuterShardsAreTheSameToo) {
  box_.sharded(binary_, 2, {"--gtest_shuffle", "--gtest_random_seed=7", "--cleave-isolation=test"});
  const auto shuffled = verdicts(box_.report(binary_));
  box_.set("GTEST_TOTAL_SHARDS", "2");
  int sum = 0;
  for (const char* index : {"0", "1"}) {
    box_.set("GTEST_SHARD_INDEX", index);
    EXPECT_EQ(box_.sharded(binary_, 2, {"--cleave-isolation=test"}).code, 0) << index;
    for (const auto& [name, runs] : runs_by_name(box_.report(binary_))) sum += runs;
  }
  EXPECT_EQ(sum, static_cast<int>(shuffled.size()));
}

INSTANTIATE_TEST_SUITE_P(, Alone, testing::Values("", "death", "late", "inside", "ahead", "death late inside ahead"),
                         [](const auto& instance) {
                           std::string name = "With";
                           for (const char c : instance.param) name += c == ' ' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace cleave::test
