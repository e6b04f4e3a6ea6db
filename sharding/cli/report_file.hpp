#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/result.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// A report.json as the report that it was written from, as far as it tells (report.schema.json). An Error of kind
/// `corrupt` says what is wrong with it.
Result<report::RunReport> read_report(std::string_view json);

/// One of several programs, with what people call it.
struct NamedReport {
  std::string name;
  const report::RunReport* report = nullptr;
};

/// All of them as one report: every test's suite begins with the name of its program, and so do the titles of problems.
/// @param frame id, host, start and the like of the whole.
report::RunReport merged(report::RunReport frame, const std::vector<NamedReport>& reports);

}  // namespace cleave::cli
