// Runs a test a second time, at once, within its suite. Part of adapter.cpp.
//
// A suite runs what stands at its places 0, 1, … until it has no more of them, and asks for the number of places before
// each. So a test that has just ended can move one place on, if there is one more. What takes its old place, and the
// count up by one, is a stand-in: a test of the suite that is switched off, matches no filter, and so has no part in
// any result, count of tests that ran, or report. GoogleTest also reads the old place to learn whether a fail-fast run
// is over; a test that is to run again does not end it yet.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "internals.hpp"

namespace cleave::detail {
namespace {

class SecondRuns {
 public:
  // While the suite runs, in the OnTestEnd of the test.
  void add(testing::TestSuite& suite, testing::TestInfo& test) {
    const auto never = []() -> testing::Test* { return nullptr; };
    stand_ins_.push_back(testing::RegisterTest(suite.name(), test.name(), test.type_param(), test.value_param(),
                                               test.file(), test.line(), never));
    std::vector<int>& order = order_of(suite);
    const int stand_in = order.back();
    order.pop_back();
    const std::vector<testing::TestInfo*>& tests = tests_of(suite);
    const auto place =
        std::find_if(order.begin(), order.end(), [&](int i) { return tests[static_cast<std::size_t>(i)] == &test; });
    order.insert(place, stand_in);
  }

  // When the suite has run: it holds what it held before.
  void end(testing::TestSuite& suite) {
    std::vector<int>& order = order_of(suite);
    std::vector<testing::TestInfo*>& tests = tests_of(suite);
    for (testing::TestInfo* const stand_in : stand_ins_) {
      const auto place = std::find(tests.begin(), tests.end(), stand_in);
      const int index = static_cast<int>(place - tests.begin());
      tests.erase(place);
      order.erase(std::find(order.begin(), order.end(), index));
      for (int& other : order) other -= other > index ? 1 : 0;
      delete stand_in;
    }
    stand_ins_.clear();
  }

 private:
  std::vector<testing::TestInfo*> stand_ins_;  // Of the suite that runs; it owns them, also when the process exits now.
};

}  // namespace
}  // namespace cleave::detail
