#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "run_program.hpp"

namespace cleave::test {

/// The path of a program of tests/programs; empty when it was not built.
inline std::string program(std::string_view name) {
  std::string_view left = CLEAVE_PROGRAM_FILES;
  while (!left.empty()) {
    const auto end = left.find('|');
    const std::string_view path = left.substr(0, end);
    if (path.substr(path.rfind('/') + 1) == name) return std::string(path);
    if (end == std::string_view::npos) break;
    left.remove_prefix(end + 1);
  }
  return {};
}

/// Each such test is there for GoogleTest, Catch2 v2 and Catch2 v3, or for some of them. The parameter is the beginning
/// of the programs' names.
class EachFramework : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!program(GetParam() + "_basics").empty()) return;
    // A job that must have everything says so by its variable.
    if (std::getenv("CI") != nullptr) FAIL() << GetParam() << " is not built";
    GTEST_SKIP() << GetParam() << " is not built";
  }
  std::string of(const std::string& name) const { return program(GetParam() + "_" + name); }
  bool is_gtest() const { return GetParam() == "gtest"; }
  /// One of three values, by framework.
  template <class T>
  T choose(T for_gtest, T for_catch2) const {
    return is_gtest() ? for_gtest : for_catch2;
  }

  Sandbox box_;
};

inline std::string framework_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

/// The report as far as it does not differ from run to run.
inline std::map<std::string, std::string> verdicts(const nlohmann::json& report) {
  std::map<std::string, std::string> all;
  for (const auto& [name, outcomes] : outcomes_by_name(report)) {
    for (const std::string& outcome : outcomes) all[name] += outcome + ";";
  }
  return all;
}

/// A line of the logs that the programs `serial`, `waits` and `data` write: "start <test> key=value…".
struct TestLine {
  std::string what;
  std::string test;
  std::map<std::string, std::string> values;
};

inline std::vector<TestLine> test_lines(const std::string& text) {
  std::vector<TestLine> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    std::istringstream words(line);
    TestLine one;
    words >> one.what >> one.test;
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      if (equals != std::string::npos) one.values[word.substr(0, equals)] = word.substr(equals + 1);
    }
    lines.push_back(one);
  }
  return lines;
}

/// "a beside b" for every two tests that ran at the same time although `conflict` forbids it.
inline std::vector<std::string> forbidden_overlaps(
    const std::vector<TestLine>& lines, const std::function<bool(const std::string&, const std::string&)>& conflict) {
  std::vector<std::string> found;
  std::multiset<std::string> running;
  for (const TestLine& line : lines) {
    if (line.what != "start") {
      running.erase(running.find(line.test));
      continue;
    }
    for (const std::string& other : running) {
      if (conflict(line.test, other) || conflict(other, line.test)) found.push_back(line.test + " beside " + other);
    }
    running.insert(line.test);
  }
  return found;
}

inline int count_lines(const std::vector<TestLine>& lines, std::string_view what) {
  int count = 0;
  for (const TestLine& line : lines) count += line.what == what ? 1 : 0;
  return count;
}

}  // namespace cleave::test
