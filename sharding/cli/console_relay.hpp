#pragma once

#include <string>
#include <string_view>

namespace cleave::cli {

/// What one program prints while others print too. Pure. Whole lines come out, and a line with the indented ones behind
/// it comes out in one piece.
class ConsoleRelay {
 public:
  void add(std::string_view bytes) { held_ += bytes; }
  /// What is whole for sure: the block that was printed last may still go on, unless its last line tells how to
  /// reproduce a failure.
  std::string whole();
  /// All of it; a line without an end gets one.
  std::string rest();
  bool empty() const noexcept { return held_.empty(); }

 private:
  std::string held_;
};

}  // namespace cleave::cli
