#include "report/model.hpp"

#include "report/rows.hpp"

namespace cleave::report {

Totals totals_of(const RunReport& report) {
  static const TestRow none;
  Totals totals;
  for (std::size_t i = 0; i < report.list.tests.size(); ++i) {
    const plan::TestCase& test = report.list.tests[i];
    const TestRow& row = i < report.rows.size() ? report.rows[i] : none;
    if (!is_reported(test, row)) continue;
    const plan::Outcome outcome = verdict_of(test, row);
    ++totals.selected;
    if (!row.quarantine.empty() && !plan::is_green(outcome)) ++totals.quarantined;
    switch (outcome) {
      case plan::Outcome::passed:
        ++totals.passed;
        if (row.flaky) ++totals.flaky;
        if (!row.attempts.empty() && row.attempts.back().cached) ++totals.cached;
        if (row.flaky && !row.quarantine.empty()) ++totals.flaky_borne;
        break;
      case plan::Outcome::failed: ++totals.failed; break;
      case plan::Outcome::skipped: ++totals.skipped; break;
      case plan::Outcome::disabled: ++totals.disabled; break;
      case plan::Outcome::crashed: ++totals.crashed; break;
      case plan::Outcome::timed_out: ++totals.timed_out; break;
      case plan::Outcome::not_run: ++totals.not_run; break;
    }
  }
  for (const Problem& problem : report.problems) {
    if (!problem.warning || problem.run_broken) ++totals.problems;
  }
  return totals;
}

int exit_code_of(const RunReport& report) {
  for (const Problem& problem : report.problems) {
    if (problem.run_broken) return 3;
  }
  const Totals totals = totals_of(report);
  const std::uint32_t failed = totals.failed + totals.crashed + totals.timed_out;
  const std::uint32_t red = failed + totals.not_run - totals.quarantined;
  const bool flaky = report.flaky_is_red && totals.flaky > totals.flaky_borne;
  // Nothing failed and nobody stopped the run, yet an outcome is missing: the run itself cannot be trusted.
  if (red > 0 && failed + totals.problems == 0 && report.interrupted_by.empty()) return 3;
  if (red > 0 || totals.problems > 0 || flaky || !report.interrupted_by.empty()) return 1;
  return totals.selected == 0 ? 4 : 0;
}

}  // namespace cleave::report
