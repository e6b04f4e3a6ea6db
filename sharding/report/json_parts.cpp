#include "report/json_parts.hpp"

namespace cleave::report {

std::string_view outcome_word(plan::Outcome outcome) {
  switch (outcome) {
    case plan::Outcome::timed_out: return "timed_out";
    case plan::Outcome::not_run: return "not_run";
    default: return plan::name_of(outcome);
  }
}

void write_totals(JsonWriter& json, const Totals& totals) {
  json.begin_object();
  json.member("selected", std::int64_t{totals.selected});
  json.member("passed", std::int64_t{totals.passed});
  json.member("failed", std::int64_t{totals.failed});
  json.member("skipped", std::int64_t{totals.skipped});
  json.member("disabled", std::int64_t{totals.disabled});
  json.member("crashed", std::int64_t{totals.crashed});
  json.member("timed_out", std::int64_t{totals.timed_out});
  json.member("not_run", std::int64_t{totals.not_run});
  json.member("flaky", std::int64_t{totals.flaky});
  json.member("cached", std::int64_t{totals.cached});
  json.member("quarantined", std::int64_t{totals.quarantined});
  json.member("problems", std::int64_t{totals.problems});
  json.end_object();
}

}  // namespace cleave::report
