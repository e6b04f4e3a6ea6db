// What a test wanted undone at its end. Part of adapter.cpp.

#pragma once

#include <gtest/gtest.h>

#include <cleave/detail/adapter_api.hpp>

namespace cleave::detail {
namespace {

/// In OnTestEnd, before the verdict is looked at: what fails now still fails the test.
void clean_up(const testing::TestInfo& test) {
  while (const char* const failure = next_cleanup_failure()) {
    ADD_FAILURE_AT(test.file() == nullptr ? "" : test.file(), test.line()) << failure;
  }
}

/// Sees the ends of tests in a program that runs without Cleave.
class PlainObserver final : public testing::EmptyTestEventListener {
 public:
  // The last listener is the first to hear of an end, so that the printer behind it sees what clean_up() found.
  void OnTestEnd(const testing::TestInfo& test) override { clean_up(test); }
};

/// Appended when it is first needed: a program that does not need it has no listener that it would not have had. A list
/// that is being walked is walked by index, so that this is safe from a listener as well.
bool observe() {
  testing::UnitTest& unit_test = *testing::UnitTest::GetInstance();
  if (unit_test.current_test_info() == nullptr) return false;
  static testing::TestEventListener* observer = nullptr;
  if (observer == nullptr) {
    observer = new PlainObserver();
    unit_test.listeners().Append(observer);  // Owns it from here on.
  }
  return true;
}

}  // namespace
}  // namespace cleave::detail
