#include "report/console.hpp"

#include <algorithm>
#include <map>

#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

using plan::Outcome;

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::size_t kListed = 50;  ///< More names than this do not help anybody on a terminal.

std::string painted(std::string_view text, std::string_view with, bool colour) {
  return colour ? std::string(with).append(text).append("\x1b[0m") : std::string(text);
}

std::string full_name(const RunReport& report, const plan::TestCase& test) {
  return one_line(plan::full_name(test, report.list.framework));
}

std::string upper(std::string_view word) {
  std::string text(word);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void indented(std::string& out, std::string_view indent, std::string_view text) {
  const std::string safe = printable(without_colours(text));
  std::string_view rest = safe;
  while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    out.append(end == 0 ? std::string_view{} : indent).append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
}

void write_messages(std::string& out, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    const std::string place = location_text(message.file, message.line);
    if (!place.empty()) out.append("  ").append(one_line(place)).append(":\n");
    indented(out, "    ", message.text);
  }
}

void write_output(std::string& out, const Output& output) {
  if (output.total == 0) return;
  out.append("  output (").append(std::to_string(output.total)).append(output.total == 1 ? " byte):\n" : " bytes):\n");
  indented(out, "    | ", output_text(output));
}

/// "1 test", "2 tests".
std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

void append_part(std::string& list, std::size_t count, std::string_view what) {
  if (count == 0) return;
  if (!list.empty()) list += ", ";
  list += std::to_string(count).append(" ").append(what);
}

std::string totals_line(const RunReport& report, const Totals& totals) {
  std::string parts;
  append_part(parts, totals.passed, "passed");
  if (totals.flaky > 0) parts += " (" + std::to_string(totals.flaky) + " flaky)";
  if (totals.cached > 0) parts += " (" + std::to_string(totals.cached) + " cached)";
  append_part(parts, totals.failed, "failed");
  append_part(parts, totals.crashed, "crashed");
  append_part(parts, totals.timed_out, "timed out");
  append_part(parts, totals.not_run, "not run");
  if (totals.quarantined > 0) parts += " (" + std::to_string(totals.quarantined) + " in quarantine)";
  append_part(parts, totals.skipped, "skipped");
  append_part(parts, totals.disabled, "disabled");
  std::string line = counted(totals.selected, "test");
  if (!parts.empty()) line += ": " + parts;
  return line + " in " + duration_text(report.wall) + " over " + counted(report.shard_count, "shard");
}

std::string verdict_line(const RunReport& report, const Totals& totals, bool colour) {
  const int exit_code = exit_code_of(report);
  if (exit_code == 0) {
    std::string but;
    if (totals.flaky > 0) but = counted(totals.flaky, "test") + (totals.flaky == 1 ? " was flaky" : " were flaky");
    if (totals.quarantined > 0) {
      but += (but.empty() ? "" : " and ") + counted(totals.quarantined, "red test") +
             (totals.quarantined == 1 ? " is in quarantine" : " are in quarantine");
    }
    return painted("green", kGreen, colour) + (but.empty() ? "" : ", though " + but);
  }
  if (exit_code == 4) return painted("nothing to run", kYellow, colour) + ": the arguments select no test";
  std::string parts;
  append_part(parts, totals.failed, "failed");
  append_part(parts, totals.crashed, "crashed");
  append_part(parts, totals.timed_out, "timed out");
  append_part(parts, totals.not_run, "not run");
  if (totals.quarantined > 0) parts += " (" + std::to_string(totals.quarantined) + " of them in quarantine)";
  if (report.flaky_is_red) append_part(parts, totals.flaky - totals.flaky_borne, "flaky");
  append_part(parts, totals.problems, totals.problems == 1 ? "problem beside the tests" : "problems beside the tests");
  std::string line = painted("red", kRed, colour) + ": ";
  if (!report.interrupted_by.empty())
    line += "interrupted by " + one_line(report.interrupted_by) + (parts.empty() ? "" : ", ");
  line += parts;
  if (exit_code == 3) line += " (the run itself broke: do not trust what is green)";
  return line;
}

/// The longest attempt history of a green test is of interest too: it names what flaked.
constexpr std::size_t kCrowd = 4;

/// Reasons for which so many tests did not run that one line for all of them says more than one for each.
std::map<std::string, std::size_t> common_reasons(const RunReport& report) {
  std::map<std::string, std::size_t> reasons;
  for (const RowView& view : reported_rows(report)) {
    if (view.outcome == Outcome::not_run) ++reasons[final_attempt(*view.row).reason];
  }
  std::erase_if(reasons, [](const auto& entry) { return entry.second < kCrowd; });
  return reasons;
}

void write_names(std::string& out, const RunReport& report, bool colour) {
  std::size_t listed = 0;
  std::size_t left_out = 0;
  const std::map<std::string, std::size_t> crowds = common_reasons(report);
  for (const RowView& view : reported_rows(report)) {
    const bool flaky = view.outcome == Outcome::passed && view.row->flaky;
    if (plan::is_green(view.outcome) && !flaky) continue;
    if (view.outcome == Outcome::not_run && crowds.count(final_attempt(*view.row).reason) != 0) continue;
    if (listed == kListed) {
      ++left_out;
      continue;
    }
    ++listed;
    std::string word(flaky ? "flaky" : plan::name_of(view.outcome));
    word.resize(std::max<std::size_t>(word.size(), 9), ' ');
    out.append("  ").append(painted(word, flaky ? kYellow : kRed, colour)).append("  ");
    out += full_name(report, *view.test);
    const std::string place = location_text(view.test->file, view.test->line);
    if (!place.empty()) out.append("  ").append(one_line(place));
    const std::string reason = flaky ? view.row->cause : final_attempt(*view.row).reason;
    if (!reason.empty()) out.append("  (").append(one_line(reason)).append(")");
    if (!flaky && !view.row->quarantine.empty())
      out.append("  (in quarantine ").append(one_line(view.row->quarantine)).append(")");
    out += '\n';
  }
  for (const auto& [reason, count] : crowds) {
    out.append("  ").append(painted("not run  ", kRed, colour)).append("  ");
    out.append(std::to_string(count)).append(" tests  (").append(one_line(reason)).append(")\n");
  }
  if (left_out > 0) out += "  … and " + std::to_string(left_out) + " more; report.json names them all\n";
}

}  // namespace

std::string failure_block(const RunReport& report, const plan::TestCase& test, const Attempt& attempt, bool colour) {
  std::string out =
      painted(upper(plan::name_of(attempt.outcome)), plan::is_green(attempt.outcome) ? kGreen : kRed, colour);
  out.append("  ").append(full_name(report, test)).append("  (").append(duration_text(attempt.duration));
  if (!attempt.shard.empty()) out.append(", ").append(one_line(attempt.shard));
  if (attempt.attempt > 1 || attempt.tried_again) out.append(", attempt ").append(std::to_string(attempt.attempt));
  if (attempt.rung != plan::Rung::first) out.append(" ").append(plan::name_of(attempt.rung));
  if (attempt.tried_again) out += ", will be tried again";
  if (report.list.shuffled && report.list.seed != 0) out.append(", seed ").append(std::to_string(report.list.seed));
  if (attempt.repetition > 0) out.append(", repetition ").append(std::to_string(attempt.repetition + 1));
  out += ")\n";
  if (attempt.messages.empty() && !test.file.empty()) {
    out.append("  ").append(one_line(location_text(test.file, test.line))).append("\n");
  }
  write_messages(out, attempt.messages);
  if (!attempt.reason.empty()) indented(out, "  ", attempt.reason);
  indented(out, "  ", attempt.stacks);
  write_output(out, attempt.output);
  if (!attempt.files.empty()) out.append("  files: ").append(one_line(attempt.files)).append("\n");
  return out.append("  reproduce: ").append(reproduce_line(report, test)).append("\n");
}

std::string ended_line(const RunReport& report, const plan::TestCase& test, const Attempt& attempt, bool colour) {
  std::string word(plan::name_of(attempt.outcome));
  word.resize(std::max<std::size_t>(word.size(), 9), ' ');
  std::string line = painted(word, plan::is_green(attempt.outcome) ? kGreen : kRed, colour);
  line.append("  ").append(full_name(report, test)).append("  (");
  if (!attempt.reason.empty()) return line.append(one_line(attempt.reason)).append(")\n");
  return line.append(duration_text(attempt.duration)).append(", ").append(one_line(attempt.shard)).append(")\n");
}

std::string problem_block(const Problem& problem, bool colour) {
  std::string out = problem.warning && !problem.run_broken ? painted("WARNING", kYellow, colour)
                    : problem.run_broken                   ? painted("BROKEN", kRed, colour)
                                                           : painted("PROBLEM", kRed, colour);
  out.append("  ").append(one_line(problem.title));
  if (!problem.shard.empty()) out.append("  (").append(one_line(problem.shard)).append(")");
  out += '\n';
  if (!problem.suite.empty()) out.append("  suite ").append(one_line(problem.suite)).append("\n");
  indented(out, "  ", problem.detail);
  write_messages(out, problem.messages);
  write_output(out, problem.output);
  return out;
}

std::string summary(const RunReport& report, bool colour, Detail detail) {
  const Totals totals = totals_of(report);
  std::string out = totals_line(report, totals) + '\n';
  write_names(out, report, colour);
  for (const Problem& problem : report.problems) {
    const bool warning = problem.warning && !problem.run_broken;
    out.append("  ")
        .append(painted(warning ? "warning  " : "problem  ", warning ? kYellow : kRed, colour))
        .append("  ");
    out.append(one_line(problem.title)).append("\n");
  }
  for (const std::string& note : report.notes) out.append("  note       ").append(one_line(note)).append("\n");
  out += speed_lines(report, detail);
  out += verdict_line(report, totals, colour) + '\n';
  return out;
}

}  // namespace cleave::report
