#include <gtest/gtest.h>

#include "plan/sanitizer_report.hpp"

namespace cleave::plan {
namespace {

// R20: from the headline to the summary, without what the test printed around it.
TEST(SanitizerReports, AreCutOutOfWhatATestPrinted) {
  const std::string report =
      "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n    #0 0x2 in f a.cpp:3\n\n0x1 is located\n"
      "SUMMARY: AddressSanitizer: heap-buffer-overflow a.cpp:3 in f";
  const SanitizerReport found = first_sanitizer_report("hello\n" + report + "\nShadow bytes\n");
  EXPECT_EQ(found.text, report);
  EXPECT_EQ(found.offset, 6U);
}

TEST(SanitizerReports, OfEverySanitizerAreKnown) {
  for (const std::string line :
       {"WARNING: ThreadSanitizer: data race (pid=1)", "==1==ERROR: LeakSanitizer: detected memory leaks",
        "==1==WARNING: MemorySanitizer: use-of-uninitialized-value", "a.cpp:1:2: runtime error: division by zero"}) {
    EXPECT_EQ(first_sanitizer_report("x\n" + line + "\n\ny").text, line);
  }
}

TEST(SanitizerReports, AreNotSeenInOrdinaryOutput) {
  for (const std::string line :
       {"", "ERROR: no Sanitizer: here", "ERROR: disk full", "WARNING: old", "a runtime error"}) {
    EXPECT_EQ(first_sanitizer_report(line).text, "") << line;
  }
}

TEST(SanitizerReports, AreBounded) {
  const std::string endless = "==1==ERROR: AddressSanitizer: x\n" + std::string(1 << 20, 'a');
  EXPECT_EQ(first_sanitizer_report(endless).text.size(), 16U << 10U);
}

using Paths = std::vector<std::string>;

// R20: as the sanitizers read their options.
TEST(SanitizerLogs, AreWhereTheOptionsSay) {
  EXPECT_EQ(sanitizer_logs({"ASAN_OPTIONS=detect_leaks=0:log_path=/tmp/asan", "PATH=/bin"}, 7), Paths{"/tmp/asan.7"});
  EXPECT_EQ(sanitizer_logs({"TSAN_OPTIONS=log_path='/tmp/a b:c' halt_on_error=1"}, 7), Paths{"/tmp/a b:c.7"});
  EXPECT_EQ(sanitizer_logs({"ASAN_OPTIONS=log_path=a:log_path=b", "UBSAN_OPTIONS=log_path=b"}, 7), Paths{"b.7"});
}

TEST(SanitizerLogs, AreNoneWithoutALogPath) {
  EXPECT_EQ(sanitizer_logs(
                {"ASAN_OPTIONS=", "ASAN_OPTIONS=my_log_path=x", "UBSAN_OPTIONS=log_path=stderr", "X=log_path=y"}, 7),
            Paths{});
}

// R21: what a sanitizer started is not what a test left behind.
TEST(Symbolizer, IsToldFromWhatTestsStart) {
  EXPECT_TRUE(is_symbolizer("llvm-symbolizer"));
  EXPECT_TRUE(is_symbolizer("addr2line"));
  for (const char* other : {"", "sleep", "symbolizer", "llvm-symbolize", "my-addr2line"}) {
    EXPECT_FALSE(is_symbolizer(other)) << other;
  }
}

}  // namespace
}  // namespace cleave::plan
