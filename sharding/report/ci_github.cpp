#include <algorithm>
#include <cstdio>

#include "report/cells.hpp"
#include "report/ci.hpp"
#include "report/console.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// Annotations are for a first look; GitHub cuts them at 64 KiB.
constexpr std::size_t kLongestMessage = 4096;
constexpr std::size_t kLongestReason = 160;
constexpr std::size_t kRows = 20;

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    } else {
      out += c;
    }
  }
  return out;
}

std::string cut(std::string text) {
  if (text.size() <= kLongestMessage) return text;
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // Never inside a character.
  return text.substr(0, end) + " …";
}

/// For a cell of a table: no character of it means anything in Markdown or HTML.
std::string cell(std::string_view text) {
  std::string safe = xml_text(one_line(text));
  for (std::size_t at = safe.find('|'); at != std::string::npos; at = safe.find('|', at)) safe.replace(at, 1, "&#124;");
  return "<code>" + safe + "</code>";
}

std::string counts_of(const Totals& totals) {
  std::string text = std::to_string(totals.selected) + (totals.selected == 1 ? " test" : " tests");
  const auto part = [&](std::uint32_t count, std::string_view what) {
    if (count > 0) text += ", " + std::to_string(count) + " " + std::string(what);
  };
  part(totals.passed, "passed");
  part(totals.failed, "failed");
  part(totals.crashed, "crashed");
  part(totals.timed_out, "timed out");
  part(totals.not_run, "not run");
  part(totals.skipped, "skipped");
  part(totals.flaky, "flaky");
  part(totals.quarantined, "in quarantine");
  part(totals.problems, totals.problems == 1 ? "problem beside the tests" : "problems beside the tests");
  return text;
}

}  // namespace

std::string github_annotation(const RunReport& report, const plan::TestCase& test, const Attempt& attempt,
                              std::string_view checkout, bool borne) {
  std::string file = test.file;
  std::int32_t line = test.line;
  for (const Message& message : attempt.messages) {
    const bool failure = message.kind == MessageKind::failure || message.kind == MessageKind::fatal_failure;
    if (!failure || message.file.empty()) continue;
    file = message.file;
    line = message.line;
    break;
  }
  const std::string title =
      one_line(plan::full_name(test, report.list.framework)) + " " + std::string(plan::name_of(attempt.outcome));
  std::string text = printable(without_colours(attempt_text(attempt)));
  while (text.ends_with('\n')) text.pop_back();
  text = cut(std::move(text)) + "\nreproduce: " + reproduce_line(report, test);
  std::string out = borne ? "::warning " : "::error ";
  if (!file.empty()) out += "file=" + escaped(one_line(path_in_checkout(file, checkout)), true) + ",";
  if (!file.empty() && line > 0) out += "line=" + std::to_string(line) + ",";
  return out + "title=" + escaped(title, true) + "::" + escaped(text, false) + "\n";
}

std::string github_group(std::string_view title, std::string_view text) {
  std::string out = "::group::" + escaped(title, false) + "\n";
  out += text;
  return out + "::endgroup::\n";
}

std::string github_summary(const RunReport& report) {
  const bool green = exit_code_of(report) == 0;
  std::string out =
      "### " + std::string(green ? "✅ " : "❌ ") + cell(report.target) + ": " + (green ? "green" : "red") + "\n\n";
  out += counts_of(totals_of(report)) + " in " + duration_text(report.wall) + "\n";
  std::string rows;
  std::size_t count = 0;
  for (const RowView& view : reported_rows(report)) {
    const bool flaky = view.outcome == plan::Outcome::passed && view.row->flaky;
    if (plan::is_green(view.outcome) && !flaky) continue;
    if (++count > kRows) continue;
    const std::string why = flaky ? view.row->cause : attempt_headline(final_attempt(*view.row));
    rows += "| " + std::string(flaky ? "flaky" : plan::name_of(view.outcome)) + " | " +
            cell(plan::full_name(*view.test, report.list.framework)) + " | " +
            cell(location_text(view.test->file, view.test->line)) + " | " +
            cell(fitted(one_line(why), kLongestReason)) + " |\n";
  }
  for (const Problem& problem : red_problems(report)) {
    if (++count <= kRows) rows += "| problem | " + cell(problem.title) + " | | |\n";
  }
  if (!rows.empty()) out += "\n| | test | where | why |\n|---|---|---|---|\n" + rows;
  if (count > kRows) out += "\n… and " + std::to_string(count - kRows) + " more\n";
  return out + "\n";
}

}  // namespace cleave::report
