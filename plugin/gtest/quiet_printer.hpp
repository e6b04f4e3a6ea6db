// Has GoogleTest print less in a worker. Part of adapter.cpp.

#pragma once

#include <gtest/gtest.h>

#include <cleave/detail/adapter_api.hpp>
#include <memory>

namespace cleave::detail {
namespace {

// From take() on GoogleTest's own printer prints failures only. What it prints at the start and the end of each test is
// part of no test's output, and is written to a file line by line.
class QuietPrinter {
 public:
  // Call it in an event that goes from the last listener to the first: there the printer, which is the first unless
  // main took it away, has not had its turn. Those behind it move up, so that who calls this has the event once more.
  void take() {
    if (output_is_shown()) return;
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    printer_.reset(listeners.Release(listeners.default_result_printer()));
  }
  bool taken() const { return printer_ != nullptr; }
  // For each result of a test, before anything else is done with it.
  void show(const testing::TestPartResult& part) {
    if (printer_) printer_->OnTestPartResult(part);
  }

 private:
  std::unique_ptr<testing::TestEventListener> printer_;
};

}  // namespace
}  // namespace cleave::detail
