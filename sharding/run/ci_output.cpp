#include "run/ci_output.hpp"

#include <algorithm>
#include <utility>

#include "os/fd.hpp"
#include "os/file.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "report/ci.hpp"
#include "run/failure.hpp"

namespace cleave::run {
namespace {

/// What has more lines is folded.
constexpr std::ptrdiff_t kLong = 25;

}  // namespace

CiOutput::CiOutput(const RunContext& context) : context_(context) {
  if (os::environment("GITHUB_ACTIONS") == "true") {
    system_ = System::github;
    checkout_ = os::environment("GITHUB_WORKSPACE").value_or("");
  } else if (os::environment("GITLAB_CI") == "true") {
    system_ = System::gitlab;
  } else if (!os::environment("TEAMCITY_VERSION").value_or("").empty()) {
    system_ = System::teamcity;
  }
}

std::string CiOutput::block(const std::string& text) {
  if (system_ == System::none) return text;
  const std::string safe = report::without_ci_commands(text);
  if (std::count(safe.begin(), safe.end(), '\n') <= kLong || system_ == System::teamcity) return safe;
  const std::string title = safe.substr(0, safe.find('\n'));
  const std::string rest = safe.substr(title.size() + 1);
  if (system_ == System::github) return report::github_group(title, rest);
  const std::string name = "cleave_" + std::to_string(os::current_pid()) + "_" + std::to_string(++sections_);
  return report::gitlab_section(name, title, rest, os::wall_now());
}

std::string CiOutput::lines(std::string text) const {
  return system_ == System::none ? std::move(text) : report::without_ci_commands(text);
}

std::string CiOutput::attempt(const report::AttemptRecord& record) const {
  // What comes of a test is said when it is final.
  if (record.attempt.tried_again) return "";
  const plan::TestCase& test = context_.frame.list.tests[context_.plan.items[record.item].index];
  const bool failed = !plan::is_green(record.attempt.outcome) && record.attempt.outcome != plan::Outcome::not_run;
  if (system_ == System::teamcity) return report::teamcity_test(context_.frame, test, record.attempt);
  if (system_ != System::github || !failed) return "";
  return report::github_annotation(context_.frame, test, record.attempt, checkout_,
                                   context_.is_quarantined(record.item));
}

void CiOutput::add_summary(const report::RunReport& report) const {
  const std::string path = os::environment("GITHUB_STEP_SUMMARY").value_or("");
  if (system_ != System::github || path.empty()) return;
  auto file = os::open_append(path);
  const auto written = file ? os::write_all(file->get(), report::github_summary(report)) : Result<void>(file.error());
  if (!written) warn("the summary of the job was not written: " + written.error().what);
}

}  // namespace cleave::run
