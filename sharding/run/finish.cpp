#include "run/finish.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/policy.hpp"
#include "plan/quarantine.hpp"
#include "plan/simulation.hpp"
#include "report/catch2_output.hpp"
#include "report/gtest_output.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "report/merge.hpp"
#include "report/order.hpp"
#include "report/trace.hpp"
#include "run/arguments.hpp"
#include "run/aside.hpp"
#include "run/failure.hpp"
#include "run/history_store.hpp"
#include "run/kept_run.hpp"
#include "run/pass_cache.hpp"
#include "run/policy.hpp"
#include "run/run_store.hpp"

namespace cleave::run {
namespace {

/// "xml:path", "xml:folder/", "xml" → the file, as GoogleTest would choose it.
std::string gtest_output_path(const std::string& output, const std::string& format, const std::string& binary) {
  const auto colon = output.find(':');
  if (colon == std::string::npos) return os::absolute_path("test_detail." + format);
  std::string path = os::absolute_path(output.substr(colon + 1));
  if (path.ends_with('/')) path += os::file_name_of(binary) + "." + format;
  return path;
}

Result<void> write_gtest_output(const report::RunReport& report) {
  const std::string& output = report.list.output;
  if (output.empty() || report.list.framework != "gtest") return {};
  const std::string format = output.substr(0, output.find(':'));
  if (format == "xml")
    return os::write_users_file(gtest_output_path(output, format, report.binary), report::gtest_xml(report));
  if (format == "json")
    return os::write_users_file(gtest_output_path(output, format, report.binary), report::gtest_json(report));
  return {};
}

Result<void> write_catch2_output(const Caller& caller, const report::RunReport& report, const RunContext& context) {
  const std::vector<ReportFile> files = catch2_report_files(report.list, caller.program.arguments);
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::vector<std::string> parts;
    for (const std::string& name : os::list_directory(context.directory)) {
      if (!name.ends_with(".part-" + std::to_string(i))) continue;
      auto text = os::read_file(context.file(name));
      if (text && !text->empty()) parts.push_back(std::move(*text));
    }
    const std::string merged = files[i].reporter == "junit" ? report::catch2_junit(report, parts)
                                                            : report::catch2_concat(report, files[i].reporter, parts);
    if (auto written = os::write_users_file(os::absolute_path(files[i].path), merged); !written) return written.error();
  }
  return {};
}

/// The first of several that failed, or none.
class FirstFailure {
 public:
  void add(Result<void> result) {
    if (first_ && !result) first_ = std::move(result);
  }
  const Result<void>& result() const { return first_; }

 private:
  Result<void> first_;
};

Result<void> write_json(const RunContext& context, const report::RunReport& report) {
  return os::write_file(context.file("report.json"), [&](const auto& take) { report::json_report(report, take); });
}

Result<void> write_junit(const RunContext& context, const report::RunReport& report) {
  return os::write_file(context.file("junit.xml"), [&](const auto& take) { report::junit_xml(report, take); });
}

Result<void> write_verdict(const RunContext& context, const report::RunReport& report) {
  FirstFailure failure;
  failure.add(write_junit(context, report));
  failure.add(write_json(context, report));
  return failure.result();
}

/// About half of the work on documents. Two processes that this is divided between take half the time for 20,000 tests.
class OtherDocuments {
 public:
  OtherDocuments(const RunContext& context, const report::RunReport& report) : context_(context), report_(report) {
    constexpr std::size_t kWorthAProcess = 2000;  // Documents of so many tests take some milliseconds.
    if (report.rows.size() >= kWorthAProcess) aside_ = Aside::begin([this] { return write().has_value(); });
  }
  /// Behind it they are whole, or one of them could not be written.
  Result<void> finish() {
    if (aside_.done()) return {};
    for (const char* name : {"junit.xml", "report.html", "trace.json", "order.json"}) {
      os::remove_torn_writes(context_.file(name));
    }
    return write();
  }

 private:
  Result<void> write() const {
    FirstFailure failure;
    failure.add(write_junit(context_, report_));
    failure.add(
        os::write_file(context_.file("report.html"), [this](const auto& take) { report::html_report(report_, take); }));
    failure.add(
        os::write_file(context_.file("trace.json"), [this](const auto& take) { report::trace_json(report_, take); }));
    failure.add(
        os::write_file(context_.file("order.json"), [this](const auto& take) { report::order_json(report_, take); }));
    return failure.result();
  }

  const RunContext& context_;
  const report::RunReport& report_;
  Aside aside_;
};

Result<void> write_documents(const Caller& caller, const RunContext& context, const report::RunReport& report) {
  FirstFailure failure;
  failure.add(write_json(context, report));
  failure.add(write_gtest_output(report));
  failure.add(write_catch2_output(caller, report, context));
  failure.add(RunStore(caller.home).update_last_failed(report));
  return failure.result();
}

/// Old runs go while this one's reports are written.
class OldRuns {
 public:
  OldRuns(const Caller& caller, const RunContext& context)
      : store_(caller.home), excess_(store_.in_excess(context.frame.run_id)) {
    if (excess_.empty()) return;
    aside_ = Aside::begin([this] {
      store_.remove_runs(excess_);
      return true;
    });
  }
  void finish() {
    if (!excess_.empty() && !aside_.done()) store_.remove_runs(excess_);
  }

 private:
  RunStore store_;
  std::vector<std::string> excess_;
  Aside aside_;
};

/// What could be written of a report that is not whole must not tell of a better end than this one: the verdict is
/// written anew, with why, in the space of what only shows it; where there is no place for that either, there is none.
void withdraw_reports(const RunContext& context, report::RunReport& report, const Error& why) {
  report::Problem problem;
  problem.title = "the reports could not be written whole";
  problem.detail = why.what;
  problem.when = os::wall_now();
  problem.run_broken = true;
  report.problems.push_back(std::move(problem));
  for (const char* shown : {"report.html", "trace.json", "junit.xml", "report.json"}) {
    os::remove_tree(context.file(shown));
  }
  if (write_verdict(context, report)) return;
  for (const char* told : {"junit.xml", "report.json"}) os::remove_tree(context.file(told));
}

/// Temp dirs of shards with a red attempt stay, for a look at them; empty ones and green ones go.
void remove_leftovers(const RunContext& context, const report::RunReport& report) {
  std::set<std::string> red;
  const auto lane_of = [&](const std::string& shard) { return lane_of_shard(context, shard); };
  for (const report::TestRow& row : report.rows) {
    for (const report::Attempt& attempt : row.attempts) {
      if (!plan::is_green(attempt.outcome) && !attempt.shard.empty())
        red.insert("s" + std::to_string(lane_of(attempt.shard)));
    }
  }
  const std::string temp = context.file("tmp");
  for (const std::string& name : os::list_directory(temp)) {
    if (red.count(name) == 0 || os::is_empty_directory(temp + "/" + name)) os::remove_tree(temp + "/" + name);
  }
  if (os::is_empty_directory(temp)) os::remove_tree(temp);
  forget_taken(context.directory);
  // What a run shares with nobody is its own to remove; entries of CTest may come back to theirs.
  if (!context.by_entries) {
    os::remove_tree(context.file("locks"));
    os::remove_tree(context.file("ports"));
  }
  for (const std::string& name : os::list_directory(context.directory)) {
    if (name.find(".part-") != std::string::npos || name.starts_with("queue-")) os::remove_tree(context.file(name));
  }
}

/// What the plan expects of the run, from what former runs took; zero when they say nothing, or when it is so large
/// that foreseeing it would take a good part of a second.
std::chrono::nanoseconds predicted_time(const RunContext& context, const plan::TestList& list, std::uint32_t lanes) {
  constexpr std::size_t kTooMany = 20000;
  const plan::Costs& costs = context.costs;
  const bool known = std::find(costs.known.begin(), costs.known.end(), true) != costs.known.end();
  if (!known || context.plan.items.size() > kTooMany) return {};
  plan::SimulationInput input;
  input.constraints = context.constraints;
  input.truth = costs.test;
  const std::string* suite = nullptr;  // Of the test before, which mostly has the same.
  for (const plan::TestCase& test : list.tests) {
    if (suite != nullptr && *suite == test.suite) {
      input.set_up.push_back(input.set_up.back());
      continue;
    }
    suite = &test.suite;
    const auto set_up = costs.suite_set_up.find(test.suite);
    input.set_up.push_back(set_up == costs.suite_set_up.end() ? std::chrono::nanoseconds{} : set_up->second);
  }
  input.process_start = costs.process_start;
  input.lanes = lanes;
  input.pulls = list.pulls;
  const plan::Simulation foreseen = plan::simulate(context.plan, input);
  return foreseen.stuck.empty() ? foreseen.makespan : std::chrono::nanoseconds{};
}

/// The history serves later runs: whatever is wrong with it leaves this one as it is.
void record_history(const Caller& caller, const RunContext& context, const report::RunReport& report) {
  const auto told = HistoryStore(caller.home).record(report, context.directory, plan::day_of(os::wall_now()));
  if (!told) {
    warn("the history of " + caller.name + " was not recorded: " + told.error().what);
  } else if (!told->empty()) {
    warn(*told);
  }
}

}  // namespace

Result<FinishedRun> finish_run(const Caller& caller, RunContext& context, bool last) {
  std::optional<OldRuns> old_runs;
  if (last) old_runs.emplace(caller, context);
  // Those of 100,000 tests take 14 MB, and mostly none of them says anything.
  const auto free = [](const plan::Constraints& one) { return one == plan::Constraints{}; };
  if (std::all_of(context.constraints.begin(), context.constraints.end(), free)) {
    std::vector<plan::Constraints>().swap(context.constraints);
  }
  std::vector<plan::TestCase> tests = std::exchange(context.frame.list.tests, {});
  report::MergeInput input = told_by_journals(context);
  input.frame.list.tests = std::move(tests);
  const std::string today = plan::date_of(context.frame.start);
  for (std::string& told : plan::stale_quarantine(input.frame.list, caller.settings.quarantine, today)) {
    input.frame.notes.push_back(std::move(told));
  }
  input.frame.flaky_is_red = policy_of(caller).flaky == plan::FlakyPolicy::fail;
  const bool told = report::any_entry_ended_red(input.journals);
  const bool ran_out = std::any_of(input.queues.begin(), input.queues.end(),
                                   [](const auto& queue) { return queue.second.retries_ran_out; });
  if (ran_out) {
    input.frame.notes.push_back("the run allows " + std::to_string(board_options(caller, context).retries) +
                                " retries, and all are used up: tests that failed after that were not tried again");
  }
  const report::Stage at_work = report::stage_of(input.journals);
  FinishedRun finished{report::merge(std::move(input)), told};
  // Its end follows and writes all of it; should that not come, the verdict is there. Documents that tell of an
  // execution before this one (red, and repeated) are written anew beside it.
  const int code = report::exit_code_of(finished.report);
  const bool fine = code == kGreen || code == kNothingToRun;
  if (!last && context.made_by_begin && fine && !os::exists(context.file("report.html"))) {
    if (auto written = write_verdict(context, finished.report); !written) {
      return Error{Errc::broken, "write the report: " + written.error().what, written.error().sys_errno};
    }
    return finished;
  }
  report::Stage stage = context.by_entries ? at_work : report::whole_run(finished.report);
  stage.capacity = context.lanes;
  if (stage.lanes > 0 && report::took_its_course(finished.report)) {
    finished.report.efficiency = report::efficiency_of(finished.report, context.plan, context.constraints, stage,
                                                       predicted_time(context, finished.report.list, stage.lanes));
  }
  const report::RunReport& report = finished.report;
  auto written = last ? keep_passes(caller, context, report) : Result<void>();
  // The plan has done its work, and what is written takes as much again.
  std::vector<plan::Constraints>().swap(context.constraints);
  context.costs = plan::Costs();
  OtherDocuments others(context, report);
  if (auto documents = write_documents(caller, context, report); !documents) written = documents;
  // What the tests took is true, whatever becomes of the other documents.
  if (written) record_history(caller, context, report);
  if (auto documents = others.finish(); !documents) written = documents;
  if (!written) {
    withdraw_reports(context, finished.report, written.error());
    return Error{Errc::broken, "write the report: " + written.error().what, written.error().sys_errno};
  }
  if (last) remove_leftovers(context, report);
  if (old_runs) old_runs->finish();
  return finished;
}

}  // namespace cleave::run
