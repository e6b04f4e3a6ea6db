#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "report/rows.hpp"

namespace cleave::report {

/// A test's name as Catch2's XML reporters spell it: trimmed, control characters and bytes that are no UTF-8 as "\x1B".
std::string catch2_spelling(std::string_view name);

/// The file name of the binary: what Catch2 calls the run unless told otherwise.
std::string catch2_run_name(const RunReport& report);

/// Finds the test that a row of a reporter tells of.
class Catch2Names {
 public:
  explicit Catch2Names(const std::vector<RowView>& rows);

  /// Indices into the rows given to the constructor. `name` is "case" or "case/section…"; the longest test name that
  /// fits wins, and of tests of one name those whose class ends `class_name` ("run.Class"), else all of them.
  std::vector<std::size_t> owners(std::string_view class_name, std::string_view name) const;

 private:
  const std::vector<RowView>& rows_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
};

}  // namespace cleave::report
