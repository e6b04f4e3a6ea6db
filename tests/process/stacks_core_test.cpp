#include <filesystem>

#include "stacks.hpp"

namespace cleave::test {
namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

class Cores : public testing::TestWithParam<std::string> {};

// R20: a core is written as it was, and shows the fault, not what Cleave did about it.
TEST_P(Cores, AreStillWrittenAndShowTheFault) {
  const std::string pattern = first_line("/proc/sys/kernel/core_pattern");
  const std::string gdb = "/usr/bin/gdb";
  if (pattern.empty() || pattern[0] == '|' || holds(pattern, "/")) {
    GTEST_SKIP() << "cores do not go to the working directory here: core_pattern is '" << pattern << "'";
  }
  if (!fs::exists(gdb)) GTEST_SKIP() << gdb << " is not installed";
  StackSandbox box;
  box.set("ASAN_OPTIONS", "handle_segv=0:disable_coredump=0");
  box.set("TSAN_OPTIONS", "handle_segv=0:disable_coredump=0");
  const std::string binary = program("gtest_stacks");
  const Finished run =
      box.run({"/bin/sh", "-c",
               "ulimit -c unlimited || exit 99; exec \"$0\" --cleave-jobs=1 --cleave-dir=\"$1\" --gtest_filter=$2",
               binary, box.reports(), GetParam()});
  if (run.code == 99) GTEST_SKIP() << "the hard limit forbids cores here";
  EXPECT_EQ(run.code, 1) << run.told();
  std::string core;
  for (const auto& entry : fs::directory_iterator(box.path("work"))) {
    if (entry.path().filename().string().starts_with("core")) core = entry.path();
  }
  ASSERT_NE(core, "") << run.told();
  const Finished shown = box.run({gdb, "-nx", "-batch", "-ex", "bt", binary, core});
  EXPECT_TRUE(holds(shown.out, GetParam() == "Crash.Faults" ? "read_label" : "give_up_stock")) << shown.told();
  EXPECT_FALSE(holds(shown.out, "on_crash")) << shown.told();
}

INSTANTIATE_TEST_SUITE_P(, Cores, testing::Values("Crash.Faults", "Crash.Aborts"),
                         [](const testing::TestParamInfo<std::string>& one) { return one.param.substr(6); });

}  // namespace
}  // namespace cleave::test
