#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "report/model.hpp"

namespace cleave::report {

/// @file
/// What GoogleTest's XML and JSON files have in common, before either is written.

/// One failure or skip as GoogleTest shows it: "file:line", a newline, the text.
struct GtestPart {
  bool failure = true;
  std::string text;
};

/// One testcase. `listed` is null for the row that stands for what is red beside the tests.
struct GtestCase {
  const plan::TestCase* listed = nullptr;
  std::string suite;
  bool ran = true;       ///< False for disabled tests.
  bool skipped = false;  ///< GoogleTest's "skipped" result: it has a skip and no failure.
  UnixTime start{};
  Nanoseconds duration{};
  std::vector<GtestPart> parts;
  Properties properties;

  bool failed() const;
};

/// One testsuite with its counts, or all of them together.
struct GtestSuite {
  std::string name;
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t disabled = 0;
  std::size_t skipped = 0;
  UnixTime start{};
  Nanoseconds duration{};
  Properties properties;
  std::vector<GtestCase> cases;
};

/// The whole file. The last suite is "NonTestSuiteFailure" when something beside the tests is red.
struct GtestTree {
  GtestSuite all;
  std::vector<GtestSuite> suites;
};

/// Reads `report` as GoogleTest would have seen it had everything happened in one process.
GtestTree gtest_tree(const RunReport& report);

/// Seconds as GoogleTest prints them: whole milliseconds, six significant digits, no trailing zeros.
std::string gtest_seconds(Nanoseconds duration);

/// `key`, with an underscore appended as long as `taken` has it; then it is taken. Names of members and attributes
/// would otherwise clash with GoogleTest's own.
std::string free_key(std::string key, std::set<std::string, std::less<>>& taken);

}  // namespace cleave::report
