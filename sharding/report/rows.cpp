#include "report/rows.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>

#include "report/text.hpp"

namespace cleave::report {
namespace {

bool is_failure(const Message& message) {
  return message.kind == MessageKind::failure || message.kind == MessageKind::fatal_failure;
}

std::string first_line(std::string_view text) {
  const auto start = text.find_first_not_of("\r\n");
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

void append_line(std::string& text, std::string_view line) {
  if (line.empty()) return;
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += line;
}

void append_messages(std::string& text, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    append_line(text, location_text(message.file, message.line));
    append_line(text, message.text);
  }
}

/// See shown_attempts().
std::span<const Attempt> shown_span(const TestRow& row) {
  // Attempts come by repetition: [first, last) of each is one run of equal numbers.
  std::span<const Attempt> best;
  bool best_matches = false;
  for (std::size_t first = 0; first < row.attempts.size();) {
    std::size_t last = first + 1;
    while (last < row.attempts.size() && row.attempts[last].repetition == row.attempts[first].repetition) ++last;
    const bool matches = row.attempts[last - 1].outcome == row.outcome;
    const bool longer = last - first > best.size();
    if ((matches && !best_matches) || (matches == best_matches && longer && plan::is_green(row.outcome)) ||
        best.empty()) {
      best = std::span(row.attempts).subspan(first, last - first);
      best_matches = matches;
    }
    first = last;
  }
  return best;
}

}  // namespace

bool is_reported(const plan::TestCase& test, const TestRow& row) {
  return test.selected || test.disabled || !row.attempts.empty();
}

plan::Outcome verdict_of(const plan::TestCase& test, const TestRow& row) {
  if (!row.attempts.empty()) return row.outcome;
  return test.disabled ? plan::Outcome::disabled : plan::Outcome::not_run;
}

std::vector<RowView> reported_rows(const RunReport& report) {
  static const TestRow empty;
  std::vector<RowView> views;
  views.reserve(report.list.tests.size());
  for (std::size_t i = 0; i < report.list.tests.size(); ++i) {
    const plan::TestCase& test = report.list.tests[i];
    const TestRow& row = i < report.rows.size() ? report.rows[i] : empty;
    if (is_reported(test, row)) views.push_back({&test, &row, verdict_of(test, row)});
  }
  return views;
}

std::vector<const Attempt*> shown_attempts(const TestRow& row) {
  std::vector<const Attempt*> shown;
  for (const Attempt& attempt : shown_span(row)) shown.push_back(&attempt);
  return shown;
}

const Attempt& final_attempt(const TestRow& row) {
  static const Attempt none;
  const std::span<const Attempt> shown = shown_span(row);
  return shown.empty() ? none : shown.back();
}

std::vector<Problem> red_problems(const RunReport& report) {
  std::vector<Problem> red;
  for (const Problem& problem : report.problems) {
    if (!problem.warning || problem.run_broken) red.push_back(problem);
  }
  if (!report.interrupted_by.empty()) {
    Problem problem;
    problem.title = "interrupted by " + report.interrupted_by;
    problem.detail = "The run was stopped before its end.";
    problem.when = report.start + report.wall;
    red.push_back(std::move(problem));
  }
  if (const std::uint32_t flaky = report.flaky_is_red ? totals_of(report).flaky : 0; flaky > 0) {
    Problem problem;
    problem.title = std::to_string(flaky) + (flaky == 1 ? " flaky test makes" : " flaky tests make") + " the run red";
    problem.detail = "Flaky tests, which failed and then passed, are to make the run red (--cleave-flaky=fail).";
    problem.when = report.start + report.wall;
    red.push_back(std::move(problem));
  }
  return red;
}

const std::string& suite_label(const RunReport& report, const plan::TestCase& test) {
  return test.suite.empty() ? report.target : test.suite;
}

std::vector<SuiteView> reported_suites(const RunReport& report) {
  std::vector<SuiteView> suites;
  std::unordered_map<std::string, std::size_t> place;
  std::size_t at = 0;  // Most tests stand behind one of their suite.
  for (const RowView& view : reported_rows(report)) {
    const std::string& name = suite_label(report, *view.test);
    if (suites.empty() || suites[at].name != name) {
      const auto [found, added] = place.try_emplace(name, suites.size());
      if (added) suites.push_back({name, {}, {}});
      at = found->second;
    }
    suites[at].rows.push_back(view);
  }
  for (const auto& [name, properties] : report.suite_properties) {
    const auto found = place.find(name);
    if (found == place.end()) continue;
    Properties& all = suites[found->second].properties;
    all.insert(all.end(), properties.begin(), properties.end());
  }
  for (SuiteView& suite : suites) suite.properties = unique_properties(suite.properties);
  return suites;
}

std::string location_text(std::string_view file, std::int32_t line) {
  std::string text(file);
  if (!text.empty() && line > 0) text += ':' + std::to_string(line);
  return text;
}

std::string attempt_text(const Attempt& attempt) {
  std::string text;
  append_messages(text, attempt.messages);
  const bool needs_reason = !plan::is_green(attempt.outcome) && attempt.outcome != plan::Outcome::failed;
  if (needs_reason || !attempt.reason.empty()) {
    std::string reason(plan::name_of(attempt.outcome));
    if (!attempt.reason.empty()) reason += ": " + attempt.reason;
    append_line(text, reason);
  }
  if (!plan::is_green(attempt.outcome) && !attempt.shard.empty()) {
    append_line(text, "(" + attempt.shard + ", attempt " + std::to_string(attempt.attempt) + ")");
  }
  append_line(text, attempt.stacks);
  return text;
}

std::string attempt_headline(const Attempt& attempt) {
  if (attempt.outcome == plan::Outcome::skipped) {
    for (const Message& message : attempt.messages) {
      if (message.kind == MessageKind::skip) return first_line(message.text);
    }
    return attempt.reason;
  }
  if (attempt.outcome == plan::Outcome::failed) {
    for (const Message& message : attempt.messages) {
      if (is_failure(message) && !first_line(message.text).empty()) return first_line(message.text);
    }
  }
  return attempt.reason.empty() ? std::string(plan::name_of(attempt.outcome)) : attempt.reason;
}

std::string problem_text(const Problem& problem) {
  std::string text = problem.detail;
  append_messages(text, problem.messages);
  if (!problem.shard.empty()) append_line(text, "(" + problem.shard + ")");
  return text;
}

Properties unique_properties(const Properties& properties) {
  Properties unique;
  if (properties.empty()) return unique;
  std::unordered_map<std::string, std::size_t> place;
  for (const auto& [bytes, value] : properties) {
    const std::string key = utf8(bytes);
    const auto [found, added] = place.try_emplace(key, unique.size());
    if (added)
      unique.emplace_back(key, value);
    else
      unique[found->second].second = value;
  }
  return unique;
}

}  // namespace cleave::report
