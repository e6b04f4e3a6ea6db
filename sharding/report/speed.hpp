#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/model.hpp"

namespace cleave::report {

/// How much a summary tells.
enum class Detail : std::uint8_t { quiet, normal, verbose };

struct SlowTest {
  const plan::TestCase* test = nullptr;  ///< Into the report.
  Nanoseconds duration{};                ///< Of its longest attempt.
};

/// The tests that took longest, the longest first; of equal ones the first of the list.
std::vector<SlowTest> slowest_tests(const RunReport& report, std::size_t count);

/// The lines of a summary about time: the slowest tests, predicted and actual time against what no schedule beats, and
/// what would help most. At most three for `normal`, none for runs below a second, and none for `quiet`.
std::string speed_lines(const RunReport& report, Detail detail);

}  // namespace cleave::report
