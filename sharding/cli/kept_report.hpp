#pragma once

#include <string>
#include <vector>

#include "plan/result.hpp"
#include "report/model.hpp"

namespace cleave::cli {

/// A run that a user named.
struct RunPlace {
  std::string given;      ///< As it was written.
  std::string directory;  ///< Of the run; empty for a report.json that stands alone.
  std::string report;     ///< Its report.json, which need not be there.
};

/// The run that the words mean: its directory, the folder cleave/<target> with its latest run, a report.json, or a
/// journal of a run. An Error of kind `usage` says what is there instead.
Result<RunPlace> find_run(const std::string& given);

/// What the run left, as a report: from report.json when it was written behind all journals, else from the journals.
/// A report is never greener than the one that was stored. Changes nothing. An Error of kind `usage` when the run
/// still goes on; of kind `broken` when it left nothing that tells.
Result<report::RunReport> report_of(const RunPlace& place);

/// True when `name`, a report of the run's own, is as new as all journals.
bool is_current(const RunPlace& place, const std::string& name);

/// All of those words, as rendered by one renderer.
enum class ReportFormat : unsigned char { text, junit, json, html, trace, tap, gtest_xml };
/// The format for `--format`, else the one that the end of the file's name says, else `otherwise`. An Error of kind
/// `usage` for a file whose end says nothing.
Result<ReportFormat> format_of(const std::string& word, const std::string& file);
std::string rendered(const report::RunReport& report, ReportFormat format);

}  // namespace cleave::cli
