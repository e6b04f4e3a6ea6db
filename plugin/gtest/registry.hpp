// The tests of this program by index, and what a worker of one batch takes out of them. Part of adapter.cpp.
//
// Of every test that is registered, RUN_ALL_TESTS asks the filter and clears the result, and the end of the program
// destroys it. In a fork each such write copies a page, which costs more than a small test. So a worker that is to run
// one batch, and knows which before main, leaves only those tests in their suites.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "internals.hpp"
#include "suite_list.hpp"

namespace cleave::detail {
namespace {

class Registry {
 public:
  // Before main. From then on GoogleTest knows, of the tests that are registered by now, these only. Main may add
  // others.
  void keep_only(const std::uint32_t* indices, std::size_t count) {
    kept_.assign(indices, indices + count);
    std::sort(kept_.begin(), kept_.end());
    auto next = kept_.begin();
    std::size_t begin = 0;
    std::vector<testing::TestSuite*> used;
    for (testing::TestSuite* const suite : left_out().suites = all_suites()) {
      std::vector<testing::TestInfo*>& tests = tests_of(*suite);
      const std::size_t end = begin + tests.size();
      if (next != kept_.end() && *next < end) {
        used.push_back(suite);
        const std::size_t suite_begin = tests_.size();
        for (; next != kept_.end() && *next < end; ++next) {
          tests_.push_back(Registered{tests[*next - begin], suite, suite_begin, false});
        }
        leave_out(*suite, tests_in_suite_of(tests_[suite_begin]));
      }
      begin = end;
    }
    if (keep_suites(left_out().suites, used)) return;
    for (testing::TestSuite* const suite : left_out().suites) {
      if (std::find(used.begin(), used.end(), suite) == used.end()) leave_out(*suite, {});
    }
  }

  // In OnTestProgramStart, before anything is shuffled or sorted. From then on every test is switched off.
  void read(const testing::UnitTest& unit_test) {
    std::vector<Registered> here = registered_tests(unit_test);
    for (Registered& each : tests_) each.selected = each.test->should_run();
    for (const Registered& each : here) {
      switch_of(*each.test) = false;
      switch_of(*each.suite) = false;
    }
    if (kept_.empty()) tests_.swap(here);
  }

  // Null for a test that is not registered here, or was left out.
  const Registered* find(std::size_t index) const {
    if (kept_.empty()) return index < tests_.size() ? &tests_[index] : nullptr;
    const auto place = std::lower_bound(kept_.begin(), kept_.end(), index);
    if (place == kept_.end() || *place != index) return nullptr;
    return &tests_[static_cast<std::size_t>(place - kept_.begin())];
  }
  const Registered& operator[](std::size_t index) const { return kept_.empty() ? tests_[index] : *find(index); }

  std::size_t size() const { return tests_.size(); }

  // Those of the suite of `first`, by index. It is found in tests_ from suite_begin on.
  std::vector<testing::TestInfo*> tests_in_suite_of(const Registered& first) const {
    std::vector<testing::TestInfo*> tests;
    for (std::size_t i = first.suite_begin; i != tests_.size() && tests_[i].suite == first.suite; ++i) {
      tests.push_back(tests_[i].test);
    }
    return tests;
  }

 private:
  // Never destroyed: of most of these nobody else knows any more.
  struct LeftOut {
    std::vector<testing::TestSuite*> suites;
    std::vector<std::vector<testing::TestInfo*>> tests;
  };
  static LeftOut& left_out() {
    static LeftOut& all = *new LeftOut;
    return all;
  }

  static void leave_out(testing::TestSuite& suite, std::vector<testing::TestInfo*> but) {
    order_of(suite).resize(but.size());
    std::iota(order_of(suite).begin(), order_of(suite).end(), 0);
    tests_of(suite).swap(but);
    left_out().tests.push_back(std::move(but));
  }

  std::vector<std::uint32_t> kept_;  // The index of each of tests_; empty when tests_ are all there are, by index.
  std::vector<Registered> tests_;
};

}  // namespace
}  // namespace cleave::detail
