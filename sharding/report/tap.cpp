#include "report/tap.hpp"

#include "report/console.hpp"
#include "report/json_writer.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// A description on one line, with what TAP reads specially escaped.
std::string described(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '#' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\\\x0a";
    else
      out += c == '\t' ? ' ' : c;
  }
  return out;
}

/// What follows a directive: to the end of the line, as it is.
std::string first_line(std::string_view text) {
  std::string out = printable(text.substr(0, text.find('\n')));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// In double quotes, which JSON and YAML write alike.
void yaml(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  JsonWriter json(0);
  json.string(value);
  out.append("  ").append(key).append(": ").append(std::move(json).take());
}

void plain(std::string& out, std::string_view key, std::string_view value) {
  out.append("  ").append(key).append(": ").append(value).append("\n");
}

std::string directive_of(const RowView& view, const Attempt& last) {
  switch (view.outcome) {
    case plan::Outcome::passed: return {};
    case plan::Outcome::disabled: return " # SKIP disabled";
    case plan::Outcome::skipped: {
      const std::string why = first_line(attempt_headline(last));
      return why.empty() ? " # SKIP" : " # SKIP " + why;
    }
    default: return view.row->quarantine.empty() ? "" : " # TODO in quarantine " + first_line(view.row->quarantine);
  }
}

void write_row(std::string& out, const RunReport& report, const RowView& view, std::size_t number) {
  const Attempt& last = final_attempt(*view.row);
  const std::size_t attempts = shown_attempts(*view.row).size();
  const bool green = plan::is_green(view.outcome);
  out += (green ? "ok " : "not ok ") + std::to_string(number) + " - " +
         described(plan::full_name(*view.test, report.list.framework)) + directive_of(view, last) + "\n";
  if (view.outcome == plan::Outcome::disabled) return;
  out += "  ---\n";
  plain(out, "duration_ms", std::to_string(last.duration / std::chrono::milliseconds(1)));
  if (!green) {
    plain(out, "severity", view.outcome == plan::Outcome::failed ? "fail" : "error");
    yaml(out, "outcome", plan::name_of(view.outcome));
    yaml(out, "message", attempt_headline(last));
    yaml(out, "details", attempt_text(last));
    yaml(out, "at", location_text(view.test->file, view.test->line));
    yaml(out, "reproduce", reproduce_line(report, *view.test));
  }
  yaml(out, "shard", last.shard);
  if (attempts > 1) plain(out, "attempts", std::to_string(attempts));
  if (view.row->flaky) plain(out, "flaky", "true");
  yaml(out, "cause", view.row->cause);
  if (!green && last.output.total > 0) yaml(out, "output", without_colours(output_text(last.output)));
  out += "  ...\n";
}

void write_problem(std::string& out, const Problem& problem, std::size_t number) {
  out += "not ok " + std::to_string(number) + " - " + described(problem.title) + "\n  ---\n";
  plain(out, "severity", "error");
  yaml(out, "message", problem.title);
  yaml(out, "details", problem_text(problem));
  yaml(out, "shard", problem.shard);
  if (problem.output.total > 0) yaml(out, "output", without_colours(output_text(problem.output)));
  out += "  ...\n";
}

}  // namespace

std::string tap(const RunReport& report) {
  const std::vector<RowView> rows = reported_rows(report);
  const std::vector<Problem> problems = red_problems(report);
  std::string out = "TAP version 14\n";
  if (rows.empty() && problems.empty()) return out + "1..0 # SKIP no test was selected\n";
  out += "1.." + std::to_string(rows.size() + problems.size()) + "\n";
  std::size_t number = 0;
  for (const RowView& view : rows) write_row(out, report, view, ++number);
  for (const Problem& problem : problems) write_problem(out, problem, ++number);
  for (const Problem& problem : report.problems) {
    if (problem.warning && !problem.run_broken) out += "# warning: " + first_line(problem.title) + "\n";
  }
  for (const std::string& note : report.notes) out += "# note: " + first_line(note) + "\n";
  return out;
}

}  // namespace cleave::report
