#pragma once

#include <string>

#include "report/model.hpp"

namespace cleave::report {

/// The run as TAP version 14: one test point for each reported test and one for each thing that is red beside the
/// tests, so that a stream without a failed point means a green run. Skipped and disabled tests carry "# SKIP",
/// failures in quarantine "# TODO". Details stand in a YAML block: duration, place, message, shard, attempts and how to
/// reproduce it. A run without a test is "1..0 # SKIP". Valid UTF-8, whatever bytes names and messages hold.
std::string tap(const RunReport& report);

}  // namespace cleave::report
