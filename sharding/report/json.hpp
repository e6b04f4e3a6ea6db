#pragma once

#include <string>

#include "report/model.hpp"

namespace cleave::report {

/// The version of the document that json_report() writes; the table of versions is in this room's README. A reader may
/// rely on it: members are added without a new number, a change of meaning or a removal gets one.
inline constexpr int kJsonReportVersion = 1;

/// The whole run as one JSON document that report.schema.json describes: every reported test exactly once, with every
/// attempt of every repetition. Always valid UTF-8; invalid bytes are replaced by U+FFFD.
std::string json_report(const RunReport& report);

}  // namespace cleave::report
