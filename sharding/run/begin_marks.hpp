#pragma once

#include <atomic>
#include <cstdint>

#include "os/fd.hpp"
#include "plan/result.hpp"

namespace cleave::run {

/// Where a worker marks which items it begins: in the file of the run's queue, which outlives every process. Without
/// addresses in one that runs no tests.
struct BeginMarks {
  std::atomic<std::uint32_t>* running = nullptr;  ///< The item that runs, plus 1; 0 between tests.
  std::atomic<std::uint8_t>* begun = nullptr;     ///< By item: 1 once it began.
  /// The same for a program that is executed: the file, where the two lie in it, and how many items it has.
  int fd = -1;
  std::uint64_t running_at = 0;
  std::uint64_t begun_at = 0;
  std::uint32_t items = 0;

  void begin(std::uint32_t item) const noexcept;
  void end() const noexcept;
};

/// Maps the file of `marks` for as long as this process lives, and finds the addresses in it. An error when the file
/// is not there or has no such places.
Result<void> map_marks(BeginMarks& marks);

}  // namespace cleave::run
