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

}  // namespace
}  // namespace cleave::test
