#include "cli/kept_report.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/report_file.hpp"
#include "os/file.hpp"
#include "report/console.hpp"
#include "report/gtest_output.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "report/merge.hpp"
#include "report/rows.hpp"
#include "report/tap.hpp"
#include "report/trace.hpp"
#include "run/kept_run.hpp"
#include "run/options.hpp"

namespace cleave::cli {
namespace {

Error usage(std::string what) { return Error{Errc::usage, std::move(what), 0}; }

bool is_run_directory(const std::string& path) {
  return os::exists(path + "/run.bin") || os::exists(path + "/report.json");
}

/// When anything was last written to a journal of the run; nothing when there is none.
std::optional<std::chrono::nanoseconds> newest_journal(const std::string& directory) {
  std::optional<std::chrono::nanoseconds> newest;
  for (const std::string& name : os::list_directory(directory)) {
    if (!name.ends_with(".journal")) continue;
    const auto when = os::modified_at(directory + "/" + name);
    if (when && (!newest || *when > *newest)) newest = when;
  }
  return newest;
}

/// The report of a run that has none: what its processes would have written, had one of them been the last.
Result<report::RunReport> report_of_journals(const RunPlace& place) {
  auto context = run::load_kept_run(place.directory);
  if (!context) return context.error();
  report::MergeInput input = run::told_by_journals(*context);
  if (input.journals.empty() && context->plan.items.empty())
    return Error{Errc::broken, place.directory + ": the run ended before it left a report, and it has no journals", 0};
  report::RunReport report = report::merge(std::move(input));
  for (const report::TestRow& row : report.rows) {
    for (const report::Attempt& attempt : row.attempts)
      report.wall = std::max(report.wall, attempt.start + attempt.duration - report.start);
  }
  report.notes.emplace_back("this report was made from the journals of a run that did not come to its end");
  return report;
}

}  // namespace

Result<RunPlace> find_run(const std::string& given) {
  const auto found = [&](std::string directory) {
    RunPlace place{given, std::move(directory), ""};
    place.report = place.directory + "/report.json";
    return place;
  };
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status)) return usage("'" + given + "' is not there");
  if (!std::filesystem::is_directory(status)) {
    if (path.ends_with(".journal")) return found(os::directory_of(path));
    if (path.ends_with(".json")) return RunPlace{given, "", path};
    return usage("'" + given + "' is neither the directory of a run nor a report.json");
  }
  if (is_run_directory(path)) return found(path);
  if (is_run_directory(path + "/latest")) {
    // The run itself, so that a new one does not take its place meanwhile.
    const std::string run = os::read_link(path + "/latest");
    return found(run.empty() ? path + "/latest" : path + "/" + run);
  }
  return usage("'" + given + "' has no run in it: name the directory of a run, or a folder cleave/<target>");
}

bool is_current(const RunPlace& place, const std::string& name) {
  const auto written = os::modified_at(place.directory + "/" + name);
  if (!written) return false;
  const auto journal = newest_journal(place.directory);
  return !journal || *journal <= *written;
}

Result<report::RunReport> report_of(const RunPlace& place) {
  const bool alone = place.directory.empty();
  if (!alone && run::is_going_on(place.directory))
    return usage("'" + place.given + "': the run still goes on; see how far it is with cleave status");
  if (!alone && !is_current(place, "report.json")) return report_of_journals(place);
  const auto text = os::read_file(place.report);
  if (!text) return Error{alone ? Errc::usage : Errc::broken, text.error().what, text.error().sys_errno};
  auto report = read_report(*text);
  if (!report)
    return Error{alone ? Errc::usage : Errc::broken, place.report + ": is no report: " + report.error().what, 0};
  return report;
}

Result<ReportFormat> format_of(const std::string& word, const std::string& file) {
  constexpr std::array<std::pair<std::string_view, ReportFormat>, 7> kWords{{{"text", ReportFormat::text},
                                                                             {"junit", ReportFormat::junit},
                                                                             {"json", ReportFormat::json},
                                                                             {"html", ReportFormat::html},
                                                                             {"trace", ReportFormat::trace},
                                                                             {"tap", ReportFormat::tap},
                                                                             {"gtest-xml", ReportFormat::gtest_xml}}};
  for (const auto& [name, format] : kWords) {
    if (name == word) return format;
  }
  const std::string name = os::file_name_of(file);
  if (name == "trace.json") return ReportFormat::trace;
  constexpr std::array<std::pair<std::string_view, ReportFormat>, 6> kEnds{{{".xml", ReportFormat::junit},
                                                                            {".json", ReportFormat::json},
                                                                            {".html", ReportFormat::html},
                                                                            {".htm", ReportFormat::html},
                                                                            {".tap", ReportFormat::tap},
                                                                            {".txt", ReportFormat::text}}};
  for (const auto& [end, format] : kEnds) {
    if (name.ends_with(end)) return format;
  }
  if (file.empty()) return ReportFormat::text;
  return usage("'" + file + "' does not end with .xml, .json, .html, .tap or .txt: say with --format what to write");
}

std::string rendered(const report::RunReport& report, ReportFormat format) {
  switch (format) {
    case ReportFormat::junit: return report::junit_xml(report);
    case ReportFormat::json: return report::json_report(report);
    case ReportFormat::html: return report::html_report(report);
    case ReportFormat::trace: return report::trace_json(report);
    case ReportFormat::tap: return report::tap(report);
    case ReportFormat::gtest_xml: return report::gtest_xml(report);
    case ReportFormat::text: break;
  }
  std::string text;
  for (const report::RowView& view : report::reported_rows(report)) {
    if (!plan::is_green(view.outcome))
      text += report::failure_block(report, *view.test, report::final_attempt(*view.row), false);
  }
  for (const report::Problem& problem : report.problems) text += report::problem_block(problem, false);
  return text + report::summary(report, false);
}

}  // namespace cleave::cli
