#include <gtest/gtest.h>

#include "ctest_names.hpp"
#include "ctest_tree.hpp"

namespace cleave::test {
namespace {

// R13, R20: cleave_add_shards() tells its binaries where cleave-stacks is; nothing of it is in PATH or a variable.
TEST(CTestStacks, OfACrashAreInTheReportWithoutAnyVariable) {
  CTestTree tree({"frail"});
  tree.set("PATH", "/nowhere");
  tree.set("ASAN_OPTIONS", "handle_abort=0");
  tree.set("CLEAVE_TEST_CRASH", "Shutdown.FreesThePort");
  const Finished run = tree.ctest({"-j2"});
  EXPECT_NE(run.code, 0) << run.told();
  const nlohmann::json test = test_named(tree.report("frail"), "Shutdown.FreesThePort");
  const std::string stacks = test["attempts"][0].value("stacks", std::string());
  EXPECT_NE(stacks.find("work::run("), std::string::npos) << test;
  EXPECT_NE(stacks.find("got the signal"), std::string::npos) << "not of cleave-stacks: " << stacks;
}

}  // namespace
}  // namespace cleave::test
