#pragma once

#include <cstdint>

#include "plan/history.hpp"

namespace cleave::plan {

/// What the tests of a list are expected to cost, from entries of a history that come one by one. Refers to the list.
class CostTable {
 public:
  explicit CostTable(const TestList& list);
  /// What is known of a test, by its place in the list.
  void set(std::uint32_t test, const TestHistory& known);
  /// As costs_of() says. @param others has the suites and the start of a worker.
  Costs finish(const History& others) &&;

 private:
  const TestList& list_;
  Costs costs_;
};

}  // namespace cleave::plan
