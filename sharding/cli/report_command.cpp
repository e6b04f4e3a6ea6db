#include "cli/report_command.hpp"

#include <filesystem>

#include "cli/joined_report.hpp"
#include "cli/kept_report.hpp"
#include "os/file.hpp"
#include "report/html.hpp"

namespace cleave::cli {
namespace {

Result<void> write(const std::string& path, const std::string& text) {
  auto written = os::write_users_file(path, text);
  if (!written) return Error{Errc::usage, "write the report: " + written.error().what, written.error().sys_errno};
  return {};
}

/// What the run itself wrote in that format tells more than can be read back from report.json.
std::string own_report(ReportFormat format) {
  switch (format) {
    case ReportFormat::junit: return "junit.xml";
    case ReportFormat::json: return "report.json";
    case ReportFormat::html: return "report.html";
    case ReportFormat::trace: return "trace.json";
    case ReportFormat::text:
    case ReportFormat::tap:
    case ReportFormat::gtest_xml: break;
  }
  return "";
}

/// True when the words mean a folder that reports go into.
bool is_folder(const std::string& out) {
  std::error_code failed;
  return out.ends_with('/') || std::filesystem::is_directory(out, failed) ||
         os::file_name_of(out).find('.') == std::string::npos;
}

}  // namespace

Result<Done> run_report(const CommandWords& words) {
  const std::string out = words.value("--output");
  const auto format = format_of(words.value("--format"), out);
  if (!format) return format.error();
  const auto place = find_run(words.words[0]);
  if (!place) return place.error();
  const auto report = report_of(*place);
  if (!report) return report.error();
  std::string text;
  const std::string own = own_report(*format);
  if (!own.empty() && !place->directory.empty() && is_current(*place, own)) {
    auto bytes = os::read_file(place->directory + "/" + own);
    if (!bytes) return bytes.error();
    text = std::move(*bytes);
  } else {
    text = rendered(*report, *format);
  }
  Done done{std::move(text), report::exit_code_of(*report)};
  if (out.empty() || out == "-") return done;
  if (auto written = write(out, done.text); !written) return written.error();
  done.text = out + ": " + report::headline(*report) + "\n";
  return done;
}

Result<Done> run_merge(const CommandWords& words) {
  const std::string out = words.value("--output");
  if (out.empty()) return Error{Errc::usage, "cleave merge needs -o FOLDER|FILE; see cleave merge --help", 0};
  const bool folder = out != "-" && !words.has("--format") && is_folder(out);
  Result<ReportFormat> format = ReportFormat::text;
  if (!folder) format = format_of(words.value("--format"), out == "-" ? "" : out);
  if (!format) return format.error();
  std::vector<KeptReport> reports;
  for (const std::string& given : words.words) {
    const auto place = find_run(given);
    if (!place) return place.error();
    auto report = report_of(*place);
    if (!report) return report.error();
    reports.push_back({given, std::move(*report)});
  }
  auto all = joined(std::move(reports));
  if (!all) return all.error();
  Done done{"", report::exit_code_of(*all)};
  if (!folder) {
    done.text = rendered(*all, *format);
    if (out == "-") return done;
    if (auto written = write(out, done.text); !written) return written.error();
  } else {
    const std::string base = out.ends_with('/') ? out : out + "/";
    for (const ReportFormat each : {ReportFormat::junit, ReportFormat::json, ReportFormat::html, ReportFormat::trace}) {
      if (auto written = write(base + own_report(each), rendered(*all, each)); !written) return written.error();
    }
  }
  done.text = out + ": " + std::to_string(words.words.size()) + (words.words.size() == 1 ? " run: " : " runs: ") +
              report::headline(*all) + "\n";
  return done;
}

}  // namespace cleave::cli
