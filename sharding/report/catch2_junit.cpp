#include "report/catch2_output.hpp"

#include <optional>

#include "report/catch2_names.hpp"
#include "report/text.hpp"
#include "report/xml_scan.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;

/// One testcase element of a part.
struct PartRow {
  std::size_t part = 0;
  std::string_view whole;
  std::vector<std::size_t> owners;
  bool failure = false;
  bool error = false;
  bool kept = true;
};

struct SuiteCounts {
  unsigned long long errors = 0;
  unsigned long long failures = 0;
  unsigned long long skipped = 0;
  unsigned long long tests = 0;
  bool counts_skipped = false;  ///< Catch2 v3 has the attribute, v2 has not.
};

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"").append(xml_attribute(value)).append("\"");
}

void text_element(std::string& out, std::string_view indent, std::string_view name, std::string_view text) {
  out.append(indent).append("<").append(name);
  if (text.empty()) {
    out += "/>\n";
    return;
  }
  out.append(">\n").append(text).append("\n").append(indent).append("</").append(name).append(">\n");
}

std::vector<PartRow> rows_of(std::string_view suite, std::size_t part, const Catch2Names& names) {
  std::vector<PartRow> rows;
  for (const XmlElement& element : find_elements(suite, "testcase")) {
    PartRow row;
    row.part = part;
    row.whole = element.whole;
    row.owners = names.owners(attribute_of(element.start, "classname"), attribute_of(element.start, "name"));
    // Of a test tagged !mayfail Catch2 writes "skipped" beside the failure, and does not count it.
    const bool may_fail = !find_elements(element.inner, "skipped").empty();
    row.failure = !may_fail && !find_elements(element.inner, "failure").empty();
    row.error = !may_fail && !find_elements(element.inner, "error").empty();
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Drops what earlier parts say of a test that was tried again.
void keep_last_tries(std::vector<PartRow>& rows, const std::vector<RowView>& tests, SuiteCounts& counts) {
  std::vector<std::size_t> last_part(tests.size(), 0);
  for (const PartRow& row : rows) {
    for (const std::size_t owner : row.owners) last_part[owner] = row.part;
  }
  for (PartRow& row : rows) {
    if (row.owners.size() != 1) continue;
    const std::size_t owner = row.owners.front();
    if (tests[owner].row->attempts.size() < 2 || last_part[owner] == row.part) continue;
    row.kept = false;
    if (row.failure && counts.failures > 0) --counts.failures;
    if (row.error && counts.errors > 0) --counts.errors;
    if (counts.tests > 0) --counts.tests;
  }
}

void write_verdict(std::string& out, Outcome outcome, const Attempt& attempt) {
  if (outcome == Outcome::passed) return;
  std::string_view name = "error";
  if (outcome == Outcome::failed) name = "failure";
  if (outcome == Outcome::skipped || outcome == Outcome::disabled) name = "skipped";
  out.append("      <").append(name);
  attribute(out, "message", attempt_headline(attempt));
  attribute(out, "type", plan::name_of(outcome));
  out.append(">\n").append(xml_text(attempt_text(attempt))).append("\n      </").append(name).append(">\n");
}

void count(SuiteCounts& counts, Outcome outcome) {
  ++counts.tests;
  if (outcome == Outcome::failed)
    ++counts.failures;
  else if (!plan::is_green(outcome))
    ++counts.errors;
  else if (outcome != Outcome::passed)
    ++counts.skipped;
}

void write_own_row(std::string& out, const std::string& run, const RowView& view) {
  const Attempt& attempt = final_attempt(*view.row);
  out += "    <testcase";
  attribute(out, "classname", run + "." + (view.test->suite.empty() ? "global" : view.test->suite));
  attribute(out, "name", catch2_spelling(view.test->name));
  attribute(out, "time", seconds_text(attempt.duration));
  attribute(out, "status", "run");
  out += ">\n";
  write_verdict(out, view.outcome, attempt);
  if (attempt.output.total > 0) text_element(out, "      ", "system-out", xml_text(output_text(attempt.output)));
  out += "    </testcase>\n";
}

void write_problem(std::string& out, const std::string& run, const Problem& problem) {
  out += "    <testcase";
  attribute(out, "classname", run + ".(run)");
  attribute(out, "name", problem.title);
  attribute(out, "time", "0.000");
  attribute(out, "status", "run");
  out += ">\n      <error";
  attribute(out, "message", problem.title);
  attribute(out, "type", problem.run_broken ? "run broken" : "problem");
  out.append(">\n").append(xml_text(problem_text(problem))).append("\n      </error>\n    </testcase>\n");
}

/// What the suites of the parts say beside their rows, put together.
struct SuiteFrame {
  std::string name;
  std::string properties;
  std::string out;
  std::string err;
  SuiteCounts counts;
};

std::string_view trimmed_newlines(std::string_view text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

void append_stream(std::string& all, std::string_view behind_rows, std::string_view name) {
  for (const XmlElement& element : find_elements(behind_rows, name)) {
    const std::string_view text = trimmed_newlines(element.inner);
    if (text.empty()) continue;
    if (!all.empty()) all += '\n';
    all += text;
  }
}

/// The suite of a part that its reporter wrote to the end; nothing for all else.
std::optional<XmlElement> whole_suite(std::string_view part) {
  const std::vector<XmlElement> roots = find_elements(part, "testsuites");
  if (roots.empty()) return std::nullopt;
  const std::vector<XmlElement> suites = find_elements(roots.front().inner, "testsuite");
  if (suites.empty()) return std::nullopt;
  return suites.front();
}

void add_frame(SuiteFrame& frame, const XmlElement& suite, const std::vector<PartRow>& rows) {
  if (frame.name.empty()) frame.name = attribute_of(suite.start, "name");
  frame.counts.errors += count_of(suite.start, "errors");
  frame.counts.failures += count_of(suite.start, "failures");
  frame.counts.tests += count_of(suite.start, "tests");
  frame.counts.skipped += count_of(suite.start, "skipped");
  if (!attribute_of(suite.start, "skipped").empty()) frame.counts.counts_skipped = true;
  std::string_view before = suite.inner;
  std::string_view behind = suite.inner;
  if (!rows.empty()) {
    before = before.substr(0, static_cast<std::size_t>(rows.front().whole.data() - suite.inner.data()));
    const char* const end = rows.back().whole.data() + rows.back().whole.size();
    behind.remove_prefix(static_cast<std::size_t>(end - suite.inner.data()));
  }
  const std::vector<XmlElement> properties = find_elements(before, "properties");
  if (frame.properties.empty() && !properties.empty()) frame.properties = properties.front().whole;
  append_stream(frame.out, behind, "system-out");
  append_stream(frame.err, behind, "system-err");
}

}  // namespace

std::string catch2_junit(const RunReport& report, const std::vector<std::string>& parts) {
  const std::vector<RowView> tests = reported_rows(report);
  const Catch2Names names(tests);
  SuiteFrame frame;
  std::vector<PartRow> rows;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<XmlElement> suite = whole_suite(parts[i]);
    if (!suite) continue;
    const std::vector<PartRow> more = rows_of(suite->inner, i, names);
    add_frame(frame, *suite, more);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  if (frame.name.empty()) frame.name = catch2_run_name(report);
  keep_last_tries(rows, tests, frame.counts);

  std::string body;
  std::vector<char> shown(tests.size(), 0);
  for (const PartRow& row : rows) {
    if (!row.kept) continue;
    body.append("    ").append(row.whole).append("\n");
    // Several tests of one name cannot be told apart: the row may stand for a green one, but not hide a red one.
    for (const std::size_t owner : row.owners) {
      const bool red = !plan::is_green(tests[owner].outcome);
      if (!red || (row.owners.size() == 1 && (row.failure || row.error))) shown[owner] = 1;
    }
  }
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (shown[i] != 0 || tests[i].outcome == Outcome::disabled) continue;
    count(frame.counts, tests[i].outcome);
    write_own_row(body, frame.name, tests[i]);
  }
  for (const Problem& problem : red_problems(report)) {
    ++frame.counts.tests;
    ++frame.counts.errors;
    write_problem(body, frame.name, problem);
  }

  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite";
  attribute(out, "name", frame.name);
  attribute(out, "errors", std::to_string(frame.counts.errors));
  attribute(out, "failures", std::to_string(frame.counts.failures));
  if (frame.counts.counts_skipped) attribute(out, "skipped", std::to_string(frame.counts.skipped));
  attribute(out, "tests", std::to_string(frame.counts.tests));
  attribute(out, "hostname", report.host.empty() ? "tbd" : report.host);
  attribute(out, "time", seconds_text(report.wall));
  attribute(out, "timestamp", iso8601(report.start).substr(0, 19) + "Z");
  out += ">\n";
  if (!frame.properties.empty()) out.append("    ").append(frame.properties).append("\n");
  out += body;
  text_element(out, "    ", "system-out", frame.out);
  text_element(out, "    ", "system-err", frame.err);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace cleave::report
