#include "report/model.hpp"

#include "report/rows.hpp"

namespace cleave::report {

Totals totals_of(const RunReport& report) {
  Totals totals;
  for (const RowView& view : reported_rows(report)) {
    ++totals.selected;
    if (!view.row->quarantine.empty() && !plan::is_green(view.outcome)) ++totals.quarantined;
    switch (view.outcome) {
      case plan::Outcome::passed:
        ++totals.passed;
        if (view.row->flaky) ++totals.flaky;
        if (!view.row->attempts.empty() && view.row->attempts.back().cached) ++totals.cached;
        if (view.row->flaky && !view.row->quarantine.empty()) ++totals.flaky_borne;
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
