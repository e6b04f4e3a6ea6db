#include "report/gtest_tree.hpp"

#include <algorithm>
#include <charconv>

#include "report/rows.hpp"

namespace cleave::report {
namespace {

std::string located(std::string_view file, std::int32_t line, std::string_view text) {
  std::string whole = file.empty() ? "unknown file" : location_text(file, line);
  return whole.append("\n").append(text);
}

void add_messages(std::vector<GtestPart>& parts, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    if (message.kind == MessageKind::note) continue;
    parts.push_back({message.kind != MessageKind::skip, located(message.file, message.line, message.text)});
  }
}

GtestCase case_of(const std::string& suite, const RowView& view) {
  const Attempt& attempt = final_attempt(*view.row);
  GtestCase row;
  row.listed = view.test;
  row.suite = suite;
  row.ran = view.outcome != plan::Outcome::disabled;
  row.start = attempt.start;
  row.duration = attempt.duration;
  row.properties = unique_properties(attempt.properties);
  add_messages(row.parts, attempt.messages);
  const bool red = !plan::is_green(view.outcome);
  if (red && (view.outcome != plan::Outcome::failed || !row.failed())) {
    std::string text(plan::name_of(view.outcome));
    if (!attempt.reason.empty()) text += ": " + attempt.reason;
    row.parts.push_back({true, located(view.test->file, view.test->line, text)});
  }
  if (!red) {
    // A green test may carry failures that it expected of itself; GoogleTest has no word for them.
    row.parts.erase(
        std::remove_if(row.parts.begin(), row.parts.end(), [](const GtestPart& part) { return part.failure; }),
        row.parts.end());
  }
  row.skipped = view.outcome == plan::Outcome::skipped;
  return row;
}

GtestSuite suite_of(const SuiteView& view) {
  GtestSuite suite;
  suite.name = view.name;
  suite.properties = view.properties;
  for (const RowView& row : view.rows) {
    suite.cases.push_back(case_of(view.name, row));
    const GtestCase& added = suite.cases.back();
    ++suite.tests;
    if (added.failed()) ++suite.failures;
    if (!added.ran) ++suite.disabled;
    if (added.skipped) ++suite.skipped;
    suite.duration += added.duration;
    if (added.start > UnixTime{} && (suite.start == UnixTime{} || added.start < suite.start)) suite.start = added.start;
  }
  return suite;
}

GtestSuite beside_tests(const RunReport& report, const std::vector<Problem>& problems) {
  GtestCase row;
  row.start = report.start;
  row.properties = unique_properties(report.run_properties);
  for (const Problem& problem : problems) {
    std::string text = problem.title;
    if (!problem.detail.empty()) text += '\n' + problem.detail;
    if (problem.messages.empty()) {
      row.parts.push_back({true, located({}, 0, text)});
      continue;
    }
    for (const Message& message : problem.messages) {
      row.parts.push_back({true, located(message.file, message.line, message.text + '\n' + text)});
    }
  }
  GtestSuite suite;
  suite.name = "NonTestSuiteFailure";
  suite.tests = suite.failures = 1;
  suite.start = report.start;
  suite.cases.push_back(std::move(row));
  return suite;
}

}  // namespace

bool GtestCase::failed() const {
  return std::any_of(parts.begin(), parts.end(), [](const GtestPart& part) { return part.failure; });
}

GtestTree gtest_tree(const RunReport& report) {
  GtestTree tree;
  tree.all.name = "AllTests";
  tree.all.start = report.start;
  tree.all.duration = report.wall;
  tree.all.properties = unique_properties(report.run_properties);
  for (const SuiteView& view : reported_suites(report)) tree.suites.push_back(suite_of(view));
  const std::vector<Problem> problems = red_problems(report);
  if (!problems.empty()) tree.suites.push_back(beside_tests(report, problems));
  for (const GtestSuite& suite : tree.suites) {
    tree.all.tests += suite.tests;
    tree.all.failures += suite.failures;
    tree.all.disabled += suite.disabled;
  }
  return tree;
}

std::string gtest_seconds(Nanoseconds duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  char digits[32];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof digits, static_cast<double>(ms) * 1e-3, std::chars_format::general, 6);
  static_cast<void>(error);  // Six significant digits always fit.
  return {digits, end};
}

std::string free_key(std::string key, std::set<std::string, std::less<>>& taken) {
  while (!taken.insert(key).second) key += '_';
  return key;
}

}  // namespace cleave::report
