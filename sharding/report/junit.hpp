#pragma once

#include <string>

#include "report/model.hpp"
#include "report/pieces.hpp"

namespace cleave::report {

/// Which attributes a `<testcase>` may carry.
enum class JunitDialect : unsigned char {
  /// `file` and `line` on each testcase (GitLab, CircleCI and editors read them) and its own `<properties>`.
  located,
  /// Only what the strictest common schema (that of Jenkins' xunit plugin) knows: no `file` and `line`, and a test's
  /// properties stand on its suite as "test.key". Locations are still in the text of failures.
  strict,
};

/// The run as one JUnit XML document: one `<testsuite>` a suite, each reported test exactly one `<testcase>` (of
/// several repetitions the worst), earlier attempts as flaky… or rerun… elements. What is red beside the tests becomes
/// an
/// `<error>` row of a suite "<target> (run)", so that a file without failures and errors always means a green run.
/// Always valid XML 1.0 in UTF-8, whatever bytes names and outputs hold. The schema is tests/unit/schema/junit.xsd.
std::string junit_xml(const RunReport& report, JunitDialect dialect = JunitDialect::located);
/// The same in pieces.
void junit_xml(const RunReport& report, const Pieces& pieces);

}  // namespace cleave::report
