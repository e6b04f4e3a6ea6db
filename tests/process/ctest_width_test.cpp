// How many CPUs a shard is told to fill when a real ctest decides how many shards run at once.

#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

struct Width {
  CTestTree::Arguments arguments;
  std::string level;  ///< CTEST_PARALLEL_LEVEL, when not empty.
  std::string share;
};

// R28: three shards, 12 CPUs.
TEST(CTestWidth, IsTheNumberOfShardsThatCTestRunsAtOnce) {
  const std::vector<Width> cases{
      {{}, "", "12"}, {{"-j2"}, "", "6"}, {{"-j", "8"}, "", "4"}, {{"--parallel", "2"}, "", "6"}, {{}, "2", "6"},
  };
  for (const Width& each : cases) {
    CTestTree tree({"frail"});
    tree.set("CLEAVE_CPUS", "12");
    tree.unset("CTEST_PARALLEL_LEVEL");
    if (!each.level.empty()) tree.set("CTEST_PARALLEL_LEVEL", each.level);
    const Finished run = tree.ctest(each.arguments);
    EXPECT_EQ(run.code, 0) << run.told();
    int seen = 0;
    for (const LogLine& line : tree.log()) {
      EXPECT_EQ(line.values.at("cpus"), is_serial(line.test) ? "12" : each.share) << line.test << run.told();
      ++seen;
    }
    EXPECT_GE(seen, 2 * static_cast<int>(frail_tests().size())) << run.told();
  }
}

}  // namespace
}  // namespace cleave::test
