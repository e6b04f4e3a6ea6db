#include "ctest_tree.hpp"
#include "stacks.hpp"

namespace cleave::test {
namespace {

using Json = nlohmann::json;

/// Programs that were built with a real sanitizer.
class Sanitizers : public testing::Test {
 protected:
  /// The report of a run of the program's tests with this filter; null when there is no such program here.
  Json run(const std::string& sanitizer, const std::string& filter) {
    binary_ = program("gtest_sanitized_" + sanitizer);
    if (binary_.empty()) return {};
    run_ = box_.sharded(binary_, 1, {"--gtest_filter=" + filter});
    EXPECT_EQ(run_.code, 1) << run_.told();
    EXPECT_TRUE(box_.all_processes_end());
    return box_.report(binary_);
  }
  static std::string problem_detail(const Json& report) {
    return report["problems"].empty() ? std::string() : report["problems"][0].dump();
  }

  StackSandbox box_;
  std::string binary_;
  Finished run_;
};

#define SKIP_WITHOUT(report) \
  if (report.is_null()) GTEST_SKIP() << "no program with this sanitizer here"

// R20: the report stands in the output of the test that died of it.
TEST_F(Sanitizers, AnErrorIsShownWithItsTest) {
  const Json report = run("address", "Before.*:Address.ReadsPastTheEnd:ZAfter.*");
  SKIP_WITHOUT(report);
  const Json test = test_named(report, "Address.ReadsPastTheEnd");
  EXPECT_EQ(test["outcome"], "crashed");
  EXPECT_TRUE(holds(test.dump(), "heap-buffer-overflow")) << test;
  EXPECT_TRUE(holds(test.dump(), "read_past_the_end")) << test;
  EXPECT_EQ(report["totals"]["passed"], 2);
}

// R20: whoever chose a file for the reports finds it in the report of the run as well.
TEST_F(Sanitizers, AnErrorInALogFileIsShownWithItsTest) {
  box_.set("ASAN_OPTIONS", "log_path=" + box_.path("asan"));
  const Json report = run("address", "Address.ReadsPastTheEnd");
  SKIP_WITHOUT(report);
  const Json test = test_named(report, "Address.ReadsPastTheEnd");
  EXPECT_TRUE(holds(test["attempts"][0]["messages"].dump(), "heap-buffer-overflow")) << test;
  EXPECT_TRUE(holds(run_.out, "heap-buffer-overflow")) << run_.told();
}

// R12, R20: a leak is found when the process ends, and is a problem of its own, with the place that allocated.
TEST_F(Sanitizers, ALeakAtTheEndIsAProblemWithItsReport) {
  const Json report = run("address", "Before.*:Address.Leaks");
  SKIP_WITHOUT(report);
  EXPECT_EQ(report["totals"]["passed"], 2);
  EXPECT_TRUE(holds(problem_detail(report), "LeakSanitizer")) << problem_detail(report);
  EXPECT_TRUE(holds(problem_detail(report), "forget_a_box")) << problem_detail(report);
}

// R12, R20: a race is told while its test runs, and fails the process at its end: the problem names the test.
TEST_F(Sanitizers, ARaceIsAProblemThatNamesItsTest) {
  const Json report = run("thread", "Before.*:Thread.Races:ZAfter.*");
  SKIP_WITHOUT(report);
  EXPECT_EQ(report["totals"]["passed"], 3);
  EXPECT_TRUE(holds(problem_detail(report), "While Thread.Races ran it printed")) << problem_detail(report);
  EXPECT_TRUE(holds(problem_detail(report), "data race")) << problem_detail(report);
  EXPECT_TRUE(holds(problem_detail(report), "count_without_a_lock")) << problem_detail(report);
}

// R12, R20: the process that leaked is told of, once, with the test where it ran only one.
TEST_F(Sanitizers, ALeakIsToldOnceHoweverManyProcessesThereAre) {
  box_.set("CLEAVE_ISOLATION", "test");
  const Json report = run("address", "Before.*:Address.Leaks:ZAfter.*");
  SKIP_WITHOUT(report);
  EXPECT_EQ(report["totals"]["passed"], 3);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_TRUE(holds(problem_detail(report), "It ran one test, Address.Leaks, and printed")) << problem_detail(report);
}

// R20: each process has a log of its own, as the sanitizer names it, and the one that has something in it is shown.
TEST_F(Sanitizers, ALeakInALogFileIsInItsProblem) {
  box_.set("ASAN_OPTIONS", "log_path=" + box_.path("asan"));
  box_.set("CLEAVE_ISOLATION", "test");
  const Json report = run("address", "Before.*:Address.Leaks:ZAfter.*");
  SKIP_WITHOUT(report);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_TRUE(holds(problem_detail(report), box_.path("asan") + ".")) << problem_detail(report);
  EXPECT_TRUE(holds(problem_detail(report), "forget_a_box")) << problem_detail(report);
}

// R20: it goes on unless it is told to halt, and then the test that did it has died of it.
TEST_F(Sanitizers, UndefinedBehaviourIsShownWithItsTest) {
  const std::string binary = program("gtest_sanitized_address");
  if (binary.empty()) GTEST_SKIP() << "no program with this sanitizer here";
  const Sandbox::Arguments filter{"--gtest_filter=Before.*:Undefined.Shifts:ZAfter.*"};
  EXPECT_EQ(box_.sharded(binary, 2, filter).code, 0);
  Json test = test_named(box_.report(binary), "Undefined.Shifts");
  EXPECT_EQ(test["outcome"], "passed");
  EXPECT_TRUE(holds(test["attempts"][0]["output"].dump(), "runtime error: shift exponent 40")) << test;
  box_.set("UBSAN_OPTIONS", "halt_on_error=1");
  const Finished halted = box_.sharded(binary, 2, filter);
  EXPECT_EQ(halted.code, 1) << halted.told();
  test = test_named(box_.report(binary), "Undefined.Shifts");
  EXPECT_EQ(test["outcome"], "crashed");
  EXPECT_TRUE(holds(test.dump(), "runtime error: shift exponent 40")) << test;
  EXPECT_EQ(box_.report(binary)["totals"]["passed"], 2);
}

// R20, R43: Catch2, and what ctest runs.
TEST_F(Sanitizers, ErrorsAndLeaksOfCatch2AreShown) {
  binary_ = program("catch2_v2_sanitized_address");
  if (binary_.empty()) GTEST_SKIP() << "no program with this sanitizer here";
  run_ = box_.sharded(binary_, 2);
  EXPECT_EQ(run_.code, 1) << run_.told();
  const Json report = box_.report(binary_);
  EXPECT_EQ(report["totals"]["passed"], 3);
  EXPECT_EQ(test_named(report, "reads past the end")["outcome"], "crashed");
  EXPECT_TRUE(holds(test_named(report, "reads past the end").dump(), "heap-buffer-overflow"));
  EXPECT_TRUE(holds(test_named(report, "shifts").dump(), "runtime error: shift exponent 40"));
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_TRUE(holds(problem_detail(report), "forget_a_box")) << problem_detail(report);
}

// R30: what it found last time it must be free to find again.
TEST_F(Sanitizers, AProgramWithOneTakesNothingFromTheCache) {
  const std::string binary = program("gtest_sanitized_address");
  if (binary.empty()) GTEST_SKIP() << "no program with this sanitizer here";
  for (int run = 0; run < 2; ++run) {
    const Finished green = box_.sharded(binary, 1, {"--cleave-cache", "--gtest_filter=Before.*"});
    EXPECT_EQ(green.code, 0) << green.told();
    EXPECT_TRUE(holds(green.err, "nothing is taken from it: this program was built with a sanitizer")) << green.told();
    EXPECT_EQ(box_.report(binary)["totals"]["cached"], 0);
  }
}

/// Under ctest, for the program of each framework.
class SanitizersUnderCTest : public testing::TestWithParam<std::string> {};

TEST_P(SanitizersUnderCTest, ErrorsAndLeaksAreShownOnce) {
  const std::string binary = program(GetParam() + "_sanitized_address");
  if (binary.empty()) GTEST_SKIP() << "no program with this sanitizer here";
  const bool is_gtest = GetParam() == "gtest";
  CTestTree tree({"any"});
  tree.set("CLEAVE_STACKS", "off");
  tree.put_into_any(binary, {is_gtest ? "--gtest_filter=Before.*:Address.*:Undefined.*" : "*"});
  const Finished run = tree.ctest({"-j3", "--output-on-failure"});
  EXPECT_EQ(run.code, 8) << run.told();
  EXPECT_TRUE(holds(run.out, "heap-buffer-overflow")) << run.told();
  const nlohmann::json report = tree.report("any");
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["totals"]["crashed"], 1);
  EXPECT_EQ(report["totals"]["passed"], 3);
  ASSERT_EQ(report["problems"].size(), 1U) << report["problems"];
  EXPECT_TRUE(holds(report["problems"].dump(), "forget_a_box")) << report["problems"];
  EXPECT_TRUE(tree.all_processes_end());
}

INSTANTIATE_TEST_SUITE_P(Frameworks, SanitizersUnderCTest, testing::Values("gtest", "catch2_v2"), framework_name);

}  // namespace
}  // namespace cleave::test
