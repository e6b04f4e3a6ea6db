#pragma once

#include <string>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// The run as one page for people: a single HTML file that loads nothing (a content security policy forbids it to),
/// with every reported test, attempt, message and output in it. Any bytes may stand in names and output: they are data
/// in JSON, shown as text. Where scripts are switched off it still tells the verdict and what failed. What the page
/// looks like stands in sharding/report/html.
std::string html_report(const RunReport& report);
/// The same, piece by piece.
void html_report(const RunReport& report, const Pieces& pieces);

/// One sentence that says how the run went: "3 of 1204 tests failed". It says that all passed only when exit_code_of()
/// is 0.
std::string headline(const RunReport& report);

}  // namespace cleave::report
