#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/model.hpp"

namespace cleave::report {

/// One listed test together with what happened to it, as every renderer wants to see it.
struct RowView {
  const plan::TestCase* test;
  const TestRow* row;
  plan::Outcome outcome;  ///< See verdict_of().
};

/// True for a row that belongs into reports: the arguments matched the test, or it was run all the same.
bool is_reported(const plan::TestCase& test, const TestRow& row);

/// The row's outcome, with one safeguard: a selected test without any attempt is `not_run` whatever the row says, so
/// that no renderer can turn a missing outcome into a green one.
plan::Outcome verdict_of(const plan::TestCase& test, const TestRow& row);

/// The reported rows in list order. A listed test that has no row is shown as not run. The pointers are into `report`,
/// or to one constant empty row.
std::vector<RowView> reported_rows(const RunReport& report);

/// The attempts of the one repetition that stands for the row: the first whose last attempt has the row's outcome, else
/// the one with the most attempts. Empty when the row has none.
std::vector<const Attempt*> shown_attempts(const TestRow& row);

/// The last attempt of shown_attempts(), or a constant empty one that was not run.
const Attempt& final_attempt(const TestRow& row);

/// What makes the run red beside its tests: the problems that are no warnings, the interruption if there was one, and
/// flaky tests where they are to make it red.
std::vector<Problem> red_problems(const RunReport& report);

/// What stands where tests of one suite are grouped: the suite, or the target for tests without one.
const std::string& suite_label(const RunReport& report, const plan::TestCase& test);

/// Reported rows of one suite, in list order.
struct SuiteView {
  std::string name;
  std::vector<RowView> rows;
  Properties properties;  ///< Recorded for the suite, merged over all shards; of one key the last value stays.
};

/// reported_rows() grouped by suite_label(), suites in the order of their first test.
std::vector<SuiteView> reported_suites(const RunReport& report);

/// "file:line", "file" without a line, "" without a file.
std::string location_text(std::string_view file, std::int32_t line);

/// What an attempt failed of, whole: each message under its location, then the reason with the outcome's name, then
/// where it ran, then its stacks. For `passed` it is empty unless there are messages.
std::string attempt_text(const Attempt& attempt);

/// A single line that says why an attempt is not green: the first line of the first failure, else the reason.
std::string attempt_headline(const Attempt& attempt);

/// The detail of a problem followed by its messages with their locations.
std::string problem_text(const Problem& problem);

/// `properties` with every key once and in valid UTF-8, in order of first appearance, with the last value.
Properties unique_properties(const Properties& properties);

}  // namespace cleave::report
