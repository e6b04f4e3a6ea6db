// What the adapter needs of GoogleTest beyond its public interface, and where its releases differ. Part of adapter.cpp.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cleave/detail/adapter_api.hpp>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#ifdef GTEST_FLAG_GET
#define CLEAVE_GTEST_GET(flag) GTEST_FLAG_GET(flag)
#define CLEAVE_GTEST_SET(flag, value) GTEST_FLAG_SET(flag, value)
#else  // GoogleTest 1.11 and older.
#define CLEAVE_GTEST_GET(flag) (::testing::GTEST_FLAG(flag))
#define CLEAVE_GTEST_SET(flag, value) (void)(::testing::GTEST_FLAG(flag) = (value))
#endif

namespace cleave::detail {
namespace {

// The arguments of an explicit instantiation may name private members; this hands their addresses out.
template <class Tag, auto Member>
struct Reach {
  friend decltype(Member) member_of(Tag) { return Member; }
};

struct TestSwitch {
  friend bool testing::TestInfo::*member_of(TestSwitch);
};
struct SuiteSwitch {
  friend bool testing::TestSuite::*member_of(SuiteSwitch);
};
struct SuiteTests {
  friend std::vector<testing::TestInfo*> testing::TestSuite::*member_of(SuiteTests);
};
struct SuiteOrder {
  friend std::vector<int> testing::TestSuite::*member_of(SuiteOrder);
};
struct ResultReset {
  friend void (*member_of(ResultReset))(testing::TestInfo*);
};
struct Inside {
  friend testing::internal::UnitTestImpl* testing::UnitTest::*member_of(Inside);
};
struct SuiteInRunningOrder {
  friend testing::TestSuite* (testing::UnitTest::*member_of(SuiteInRunningOrder))(int);
};
template struct Reach<TestSwitch, &testing::TestInfo::should_run_>;
template struct Reach<SuiteSwitch, &testing::TestSuite::should_run_>;
template struct Reach<SuiteTests, &testing::TestSuite::test_info_list_>;
template struct Reach<SuiteOrder, &testing::TestSuite::test_indices_>;
template struct Reach<ResultReset, &testing::TestInfo::ClearTestResult>;
template struct Reach<Inside, &testing::UnitTest::impl_>;
template struct Reach<SuiteInRunningOrder, &testing::UnitTest::GetMutableTestSuite>;

bool& switch_of(testing::TestInfo& test) { return test.*member_of(TestSwitch{}); }
bool& switch_of(testing::TestSuite& suite) { return suite.*member_of(SuiteSwitch{}); }
std::vector<testing::TestInfo*>& tests_of(testing::TestSuite& suite) { return suite.*member_of(SuiteTests{}); }

// Of each place in running order, the place in tests_of().
std::vector<int>& order_of(testing::TestSuite& suite) { return suite.*member_of(SuiteOrder{}); }
void forget_result(testing::TestInfo& test) { member_of(ResultReset{})(&test); }

// The suite at position `i` after shuffling. The public GetTestSuite() forgets that suites were shuffled.
testing::TestSuite& suite_at(int i) {
  return *(testing::UnitTest::GetInstance()->*member_of(SuiteInRunningOrder{}))(i);
}

// GoogleTest has no version macro, so this goes by names that a release brought. A newer one reads as the newest known.
constexpr const char kVersion[] =
#if defined(GTEST_INTERNAL_HAS_PREMATURE_EXIT_FILE)
    "1.18";
#elif defined(GTEST_INTERNAL_HAS_COMPARE_LIB) && !defined(GTEST_INTERNAL_ATTRIBUTE_MAYBE_UNUSED)
    "1.17";
#elif defined(GTEST_INTERNAL_HAS_COMPARE_LIB)
    "1.16";
#elif defined(GTEST_INTERNAL_HAS_STD_SPAN)
    "1.15";
#elif defined(GTEST_HAS_NOTIFICATION_)
    "1.14";
#elif defined(GTEST_HAS_FILE_SYSTEM)
    "1.13";
#elif defined(GTEST_FLAG_GET)
    "1.12";
#elif defined(GOOGLETEST_INCLUDE_GTEST_GTEST_H_)
    "1.11";
#else
    "1.10";
#endif

// Since 1.14 a suite sorts its tests by file and line when it starts to run, that is, after we listed them.
#ifdef GTEST_HAS_NOTIFICATION_
constexpr bool kSuiteSortsItsTests = true;
#else
constexpr bool kSuiteSortsItsTests = false;
#endif

constexpr Text kNothing{"", 0};

Text text_of(const char* text) { return text == nullptr ? kNothing : Text{text, std::strlen(text)}; }
Text text_of(const std::string& text) { return Text{text.data(), text.size()}; }

// What a test said, without the line end that GoogleTest adds since 1.13.
Text said(const testing::TestPartResult& part) {
  Text text = text_of(part.message());
  while (text.size != 0 && text.data[text.size - 1] == '\n') --text.size;
  return text;
}

// The seed as GoogleTest will have it: it folds every seed into 1 … 99999, and 0 would mean "by the clock".
int folded_seed() { return seed() == 0 ? 0 : static_cast<int>((seed() - 1U) % 99999U + 1U); }

bool fails_fast() {
#ifdef GOOGLETEST_INCLUDE_GTEST_GTEST_H_  // The flag came with 1.11, which also renamed its include guards.
  return CLEAVE_GTEST_GET(fail_fast);
#else
  return false;
#endif
}

bool recreates_environments() {
#ifdef GTEST_FLAG_GET
  return CLEAVE_GTEST_GET(recreate_environments_when_repeating);
#else
  return true;  // Older releases know nothing else.
#endif
}

struct Registered {
  testing::TestInfo* test;
  testing::TestSuite* suite;
  std::size_t suite_begin;  // The place of the first test of the suite among those found.
  bool selected;            // GoogleTest would run it with the arguments given.
};

// All tests in registration order. Call it in OnTestProgramStart, before anything is shuffled or sorted. The objects
// belong to GoogleTest, which hands them out as const but did not make them so.
std::vector<Registered> registered_tests(const testing::UnitTest& unit_test) {
  std::vector<Registered> all;
  for (int i = 0; i < unit_test.total_test_suite_count(); ++i) {
    auto* suite = const_cast<testing::TestSuite*>(unit_test.GetTestSuite(i));
    const std::size_t begin = all.size();
    for (int j = 0; j < suite->total_test_count(); ++j) {
      auto* test = const_cast<testing::TestInfo*>(suite->GetTestInfo(j));
      all.push_back(Registered{test, suite, begin, test->should_run()});
    }
  }
  return all;
}

// Brings a suite's tests into the order in which this release of GoogleTest will walk over them.
void order_as_they_run(std::vector<testing::TestInfo*>& tests) {
  if (!kSuiteSortsItsTests) return;
  std::stable_sort(tests.begin(), tests.end(), [](const testing::TestInfo* a, const testing::TestInfo* b) {
    const int by_file = std::strcmp(a->file(), b->file());
    return by_file != 0 ? by_file < 0 : a->line() < b->line();
  });
}

}  // namespace
}  // namespace cleave::detail
