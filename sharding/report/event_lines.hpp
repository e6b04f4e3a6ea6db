#pragma once

#include <string>

#include "plan/planner.hpp"
#include "report/record.hpp"

namespace cleave::report {

/// @file
/// The lines of --cleave-events, which events.schema.json describes: one JSON object each, ended by its only newline,
/// always valid UTF-8. Every line names its event and the run, so that lines of several runs may share a file.

/// The version that each run_begin tells. Members are added without a new number.
inline constexpr int kEventLinesVersion = 1;

/// The run has a plan and begins. `frame` is the report so far, with the whole list.
std::string run_begin_line(const RunReport& frame);

/// A selected test will never begin: it is DISABLED_, or with `cached` it passed before and counts as passed.
std::string test_left_out_line(const RunReport& frame, const plan::TestCase& test, bool cached);

/// An attempt begins in a worker.
std::string test_begin_line(const RunReport& frame, const plan::Item& item, const TestBegin& begin);

/// An attempt has its outcome; of a test that is tried again there are several. `why` is cut after 1,000 bytes.
/// @param began a test_begin of the same attempt was told before.
std::string test_end_line(const RunReport& frame, const plan::TestCase& test, const Attempt& attempt, bool began);

/// Something beside the tests went wrong, or is worth a warning. `detail` is cut after 1,000 bytes.
std::string problem_line(const RunReport& frame, const Problem& problem);

/// The reports are written.
std::string run_end_line(const RunReport& report);

}  // namespace cleave::report
