#pragma once

#include <string>

#include "report/model.hpp"

namespace cleave::report {

/// The document that the plain binary would have written for `--gtest_output=xml`, in GoogleTest 1.12's format: whoever
/// parses that file parses this one alike. A test that crashed, timed out or never ran is a failed testcase whose
/// failure says so; what is red beside the tests is one suite "NonTestSuiteFailure", as GoogleTest shows failures of
/// its environments. On purpose different: times of day are UTC, text needs no CDATA, bytes that XML cannot hold are
/// spelled out instead of dropped, and the root's counts include "NonTestSuiteFailure" (GoogleTest forgets it, so that
/// a reader of the root alone sees a green file of a red run).
std::string gtest_xml(const RunReport& report);

/// The same for `--gtest_output=json`. On purpose different: always valid JSON in UTF-8 (GoogleTest 1.12 forgets a
/// comma before "NonTestSuiteFailure" and spells each byte beyond ASCII as a character of its own).
std::string gtest_json(const RunReport& report);

}  // namespace cleave::report
