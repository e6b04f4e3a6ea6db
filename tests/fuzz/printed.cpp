#include "plan/outcome.hpp"
#include "report/ci.hpp"
#include "report/text.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// A test that has the bytes for its name, its file, its message, its reason, its output and everything else.
void printed(std::string_view bytes) {
  const std::string text(bytes);
  report::RunReport report;
  report.target = text;
  report.run_id = text;
  report.list.framework = bytes.size() % 2 == 0 ? "gtest" : "catch2";
  report.notes.push_back(text);
  report.run_properties.emplace_back(text, text);
  report.suite_properties.emplace_back(text, report::Properties{{text, text}});
  for (const plan::Outcome outcome : {plan::Outcome::failed, plan::Outcome::crashed}) {
    plan::TestCase test;
    test.suite = test.name = test.file = test.type_param = test.value_param = text;
    test.tags.push_back(text);
    test.selected = true;
    test.position = static_cast<std::uint32_t>(report.rows.size());
    report::TestRow row;
    row.index = test.position;
    row.outcome = outcome;
    report::Attempt attempt;
    attempt.outcome = outcome;
    attempt.shard = attempt.reason = attempt.stacks = attempt.files = text;
    attempt.messages.push_back({report::MessageKind::failure, text, 7, text});
    attempt.properties.emplace_back(text, text);
    attempt.output = {text, "", text.size()};
    row.attempts.push_back(std::move(attempt));
    report.list.tests.push_back(std::move(test));
    report.rows.push_back(std::move(row));
  }
  report::Problem problem;
  problem.title = problem.suite = problem.detail = problem.shard = text;
  problem.messages.push_back({report::MessageKind::note, text, 1, text});
  problem.output = {text, "", text.size()};
  report.problems.push_back(std::move(problem));
  check_reports(report);

  const std::string line = report::one_line(bytes);
  must(line.find_first_of("\r\n\t\x1b\x07") == std::string::npos, "one line is one line");
  const plan::TestCase& test = report.list.tests[0];
  const report::Attempt& attempt = report.rows[0].attempts[0];
  const std::string annotation = report::github_annotation(report, test, attempt, "/work", false);
  must(annotation.find('\n') == annotation.size() - 1, "an annotation is one command");
  const std::string told = report::teamcity_test(report, test, attempt);
  for (std::size_t at = 0; at < told.size(); at = told.find('\n', at) + 1)
    must(told.compare(at, 11, "##teamcity[") == 0, "every line for TeamCity is a message of ours");
  const std::string safe = report::without_ci_commands(bytes);
  must(report::without_ci_commands(safe) == safe, "what holds no command is not changed");
}

}  // namespace cleave::fuzz
