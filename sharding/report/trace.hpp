#pragma once

#include <string>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// The run as Chrome trace events, which ui.perfetto.dev and chrome://tracing open: one process, its threads are the
/// shards, every attempt is a slice (category: its outcome), and so is the start of a worker ("set-up"). What set-up
/// and tear-down of a suite took together is an instant where it was known, as is each problem; "running" counts the
/// tests that ran at once, at most 4,000 steps of it. Times are microseconds since the start of the run. Valid UTF-8.
std::string trace_json(const RunReport& report);
/// The same in pieces.
void trace_json(const RunReport& report, const Pieces& pieces);

}  // namespace cleave::report
