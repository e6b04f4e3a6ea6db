#pragma once

#include <string>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// The version of the document that json_report() writes; the table of versions is in this room's README. A reader may
/// rely on it: members are added without a new number, a change of meaning or a removal gets one.
inline constexpr int kJsonReportVersion = 1;

/// The whole run as one JSON document that report.schema.json describes: every reported test exactly once, with every
/// attempt of every repetition. Always valid UTF-8; invalid bytes are replaced by U+FFFD.
std::string json_report(const RunReport& report);
/// The same in pieces: that of 100,000 tests is 50 MB, which nobody has to hold at once.
void json_report(const RunReport& report, const Pieces& pieces);

}  // namespace cleave::report
