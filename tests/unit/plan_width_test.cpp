#include "plan/width.hpp"

#include <gtest/gtest.h>

namespace cleave::plan {
namespace {

struct Case {
  std::vector<std::string> arguments;
  std::optional<std::string_view> level;
  std::uint32_t width;
};

// R28: what ctest runs at once, as its manual has it. CMake 3.29 made a missing number and 0 mean "all"; before, they
// meant 1.
TEST(CTestWidth, FollowsTheCommandLineThenTheVariable) {
  const std::vector<Case> cases{
      {{"ctest"}, std::nullopt, 1},
      {{"/usr/bin/ctest", "-R", "shard"}, std::nullopt, 1},
      {{"ctest", "-j", "4"}, std::nullopt, 4},
      {{"ctest", "-j4"}, std::nullopt, 4},
      {{"ctest", "--parallel", "4", "-V"}, std::nullopt, 4},
      {{"ctest", "--parallel=4"}, std::nullopt, 4},
      {{"ctest", "-j2", "--test-dir", "build", "-j", "8"}, std::nullopt, 8},
      {{"ctest", "-j"}, std::nullopt, kNoLimit},
      {{"ctest", "--parallel"}, std::nullopt, kNoLimit},
      {{"ctest", "-j", "-R", "shard"}, std::nullopt, kNoLimit},
      {{"ctest", "-j", "--output-on-failure"}, "3", kNoLimit},
      {{"ctest", "-j0"}, std::nullopt, kNoLimit},
      {{"ctest", "-jx"}, std::nullopt, kNoLimit},
      {{"ctest", "-j99999999999"}, std::nullopt, kNoLimit},
      {{"ctest"}, "4", 4},
      {{"ctest", "-j2"}, "4", 2},
      {{"ctest"}, "", kNoLimit},
      {{"ctest"}, "0", kNoLimit},
      {{"ctest", "--preset", "dev"}, std::nullopt, kNoLimit},
      {{"ctest", "--preset=dev"}, "4", kNoLimit},
      {{"ctest", "--preset", "dev", "-j3"}, std::nullopt, 3},
      {{"ctest", "-S", "nightly.cmake", "-j3"}, std::nullopt, kNoLimit},
      {{"ctest", "--script", "nightly.cmake"}, "4", kNoLimit},
      {{"ctest", "--output-junit", "-junit.xml"}, std::nullopt, kNoLimit},
      {{"bash", "-c", "./tests"}, std::nullopt, kNoLimit},
      {{"/opt/ctest/bin/make", "-j4"}, "4", kNoLimit},
      {{}, "4", kNoLimit},
  };
  for (const Case& each : cases) {
    std::string line;
    for (const std::string& word : each.arguments) line += word + " ";
    EXPECT_EQ(ctest_width(each.arguments, each.level), each.width) << line << "level " << each.level.value_or("unset");
  }
}

TEST(ShareOf, TogetherTheSharesNeverExceedTheCpusUnlessEachIsOne) {
  for (unsigned cpus = 1; cpus <= 130; ++cpus) {
    for (std::uint32_t width = 1; width <= 130; ++width) {
      const unsigned share = share_of(cpus, width);
      EXPECT_GE(share, 1U);
      EXPECT_TRUE(share == 1 || share * width <= cpus) << cpus << " / " << width;
      EXPECT_GT((share + 1) * width, cpus) << cpus << " / " << width;
    }
  }
  EXPECT_EQ(share_of(8, kNoLimit), 1U);
  EXPECT_EQ(share_of(8, 0), 8U);
}

}  // namespace
}  // namespace cleave::plan
