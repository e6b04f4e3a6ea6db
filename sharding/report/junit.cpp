#include "report/junit.hpp"

#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"");
  append_xml_attribute(out, value);
  out += '"';
}

void attribute(std::string& out, std::string_view name, std::size_t value) {
  out.append(" ").append(name).append("=\"").append(std::to_string(value)).append("\"");
}

void element(std::string& out, std::string_view indent, std::string_view name, std::string_view text) {
  out.append(indent).append("<").append(name).append(">");
  append_xml_text(out, text);
  out.append("</").append(name).append(">\n");
}

/// A crash, a time-out and a test that never ran are errors; what the framework judged is a failure.
bool is_error(Outcome outcome) { return !plan::is_green(outcome) && outcome != Outcome::failed; }

void add(Counts& counts, Outcome outcome) {
  ++counts.tests;
  if (is_error(outcome))
    ++counts.errors;
  else if (outcome == Outcome::failed)
    ++counts.failures;
  else if (outcome != Outcome::passed)
    ++counts.skipped;
}

void write_properties(std::string& out, std::string_view indent, const Properties& properties) {
  if (properties.empty()) return;
  out.append(indent).append("<properties>\n");
  for (const auto& [key, value] : properties) {
    out.append(indent).append("  <property");
    attribute(out, "name", key);
    attribute(out, "value", value);
    out += "/>\n";
  }
  out.append(indent).append("</properties>\n");
}

void write_verdict(std::string& out, Outcome outcome, const Attempt& attempt) {
  if (outcome == Outcome::passed) return;
  std::string_view name = "skipped";
  if (outcome == Outcome::failed)
    name = "failure";
  else if (is_error(outcome))
    name = "error";
  out.append("      <").append(name);
  attribute(out, "message", outcome == Outcome::disabled ? "disabled" : attempt_headline(attempt));
  attribute(out, "type", plan::name_of(outcome));
  const std::string text = attempt_text(attempt);
  if (text.empty())
    out += "/>\n";
  else
    out.append(">").append(xml_text(text)).append("</").append(name).append(">\n");
}

/// An earlier attempt of a test that ended `finally`.
void write_earlier(std::string& out, Outcome finally, const Attempt& attempt) {
  if (plan::is_green(attempt.outcome)) return;
  const std::string name =
      std::string(plan::is_green(finally) ? "flaky" : "rerun") + (is_error(attempt.outcome) ? "Error" : "Failure");
  out.append("      <").append(name);
  attribute(out, "message", attempt_headline(attempt));
  attribute(out, "type", plan::name_of(attempt.outcome));
  out += ">\n";
  element(out, "        ", "stackTrace", attempt_text(attempt));
  if (attempt.output.total > 0) element(out, "        ", "system-out", output_text(attempt.output));
  out.append("      </").append(name).append(">\n");
}

void write_test(std::string& out, const std::string& suite, const RowView& view, JunitDialect dialect) {
  const Attempt& last = final_attempt(*view.row);
  out += "    <testcase";
  attribute(out, "classname", suite);
  attribute(out, "name", view.test->name);
  attribute(out, "time", seconds_text(last.duration));
  if (dialect == JunitDialect::located && !view.test->file.empty()) {
    attribute(out, "file", view.test->file);
    if (view.test->line > 0) attribute(out, "line", static_cast<std::size_t>(view.test->line));
  }
  const std::size_t bare = out.size();
  out += ">\n";
  const std::size_t opened = out.size();
  if (dialect == JunitDialect::located) {
    Properties properties = unique_properties(last.properties);
    if (!last.files.empty()) properties.emplace_back("cleave.files", last.files);
    if (last.cached) properties.emplace_back("cleave.cached", "true");
    if (!view.row->cause.empty()) properties.emplace_back("cleave.cause", view.row->cause);
    if (!view.row->quarantine.empty()) properties.emplace_back("cleave.quarantine", view.row->quarantine);
    write_properties(out, "      ", properties);
  }
  write_verdict(out, view.outcome, last);
  if (view.row->attempts.size() > 1) {
    const std::vector<const Attempt*> shown = shown_attempts(*view.row);
    for (std::size_t i = 0; i + 1 < shown.size(); ++i) write_earlier(out, view.outcome, *shown[i]);
  }
  if (last.output.total > 0) element(out, "      ", "system-out", output_text(last.output));
  if (out.size() == opened) {
    out.resize(bare);
    out += "/>\n";
  } else {
    out += "    </testcase>\n";
  }
}

void open_suite(std::string& out, const RunReport& report, std::string_view name, const Counts& counts,
                Nanoseconds time, UnixTime start) {
  out += "  <testsuite";
  attribute(out, "name", name);
  attribute(out, "tests", counts.tests);
  attribute(out, "failures", counts.failures);
  attribute(out, "errors", counts.errors);
  attribute(out, "skipped", counts.skipped);
  attribute(out, "time", seconds_text(time));
  attribute(out, "timestamp", iso8601(start));
  attribute(out, "hostname", report.host.empty() ? "localhost" : report.host);
  out += ">\n";
}

void write_suite(std::string& out, const RunReport& report, const SuiteView& suite, JunitDialect dialect) {
  Counts counts;
  Nanoseconds time{};
  UnixTime start = report.start + report.wall;
  Properties properties = suite.properties;
  for (const RowView& view : suite.rows) {
    add(counts, view.outcome);
    const Attempt& last = final_attempt(*view.row);
    time += last.duration;
    if (last.start > UnixTime{} && last.start < start) start = last.start;
    if (dialect == JunitDialect::located) continue;
    for (const auto& [key, value] : unique_properties(last.properties)) {
      properties.emplace_back(view.test->name + "." + key, value);
    }
  }
  open_suite(out, report, suite.name, counts, time, start);
  write_properties(out, "    ", properties);
  for (const RowView& view : suite.rows) write_test(out, suite.name, view, dialect);
  out += "  </testsuite>\n";
}

std::string remarks(const RunReport& report) {
  std::string text;
  for (const Problem& problem : report.problems) {
    if (problem.warning && !problem.run_broken)
      text += "warning: " + problem.title + '\n' + problem_text(problem) + '\n';
  }
  for (const std::string& note : report.notes) text += "note: " + note + '\n';
  return text;
}

/// The suite of what belongs to no test; left out when there is nothing to say.
void write_run_suite(std::string& out, const RunReport& report, const std::vector<Problem>& problems) {
  const std::string text = remarks(report);
  if (problems.empty() && text.empty() && report.run_properties.empty()) return;
  const std::string name = report.target + " (run)";
  Counts counts;
  counts.tests = counts.errors = problems.size();
  open_suite(out, report, name, counts, Nanoseconds{}, report.start);
  write_properties(out, "    ", unique_properties(report.run_properties));
  for (const Problem& problem : problems) {
    out += "    <testcase";
    attribute(out, "classname", name);
    attribute(out, "name", problem.title);
    attribute(out, "time", seconds_text(Nanoseconds{}));
    out += ">\n      <error";
    attribute(out, "message", problem.title);
    attribute(out, "type", problem.run_broken ? "run broken" : "problem");
    out.append(">").append(xml_text(problem_text(problem))).append("</error>\n");
    if (problem.output.total > 0) element(out, "      ", "system-out", output_text(problem.output));
    out += "    </testcase>\n";
  }
  if (!text.empty()) element(out, "    ", "system-out", text);
  out += "  </testsuite>\n";
}

void write_whole(const RunReport& report, JunitDialect dialect, const Pieces& pieces) {
  const std::vector<Problem> problems = red_problems(report);
  Counts all;
  const std::vector<SuiteView> suites = reported_suites(report);
  for (const SuiteView& suite : suites) {
    for (const RowView& view : suite.rows) add(all, view.outcome);
  }
  all.tests += problems.size();
  all.errors += problems.size();

  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites";
  attribute(out, "name", report.target);
  attribute(out, "tests", all.tests);
  attribute(out, "failures", all.failures);
  attribute(out, "errors", all.errors);
  attribute(out, "time", seconds_text(report.wall));
  out += ">\n";
  for (const SuiteView& suite : suites) {
    write_suite(out, report, suite, dialect);
    if (out.size() < kPiece) continue;
    pieces(out);
    out.clear();
  }
  write_run_suite(out, report, problems);
  out += "</testsuites>\n";
  pieces(out);
}

}  // namespace

std::string junit_xml(const RunReport& report, JunitDialect dialect) {
  std::string whole;
  write_whole(report, dialect, [&](std::string_view piece) { whole += piece; });
  return whole;
}

void junit_xml(const RunReport& report, const Pieces& pieces) { write_whole(report, JunitDialect::located, pieces); }

}  // namespace cleave::report
