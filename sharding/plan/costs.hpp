#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cleave::plan {

/// What the tests of one list are expected to cost, by index into TestList::tests; made from the history. The first
/// three are empty or have one entry for each test. Without a history every duration is zero and nothing is known: then
/// the order of the list is the order of the run.
struct Costs {
  std::vector<std::chrono::nanoseconds> test;  ///< Of a test that was never seen: the median of the known ones.
  std::vector<bool> known;                     ///< The duration was measured, not guessed.
  std::vector<bool> failed_last;               ///< It was red when it last ran.
  std::map<std::string, std::chrono::nanoseconds> suite_set_up;  ///< SetUpTestSuite and TearDownTestSuite together.
  std::chrono::nanoseconds process_start{};                      ///< From the start of a worker to its first test.
};

}  // namespace cleave::plan
