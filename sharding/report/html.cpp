#include "report/html.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "report/html_data.hpp"
#include "report/html_page.hpp"
#include "report/rows.hpp"
#include "report/text.hpp"

namespace cleave::report {
namespace {

/// Enough to see what is wrong; a reader without scripts has the other reports for the rest.
constexpr std::size_t kMostWithoutScripts = 200;

/// "1,204".
std::string grouped(std::size_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

/// "1,204 tests".
std::string counted(std::size_t count, std::string_view what) {
  return grouped(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string colour_of(const RunReport& report) {
  switch (exit_code_of(report)) {
    case 0: return "green";
    case 4: return "empty";
    default: return "red";
  }
}

/// The verdict and what is red, for a reader that runs no scripts: Jenkins forbids them in what it archives.
std::string without_scripts(const RunReport& report) {
  std::string html = "<h1>" + xml_text(headline(report)) + "</h1>\n<p>" + xml_text(report.target) +
                     ". This page shows more where scripts may run.</p>\n<ul>\n";
  for (const Problem& problem : red_problems(report)) {
    html += "<li><b>" + xml_text(problem.title) + "</b><pre>" + xml_text(problem_text(problem)) + "</pre></li>\n";
  }
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const RowView& view : reported_rows(report)) {
    if (plan::is_green(view.outcome)) continue;
    if (shown == kMostWithoutScripts) {
      ++left_out;
      continue;
    }
    ++shown;
    html += "<li><b>" + xml_text(plan::full_name(*view.test, report.list.framework)) + "</b> " +
            std::string(plan::name_of(view.outcome)) + "<pre>" + xml_text(attempt_text(final_attempt(*view.row))) +
            "</pre></li>\n";
  }
  if (left_out > 0) html += "<li>and " + std::to_string(left_out) + " more</li>\n";
  return html + "</ul>\n";
}

/// What stands for a {{name}} of the page.
struct Filling {
  std::string_view name;
  std::function<void(const Pieces&)> write;
};

/// Hands on `text` with each {{name}} replaced; what is put in is not looked at again.
void fill(std::string_view text, const std::vector<Filling>& fillings, const Pieces& pieces) {
  for (;;) {
    const std::size_t mark = text.find("{{");
    pieces(text.substr(0, mark));
    if (mark == std::string_view::npos) return;
    const std::size_t end = text.find("}}", mark);
    const std::string_view name = text.substr(mark + 2, end - mark - 2);
    for (const Filling& filling : fillings) {
      if (filling.name == name) filling.write(pieces);
    }
    text.remove_prefix(end + 2);
  }
}

}  // namespace

std::string headline(const RunReport& report) {
  const Totals totals = totals_of(report);
  const int code = exit_code_of(report);
  const std::size_t red = totals.failed + totals.crashed + totals.timed_out;
  if (code == 4) return "No test was selected";
  if (code == 0) {
    if (totals.passed == totals.selected) return "All " + counted(totals.selected, "test") + " passed";
    std::string text = counted(totals.passed, "test") + " passed";
    if (totals.skipped + totals.disabled > 0) text += ", " + grouped(totals.skipped + totals.disabled) + " skipped";
    if (totals.quarantined > 0) text += ", " + grouped(totals.quarantined) + " in quarantine";
    return text;
  }
  std::string text = code == 3 ? "The run broke" : "";
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (red > 0) add(grouped(red) + " of " + counted(totals.selected, "test") + " failed");
  if (totals.not_run > 0)
    add(red > 0 ? grouped(totals.not_run) + " did not run" : counted(totals.not_run, "test") + " did not run");
  if (!text.empty()) return text;
  if (!report.interrupted_by.empty()) return "Interrupted by " + report.interrupted_by;
  if (totals.problems > 0) return "The tests passed, but the run has " + counted(totals.problems, "problem");
  return counted(totals.flaky, "flaky test") + (totals.flaky == 1 ? " makes" : " make") + " this run red";
}

std::string html_report(const RunReport& report) {
  std::string whole;
  html_report(report, [&](std::string_view piece) { whole += piece; });
  return whole;
}

void html_report(const RunReport& report, const Pieces& pieces) {
  const HtmlPage page = html_page();
  const auto text = [](std::string value) { return [value = std::move(value)](const Pieces& take) { take(value); }; };
  const auto safe = [](const Pieces& take) { return [&take](std::string_view piece) { take(script_safe(piece)); }; };
  fill(page.page,
       {{"title", text(xml_text(headline(report) + " · " + report.target))},
        {"verdict", text(colour_of(report))},
        {"style", text(std::string(page.style))},
        {"without_scripts", text(without_scripts(report))},
        {"columns", [&](const Pieces& take) { html_columns(report, safe(take)); }},
        {"details", [&](const Pieces& take) { html_details(report, safe(take)); }},
        {"script", text(std::string(page.script))}},
       pieces);
}

}  // namespace cleave::report
