#include "report/ci.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '|':
      case '\'':
      case '[':
      case ']': out.append({'|', c}); break;
      case '\n': out += "|n"; break;
      case '\r': out += "|r"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string teamcity_test(const RunReport& report, const plan::TestCase& test, const Attempt& attempt) {
  const std::string name = escaped(one_line(report.target + ": " + plan::full_name(test, report.list.framework)));
  const std::string flow = escaped(one_line(report.target + "/" + attempt.shard));
  std::string out;
  const auto message = [&](std::string_view kind, const std::string& attributes) {
    out.append("##teamcity[").append(kind).append(" name='").append(name).append("'").append(attributes);
    out.append(" flowId='").append(flow).append("']\n");
  };
  message("testStarted", "");
  if (attempt.output.total > 0) {
    message("testStdOut", " out='" + escaped(printable(without_colours(output_text(attempt.output)))) + "'");
  }
  if (attempt.outcome == plan::Outcome::skipped || attempt.outcome == plan::Outcome::disabled) {
    message("testIgnored", " message='" + escaped(one_line(attempt_headline(attempt))) + "'");
  } else if (!plan::is_green(attempt.outcome)) {
    message("testFailed", " message='" + escaped(one_line(attempt_headline(attempt))) + "' details='" +
                              escaped(printable(without_colours(attempt_text(attempt)))) + "'");
  }
  message("testFinished", " duration='" + std::to_string(attempt.duration / std::chrono::milliseconds(1)) + "'");
  return out;
}

}  // namespace cleave::report
