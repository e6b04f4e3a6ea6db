#include "cli/joined_report.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "cli/report_file.hpp"
#include "report/rows.hpp"

namespace cleave::cli {
namespace {

using report::RunReport;

/// The runs of one program.
struct Program {
  std::vector<KeptReport> runs;
};

bool has_run(const Program& program, const RunReport& report, bool same_place) {
  const RunReport& first = program.runs.front().report;
  if (first.target != report.target || first.list.framework != report.list.framework) return false;
  return std::ranges::any_of(program.runs, [&](const KeptReport& run) {
    return same_place ? run.report.binary == report.binary : run.report.host == report.host;
  });
}

/// The program of which this is a run: one with its path, else one of its target that did not run on its machine.
Program* program_of(std::vector<Program>& programs, const RunReport& report) {
  for (Program& program : programs) {
    if (has_run(program, report, true)) return &program;
  }
  for (Program& program : programs) {
    const RunReport& first = program.runs.front().report;
    const bool same_target = first.target == report.target && first.list.framework == report.list.framework;
    if (same_target && !has_run(program, report, false)) return &program;
  }
  return nullptr;
}

/// What each run's shards are called after.
std::vector<std::string> labels_of(const std::vector<KeptReport>& runs) {
  std::set<std::string> hosts;
  for (const KeptReport& run : runs) hosts.insert(run.report.host);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool by_host = hosts.size() == runs.size() && !runs[i].report.host.empty();
    labels.push_back(by_host ? runs[i].report.host : "run-" + std::to_string(i + 1));
  }
  return labels;
}

bool was_started(const report::TestRow& row) {
  return std::ranges::any_of(row.attempts,
                             [](const report::Attempt& one) { return one.outcome != plan::Outcome::not_run; });
}

/// Joins runs of one program, one after the other.
class Joiner {
 public:
  explicit Joiner(RunReport frame) : all_(std::move(frame)) {}

  void take(const RunReport& run, const std::string& label) {
    label_ = label;
    std::map<std::tuple<std::string, std::string>, std::uint32_t> seen;
    for (const report::RowView& view : report::reported_rows(run)) {
      const std::uint32_t which = seen[{view.test->suite, view.test->name}]++;
      take(*view.test, *view.row, which);
    }
    for (report::Problem problem : run.problems) {
      problem.title = label_ + ": " + problem.title;
      if (!problem.shard.empty()) problem.shard = label_ + "/" + problem.shard;
      all_.problems.push_back(std::move(problem));
    }
    for (report::SuiteCost cost : run.costs) {
      cost.shard = label_ + "/" + cost.shard;
      all_.costs.push_back(std::move(cost));
    }
    for (const auto& suite : run.suite_properties) all_.suite_properties.push_back(suite);
    for (const auto& property : run.run_properties) all_.run_properties.push_back(property);
    for (const std::string& note : run.notes) all_.notes.push_back(label_ + ": " + note);
    all_.flaky_is_red = all_.flaky_is_red || run.flaky_is_red;
    if (all_.interrupted_by.empty()) all_.interrupted_by = run.interrupted_by;
  }

  RunReport end() {
    if (told_again_ > 0) {
      all_.notes.push_back(std::to_string(told_again_) + (told_again_ == 1 ? " test was" : " tests were") +
                           " run by several runs: the one that was named first counts");
    }
    return std::move(all_);
  }

 private:
  void take(const plan::TestCase& test, report::TestRow row, std::uint32_t which) {
    for (report::Attempt& attempt : row.attempts) {
      if (!attempt.shard.empty()) attempt.shard = label_ + "/" + attempt.shard;
    }
    row.outcome = report::verdict_of(test, row);
    const auto [place, fresh] = places_.emplace(std::tuple(test.suite, test.name, which), all_.rows.size());
    if (fresh) {
      row.index = static_cast<std::uint32_t>(all_.rows.size());
      all_.list.tests.push_back(test);
      all_.list.tests.back().position = row.index;
      all_.rows.push_back(std::move(row));
      first_.push_back(label_);
      return;
    }
    report::TestRow& have = all_.rows[place->second];
    row.index = have.index;
    if (!was_started(row)) return;
    const bool was_none = !was_started(have);
    if (was_none || conflict(test, have, row)) {
      have = std::move(row);
      all_.list.tests[have.index].selected = true;
      all_.list.tests[have.index].disabled = have.outcome == plan::Outcome::disabled;
      if (was_none) first_[have.index] = label_;
      return;
    }
    ++told_again_;
  }

  /// One of two says green, the other red: tells of it. True when it is the later one that is red.
  bool conflict(const plan::TestCase& test, const report::TestRow& first, const report::TestRow& later) {
    if (plan::is_green(first.outcome) == plan::is_green(later.outcome)) return false;
    report::Problem problem;
    problem.title = plan::full_name(test, all_.list.framework) + " has contradictory outcomes";
    problem.detail = first_[first.index] + " says " + std::string(plan::name_of(first.outcome)) + ", " + label_ +
                     " says " + std::string(plan::name_of(later.outcome)) + ". The red one counts.";
    problem.suite = test.suite;
    problem.when = report::final_attempt(later).start;
    problem.run_broken = true;
    if (contradictions_.insert(problem.title).second) all_.problems.push_back(std::move(problem));
    return plan::is_green(first.outcome);
  }

  RunReport all_;
  std::string label_;
  std::map<std::tuple<std::string, std::string, std::uint32_t>, std::size_t> places_;
  std::vector<std::string> first_;  ///< By row: which run told of it first.
  std::set<std::string> contradictions_;
  std::uint32_t told_again_ = 0;
};

/// Id, times and the like of all runs together: what they have in common, and what spans them.
RunReport frame_of(const std::vector<const RunReport*>& runs) {
  RunReport frame;
  frame.run_id = runs.front()->run_id;
  frame.target = runs.front()->target;
  frame.binary = runs.front()->binary;
  frame.host = runs.front()->host;
  frame.start = runs.front()->start;
  frame.shard_count = 0;
  report::UnixTime end = frame.start;
  for (const RunReport* run : runs) {
    frame.start = std::min(frame.start, run->start);
    end = std::max(end, run->start + run->wall);
    frame.shard_count += run->shard_count;
    if (run->host != frame.host) frame.host = "several";
  }
  frame.wall = end - frame.start;
  const plan::TestList& list = runs.front()->list;
  frame.list.framework = list.framework;
  frame.list.framework_version = list.framework_version;
  frame.list.repeat = list.repeat;
  frame.list.seed = list.seed;
  frame.list.shuffled = list.shuffled;
  return frame;
}

std::vector<const RunReport*> reports_of(const std::vector<KeptReport>& runs) {
  std::vector<const RunReport*> reports;
  for (const KeptReport& run : runs) reports.push_back(&run.report);
  return reports;
}

RunReport joined_runs(Program program) {
  if (program.runs.size() == 1) return std::move(program.runs.front().report);
  Joiner joiner(frame_of(reports_of(program.runs)));
  const std::vector<std::string> labels = labels_of(program.runs);
  for (std::size_t i = 0; i < labels.size(); ++i) joiner.take(program.runs[i].report, labels[i]);
  return joiner.end();
}

}  // namespace

Result<RunReport> joined(std::vector<KeptReport> reports) {
  std::map<std::string, std::string> ids;
  std::vector<Program> programs;
  for (KeptReport& kept : reports) {
    const std::string id = kept.report.host + "\n" + kept.report.binary + "\n" + kept.report.run_id;
    const auto [other, fresh] = ids.emplace(id, kept.given);
    if (!fresh) return Error{Errc::usage, "'" + other->second + "' and '" + kept.given + "' are the same run", 0};
    if (Program* const program = program_of(programs, kept.report)) {
      program->runs.push_back(std::move(kept));
    } else {
      programs.emplace_back().runs.push_back(std::move(kept));
    }
  }
  std::vector<RunReport> joins;
  for (Program& program : programs) joins.push_back(joined_runs(std::move(program)));
  if (joins.size() == 1) return std::move(joins.front());
  std::map<std::string, std::uint32_t> names;
  std::vector<NamedReport> named;
  std::vector<const RunReport*> all;
  for (const RunReport& join : joins) {
    const std::uint32_t which = ++names[join.target];
    named.push_back({join.target + (which == 1 ? "" : "#" + std::to_string(which)), &join});
    all.push_back(&join);
  }
  RunReport frame = frame_of(all);
  frame.target = "merged";
  frame.binary.clear();
  return merged(std::move(frame), named);
}

}  // namespace cleave::cli
