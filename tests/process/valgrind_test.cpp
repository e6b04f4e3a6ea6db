// Programs under valgrind, run by themselves and by `ctest -T memcheck`.

#include <filesystem>
#include <sstream>

#include "ctest_tree.hpp"
#include "stacks.hpp"

namespace cleave::test {
namespace {

constexpr const char* kFilter = "--gtest_filter=Before.*:Address.ReadsPastTheEnd";

/// The path of valgrind; empty when it is not installed.
std::string valgrind() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (std::filesystem::exists(folder + "/valgrind")) return folder + "/valgrind";
  }
  return {};
}

class Valgrind : public testing::Test {
 protected:
  void SetUp() override {
    if (program("gtest_sanitized_none").empty())
      GTEST_SKIP() << "a program with a sanitizer does not run under valgrind";
    if (valgrind().empty()) GTEST_SKIP() << "valgrind is not installed";
  }
  /// The run is red although each test passed, and says which process and which test it was.
  static void expect_told(const nlohmann::json& report) {
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report["totals"]["passed"], 2);
    ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
    const std::string problem = report["problems"][0].dump();
    EXPECT_TRUE(holds(problem, "exited with status 9 although every test was green")) << problem;
    EXPECT_TRUE(holds(problem, "It ran one test, Address.ReadsPastTheEnd.")) << problem;
  }
};

// R12: valgrind goes along into every worker; what it finds there is red and has the name of the test.
TEST_F(Valgrind, FindsAnInvalidReadInAWorkerOfAnOwnRun) {
  const std::string binary = program("gtest_sanitized_none");
  StackSandbox box;
  const Finished run = box.run({valgrind(), "--quiet", "--error-exitcode=9", binary, "--cleave-jobs=2", kFilter,
                                "--cleave-isolation=test", "--cleave-stacks=off", "--cleave-dir=" + box.reports()});
  EXPECT_EQ(run.code, 1) << run.told();
  EXPECT_TRUE(holds(run.err, "Invalid read of size 4")) << run.told();
  EXPECT_TRUE(holds(run.err, "Address_ReadsPastTheEnd_Test")) << run.told();
  expect_told(box.report(binary));
  EXPECT_TRUE(box.all_processes_end());
}

// R12, R43
TEST_F(Valgrind, FindsAnInvalidReadUnderCTestsMemoryCheck) {
  CTestTree tree({"any"});
  tree.put_into_any(program("gtest_sanitized_none"), {kFilter});
  tree.set("CLEAVE_ISOLATION", "test");
  tree.set("CLEAVE_STACKS", "off");
  tree.write("DartConfiguration.tcl", "SourceDirectory: " + tree.folder() + "\nBuildDirectory: " + tree.folder() +
                                          "\nMemoryCheckCommand: " + valgrind() +
                                          "\nMemoryCheckCommandOptions: --quiet --error-exitcode=9\n");
  const Finished run = tree.ctest({"-T", "memcheck", "-R", "shard-0"});  // With begin and end, as fixtures.
  EXPECT_NE(run.code, 0) << run.told();
  EXPECT_TRUE(holds(run.out, "Defects: 1")) << run.told();
  expect_told(tree.report("any"));
  EXPECT_TRUE(tree.all_processes_end());
}

}  // namespace
}  // namespace cleave::test
