#pragma once

#include <string>
#include <string_view>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// @file
/// What the page knows of the run, as the two blocks of JSON that its scripts read. The page is written and read by one
/// version of Cleave: this is no format for others, they have report.json.

/// All of the run that lists, filters and the timeline need: JSON, by columns, so that 100,000 tests stay small. A
/// column of one value for all rows is that value. Times are microseconds, starts count from the start of the run.
std::string html_columns(const RunReport& report);
void html_columns(const RunReport& report, const Pieces& pieces);

/// What only the page of one test needs: a line of JSON for each row with `detail` set in its column, in their order.
std::string html_details(const RunReport& report);
void html_details(const RunReport& report, const Pieces& pieces);

/// `json` so that it can stand in a <script> element: nothing in it ends the element, or a line of JavaScript. Pieces
/// of the above may be made safe one by one, since none of them ends within a character.
std::string script_safe(std::string_view json);

}  // namespace cleave::report
