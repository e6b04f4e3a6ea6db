#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "plan/history.hpp"

namespace cleave::plan {

/// @file
/// The lines of which a history's text is made (encode_history()), for those who handle it line by line.

/// Adds a line for the test.
void put_test(std::string& out, const TestKey& key, const TestHistory& test);

/// What stands before the tests: the first line, the start of a worker and the suites.
std::string head_of_history(const History& history);

/// The sum of a text that comes in pieces.
class HistorySum {
 public:
  void add(std::string_view bytes) noexcept;
  /// The last line, behind all that was added.
  std::string line() const;

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

/// A text whose first line and sum are what encode_history() writes.
class HistoryText {
 public:
  static std::optional<HistoryText> of(std::string_view text);

  /// Hands over the tests in the order of their keys when `others` has got all else that stands before them. Key and
  /// entry may be taken apart. False when the lines are not those that encode_history() writes: what was handed over is
  /// worth nothing then, and decode_history() knows what is wrong with them, if anything is.
  bool walk(History& others, const std::function<void(TestKey&, TestHistory&)>& take) const;

 private:
  explicit HistoryText(std::string_view entries) : entries_(entries) {}
  std::string_view entries_;  ///< The lines between the first and the last.
};

}  // namespace cleave::plan
